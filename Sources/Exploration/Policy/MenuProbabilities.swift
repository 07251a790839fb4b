/// With which probabilities the last slot's item is drawn, at any exploration weight.
///
/// Of `n` alternatives to what is believed best, an alternative that is the best of the slot with
/// probability `p` (0 for an established one) is drawn with
///
///     (1 - w/30) · p · min(1, w / Σp) + w/30 / n
///
/// at weight `w`, and what is believed best with what is left of 1. The policy draws by this very
/// formula, so that from logged `p` another weight's propensities follow exactly.
public struct MenuProbabilities: Sendable {
  private let keep: Double
  private let factor: Double
  /// The probability of an alternative that is never the best.
  public let floor: Double

  /// Prepares a menu.
  ///
  /// - Parameters:
  ///   - weight: the exploration weight, above 0 and at most 1.
  ///   - alternativeCount: how many items there are beside what is believed best, at least 1.
  ///   - matchingTotal: the sum of their probabilities of being the best.
  public init(weight: Double, alternativeCount: Int, matchingTotal: Double) {
    let share = weight / Self.floorDivisor
    keep = 1 - share
    factor = matchingTotal > weight ? weight / matchingTotal : 1
    floor = share / Double(alternativeCount)
  }

  /// The part of the weight that is spread evenly over all alternatives, so that each keeps a
  /// chance however little is thought of it.
  static let floorDivisor = 30.0

  /// The probability of drawing an alternative that is the best of the slot with probability
  /// `matching`.
  public func propensity(matching: Double) -> Double { keep * (matching * factor) + floor }

  /// The probability of being the best of the slot that gives a probability of drawing, where the
  /// weight does not cut: the inverse of ``propensity(matching:)``.
  public func matching(propensity: Double) -> Double { (propensity - floor) / (keep * factor) }
}
