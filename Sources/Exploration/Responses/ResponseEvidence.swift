internal import Foundation

/// What one response says about the log-odds `z` of acceptance: the slope of its log-likelihood and
/// the expected information (Fisher's).
///
/// The examination model (Craswell et al. 2008, doi:10.1145/1341531.1341545): a slot is examined
/// with a probability `e` that depends on nothing but the slot; an examined product is accepted
/// with `p = 1 / (1 + exp(-z))`, and when not, dismissed with `d`:
///
/// | response | probability | slope |
/// |---|---|---|
/// | accepted | `e p` | `1 - p` |
/// | dismissed | `e (1 - p) d` | `-p` |
/// | none | `1 - e + e (1 - p) (1 - d)` | `-e (1 - d) p (1 - p)` over that probability |
struct ResponseEvidence {
  let slope: Double
  let information: Double

  /// Weighs one response.
  ///
  /// - Parameters:
  ///   - response: what was seen.
  ///   - logit: the log-odds of acceptance at which slope and information are taken.
  ///   - examination: `e`, above 0 and at most 1.
  ///   - dismissal: `d`, from 0 to 1.
  init(_ response: Response, logit: Double, examination: Double, dismissal: Double) {
    let (e, d) = (examination, dismissal)
    let p = 1 / (1 + exp(-logit))
    let refused = 1 - p
    let silence = max(1 - e + e * refused * (1 - d), Self.leastProbability)
    let silentSlope = -e * (1 - d) * p * refused / silence
    switch response {
    case .accepted: slope = refused
    case .dismissed: slope = -p
    case .none: slope = silentSlope
    }
    information =
      e * p * refused * refused + e * d * refused * p * p + silence * silentSlope * silentSlope
  }

  private static let leastProbability = 1e-12
}
