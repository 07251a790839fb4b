internal import Dispatch

/// Runs independent pieces of work on several threads.
public enum Parallel {
  /// The number of processors this process may use.
  public static var processorCount: Int { ProcessInfoProcessors.count }

  /// Calls `body` once for each index in 0..<count, on up to `threadCount` threads at a time.
  ///
  /// Which thread runs which index is not fixed: results must be written where only that index
  /// writes, and be combined in index order, for the outcome not to depend on the thread count.
  ///
  /// - Parameters:
  ///   - count: the number of pieces.
  ///   - threadCount: the most threads to use; 1 runs everything on the caller's.
  ///   - body: the work of one piece.
  public static func forEach(
    count: Int, threadCount: Int, _ body: @Sendable (Int) -> Void
  ) {
    if threadCount <= 1 || count <= 1 {
      for index in 0..<count { body(index) }
      return
    }
    let counter = SharedCounter()
    DispatchQueue.concurrentPerform(iterations: min(threadCount, count)) { _ in
      while true {
        let index = counter.next()
        if index >= count { return }
        body(index)
      }
    }
  }

  /// Splits 0..<count into ranges of at most `chunkSize`, in order.
  public static func chunks(of count: Int, chunkSize: Int) -> [Range<Int>] {
    precondition(chunkSize > 0, "chunks of \(chunkSize)")
    return stride(from: 0, to: count, by: chunkSize).map { $0..<min($0 + chunkSize, count) }
  }
}
