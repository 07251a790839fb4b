internal import TensorFiles

/// Memory of plain values that several threads fill at different places and a column takes over.
final class WorkBuffer<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
  let base: UnsafeMutablePointer<Element>
  let count: Int

  init(count: Int) {
    self.count = count
    base = .allocate(capacity: max(count, 1))
  }

  convenience init(repeating value: Element, count: Int) {
    self.init(count: count)
    base.initialize(repeating: value, count: count)
  }

  deinit { base.deallocate() }

  /// The values as a column, without a copy.
  var column: Column<Element> {
    Column(buffer: UnsafeBufferPointer(start: base, count: count), owner: self)
  }
}
