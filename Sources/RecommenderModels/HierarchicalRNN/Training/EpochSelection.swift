/// Which epoch did best on what was held back, and whether to go on.
struct EpochSelection: Codable, Equatable {
  /// The best epoch so far, from 1; 0 before any was measured.
  private(set) var bestEpoch = 0
  /// What was measured after it.
  private(set) var bestValidation: [String: Double] = [:]

  /// What decides: the log-loss where scores are probabilities, because every customer has a part
  /// in it, and MAP only those few who take something; else MAP. Higher is better.
  static func score(_ validation: [String: Double]) -> Double? {
    let score = validation["log_loss"].map { -$0 } ?? validation["map_at_7"]
    return score.flatMap { $0.isFinite ? $0 : nil }
  }

  /// Takes an epoch's metrics in.
  ///
  /// - Returns: whether it is the best so far; of equals the first is.
  mutating func add(epoch: Int, validation: [String: Double]) -> Bool {
    guard let score = Self.score(validation) else { return false }
    if let best = Self.score(bestValidation), best >= score { return false }
    bestEpoch = epoch
    bestValidation = validation
    return true
  }

  /// Whether an epoch is the last for want of improvement.
  ///
  /// - Parameters:
  ///   - epoch: the epoch just measured.
  ///   - patience: the epochs without improvement after which training ends; 0 for none.
  /// - Returns: whether training ends.
  func isOver(epoch: Int, patience: Int) -> Bool {
    patience > 0 && bestEpoch > 0 && epoch - bestEpoch >= patience
  }
}
