internal import Foundation

/// Tells when customers no longer respond to a product as was learned.
///
/// Two cumulative sums of log-likelihood ratios (Page 1954, doi:10.1093/biomet/41.1-2.100): one of a
/// chance that has fallen to a share of what is believed, one of a chance that has risen to a multiple.
/// Each never falls below 0, and an alarm is raised when one reaches a limit.
struct ChangeDetector: Sendable, Codable {
  private var fallen = 0.0
  private var risen = 0.0

  /// The chances compared with what is believed.
  static let fall = 0.25
  static let rise = 4.0
  /// The log-likelihood ratio of an alarm: without a change, alarms are at least exp(limit)
  /// showings apart on average.
  static let limit = 12.0
  /// The largest variance of the log-odds at which a belief can be contradicted; a vaguer one is
  /// still being learned.
  static let varianceLimit = 0.5
  private static let highestChance = 0.9

  /// Takes a showing in, before it is learned from.
  ///
  /// - Parameters:
  ///   - response: what the customer did.
  ///   - logit: mean and variance of the belief.
  ///   - examination: the probability that the slot was looked at.
  /// - Returns: whether the product seems to have changed.
  mutating func observe(
    _ response: Response, logit: (mean: Double, variance: Double), examination: Double
  ) -> Bool {
    guard logit.variance < Self.varianceLimit else { return false }
    let chance = examination / (1 + exp(-logit.mean))
    fallen = max(0, fallen + Self.ratio(chance * Self.fall, chance, response))
    risen = max(
      0, risen + Self.ratio(min(chance * Self.rise, Self.highestChance), chance, response))
    return max(fallen, risen) >= Self.limit
  }

  /// The log-likelihood ratio of another chance of acceptance than the one believed.
  private static func ratio(_ other: Double, _ chance: Double, _ response: Response) -> Double {
    response == .accepted ? log(other / chance) : log((1 - other) / (1 - chance))
  }
}
