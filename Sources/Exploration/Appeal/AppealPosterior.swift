/// What is believed of one product's appeal: a Gaussian over the weights of a logistic model of its
/// acceptance.
///
/// A response moves it by one Gauss-Newton step, the extended Kalman filter's: with the active
/// features `x`, `h = Σ x`, slope `g` and information `I` of the response at the mean,
/// `μ += h g / (1 + I x·h)` and `Σ -= h hᵀ I / (1 + I x·h)`.
struct AppealPosterior: Sendable, Codable {
  /// `[features]`
  private(set) var mean: [Double]
  /// `[features, features]`, row-major and symmetric.
  private(set) var covariance: [Double]
  private var gain: [Double]

  init(_ prior: AppealPrior, featureCount: Int) {
    mean = (0..<featureCount).map { prior.mean(of: $0) }
    covariance = [Double](repeating: 0, count: featureCount * featureCount)
    for feature in 0..<featureCount {
      covariance[feature * featureCount + feature] = prior.variance(of: feature)
    }
    gain = [Double](repeating: 0, count: featureCount)
  }

  /// Whether what was read is a belief about so many features.
  func holdsTogether(featureCount: Int) -> Bool {
    mean.count == featureCount && gain.count == featureCount
      && covariance.count == featureCount * featureCount && mean.allSatisfy(\.isFinite)
      && covariance.allSatisfy(\.isFinite)
  }

  /// The mean and variance of the log-odds where these features are 1.
  func logit(_ features: [Int]) -> (mean: Double, variance: Double) {
    let width = mean.count
    var sum = 0.0
    var variance = 0.0
    for (place, feature) in features.enumerated() {
      sum += mean[feature]
      let row = feature * width
      variance += covariance[row + feature]
      var cross = 0.0
      for other in features[(place + 1)...] { cross += covariance[row + other] }
      variance += 2 * cross
    }
    return (sum, max(variance, Self.leastVariance))
  }

  /// Learns from one response.
  ///
  /// - Parameters:
  ///   - features: those that are 1.
  ///   - response: what the customer did.
  ///   - examination: the probability that the slot was looked at.
  ///   - dismissal: how often what is examined and not taken is dismissed.
  mutating func update(
    _ features: [Int], response: Response, examination: Double, dismissal: Double
  ) {
    let width = mean.count
    let before = logit(features)
    let evidence = ResponseEvidence(
      response, logit: before.mean, examination: examination, dismissal: dismissal)
    let denominator = 1 + evidence.information * before.variance
    let step = evidence.slope / denominator
    let shrinkage = evidence.information / denominator
    for column in 0..<width { gain[column] = 0 }
    for feature in features {
      let row = feature * width
      for column in 0..<width { gain[column] += covariance[row + column] }
    }
    for row in 0..<width {
      mean[row] += gain[row] * step
      let factor = gain[row] * shrinkage
      for column in 0..<width { covariance[row * width + column] -= factor * gain[column] }
    }
  }

  /// Forgets a share of what was learned: mean and covariance move that far back to the prior.
  mutating func relax(_ share: Double, towards prior: AppealPrior) {
    let width = mean.count
    for row in 0..<width {
      mean[row] += share * (prior.mean(of: row) - mean[row])
      for column in 0..<width {
        let goal = row == column ? prior.variance(of: row) : 0
        covariance[row * width + column] += share * (goal - covariance[row * width + column])
      }
    }
  }

  private static let leastVariance = 1e-9
}
