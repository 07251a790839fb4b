/// Fits a cold product's prior to what the model says of products like it.
///
/// For one customer after another the appeal of those products is given as log-odds; a Kalman filter
/// with independent weights finds how it depends on the customer's attributes, as
/// ``SlatePolicy/observe(_:)`` does for an established product.
public struct PriorFit: Sendable {
  private let schema: ContextSchema
  private var scores: EstablishedScores
  private var features: [Int] = []

  /// Begins a fit.
  ///
  /// - Parameter schema: the attributes of customers.
  public init(schema: ContextSchema) {
    self.schema = schema
    scores = EstablishedScores(featureCount: schema.featureCount)
  }

  /// Takes in what the product's likes appeal to one customer.
  ///
  /// - Parameters:
  ///   - logit: the log-odds.
  ///   - context: the customer.
  public mutating func observe(_ logit: Double, context: [UInt8]) {
    schema.activate(context, into: &features)
    scores.observe(0, score: logit, features)
  }

  /// The prior: the fitted means, with the deviations of another prior; that other one as it is
  /// when nothing was observed.
  ///
  /// - Parameter other: where deviations come from.
  /// - Returns: the prior.
  public func prior(deviationsOf other: AppealPrior) -> AppealPrior {
    guard let weights = scores.weights(of: 0), let bias = weights.first else { return other }
    return AppealPrior(
      logit: bias, biasDeviation: other.biasDeviation, weightDeviation: other.weightDeviation,
      weights: Array(weights.dropFirst()))
  }
}
