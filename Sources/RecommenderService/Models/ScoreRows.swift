internal import Synchronization
internal import TensorFiles

/// The memory of a score table, written by one filling while others read what is ready.
///
/// Rows before ``readyCount`` do not change any more; nobody reads those behind it. The counter is
/// published after the rows, so that whoever sees it sees them.
final class ScoreRows: @unchecked Sendable {
  let customerCount: Int
  private let itemCount: Int
  /// `[customers, items]`, row-major
  private let values: UnsafeMutableBufferPointer<Float>
  private let ready = Atomic<Int>(0)
  private let stopped = Atomic<Bool>(false)

  init(customerCount: Int, itemCount: Int) {
    self.customerCount = customerCount
    self.itemCount = itemCount
    // Not initialised: pages that nobody has filled cost neither time nor memory.
    let count = customerCount * itemCount
    let memory = LargeMemory.allocate(byteCount: count * MemoryLayout<Float>.stride)
    values = UnsafeMutableBufferPointer(
      start: memory.bindMemory(to: Float.self, capacity: count), count: count)
  }

  deinit { if let base = values.baseAddress { LargeMemory.deallocate(base) } }

  var readyCount: Int { ready.load(ordering: .acquiring) }
  var isStopped: Bool { stopped.load(ordering: .relaxed) }

  func stop() { stopped.store(true, ordering: .relaxed) }

  /// The row of a customer; nil while it is not ready. `[items]`
  @inline(__always)
  func row(ofCustomer customer: Int) -> UnsafeBufferPointer<Float>? {
    guard customer < readyCount else { return nil }
    return UnsafeBufferPointer(
      rebasing: values[customer * itemCount..<(customer + 1) * itemCount])
  }

  /// Writes the row of a customer that is not ready. `scores: [items]`
  func write(_ scores: UnsafeMutableBufferPointer<Float>, ofCustomer customer: Int) {
    let row = values.extracting(customer * itemCount..<(customer + 1) * itemCount)
    _ = row.initialize(fromContentsOf: scores)
  }

  /// Makes the rows of the customers before `end` ready.
  func publish(through end: Int) { ready.store(end, ordering: .releasing) }
}
