internal import Foundation

/// A model's probabilities as the policy takes them: log-odds, in the precision they are kept in.
enum ScoreLogits {
  /// The least and greatest probability that are told apart from 0 and 1.
  private static let range = 1e-7...(1 - 1e-7)

  /// The log-odds of a score that is a probability, or a share of one next event.
  static func logit(_ score: Float) -> Float {
    let chance = min(max(Double(score), range.lowerBound), range.upperBound)
    return Float(log(chance / (1 - chance)))
  }

  /// The probability of log-odds.
  static func probability(_ logit: Double) -> Double { 1 / (1 + exp(-logit)) }
}
