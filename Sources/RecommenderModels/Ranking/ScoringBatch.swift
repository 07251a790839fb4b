/// How many customers are scored at a time.
public enum ScoringBatch {
  /// The most bytes of scores a thread holds, unless one customer's take more.
  public static let byteLimit = 16 << 20

  /// The customers of one batch: what the scorer takes, less where the catalogue is so large that
  /// the scores would not fit ``byteLimit``; at least 1.
  ///
  /// It depends on nothing else, so that results are the same at any number of threads, and the
  /// same whether customers are ranked or evaluated.
  public static func size(for scorer: any Scorer, itemCount: Int) -> Int {
    let fitting = byteLimit / (max(itemCount, 1) * MemoryLayout<Float>.stride)
    return min(scorer.batchLimit, max(fitting, 1))
  }
}
