/// Memory that several threads write, each element by one of them.
final class ParallelOutput<Element: Sendable>: @unchecked Sendable {
  let values: UnsafeMutableBufferPointer<Element>

  init(repeating element: Element, count: Int) {
    values = .allocate(capacity: count)
    values.initialize(repeating: element)
  }

  deinit {
    values.deinitialize()
    values.deallocate()
  }
}
