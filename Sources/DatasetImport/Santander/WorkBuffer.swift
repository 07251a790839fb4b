internal import Foundation
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

enum Parallel {
  /// Runs a body once for each number below `count`, on as many threads as there are cores.
  static func run(_ count: Int, _ body: @Sendable (Int) -> Void) {
    if count == 1 { return body(0) }
    DispatchQueue.concurrentPerform(iterations: count, execute: body)
  }

  /// Cuts `0..<total` into `parts` ranges of about equal length.
  static func ranges(_ total: Int, parts: Int) -> [Range<Int>] {
    (0..<parts).map { total * $0 / parts..<total * ($0 + 1) / parts }
  }
}
