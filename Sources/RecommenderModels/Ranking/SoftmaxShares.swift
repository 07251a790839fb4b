/// Scores of one customer as shares of the whole catalogue, as Amazon Personalize shows them:
///
///     share_i = exp(ℓ_i) / Σ_j exp(ℓ_j)
///
/// over all items `j` that the customer may be offered, so that they sum to 1. Of scores that are
/// probabilities the logit is `ℓ = ln(p / (1 - p))`, hence the share is the item's odds in the sum
/// of odds. Scores that are shares already are made to sum to 1 over what may be offered. A share is not a probability of taking the item: it tells which one is taken if exactly
/// one is. A customer who takes nothing has as high shares as one who takes everything, and the
/// shares of two customers cannot be compared, while their probabilities can.
public struct SoftmaxShares {
  private let scale: ScoreScale
  private let total: Double
  private let count: Int

  /// Sums one customer's scores.
  ///
  /// - Parameters:
  ///   - scores: the scores, minus infinity where an item may not be offered. `[items]`
  ///   - scale: what they are; `ordinal` scores have no shares.
  public init(_ scores: UnsafeBufferPointer<Float>, scale: ScoreScale) {
    precondition(scale != .ordinal, "scores that only order items have no softmax")
    self.scale = scale
    var total = 0.0
    var count = 0
    for score in scores where score > -.infinity {
      total += Self.weight(score, scale)
      count += 1
    }
    self.total = total
    self.count = count
  }

  /// The share of an item with a score; equal shares where no item has any probability.
  public func share(of score: Float) -> Float {
    total > 0 ? Float(Self.weight(score, scale) / total) : 1 / Float(max(count, 1))
  }

  private static func weight(_ score: Float, _ scale: ScoreScale) -> Double {
    switch scale {
    case .probability:
      // The largest number below 1: odds stay finite.
      let probability = Double(min(max(score, 0), 1 - 0x1p-24))
      return probability / (1 - probability)
    case .share: return Double(max(score, 0))
    case .ordinal: return 0
    }
  }
}
