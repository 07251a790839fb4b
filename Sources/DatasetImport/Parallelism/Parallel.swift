internal import Dispatch

/// Splits the importer's work over threads.
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
