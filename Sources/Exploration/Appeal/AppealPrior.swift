/// What is believed of a product's appeal before anybody has seen it: independent Gaussians over the
/// weights of the features.
public struct AppealPrior: Sendable, Equatable, Codable {
  /// The mean log-odds of acceptance; -5 is one in 150.
  public var logit: Double
  /// The standard deviation of the bias, in log-odds.
  public var biasDeviation: Double
  /// The standard deviation of each attribute value's weight, in log-odds.
  public var weightDeviation: Double
  /// The mean of each attribute value's weight, in the order of the schema's features without the
  /// bias; 0 for those past its end.
  public var weights: [Double]

  /// Makes a prior.
  public init(
    logit: Double = -5, biasDeviation: Double = 0.8, weightDeviation: Double = 0.4,
    weights: [Double] = []
  ) {
    self.logit = logit
    self.biasDeviation = biasDeviation
    self.weightDeviation = weightDeviation
    self.weights = weights
  }

  func mean(of feature: Int) -> Double {
    if feature == 0 { return logit }
    return feature <= weights.count ? weights[feature - 1] : 0
  }
  func variance(of feature: Int) -> Double {
    let deviation = feature == 0 ? biasDeviation : weightDeviation
    return deviation * deviation
  }
}
