internal import Foundation

/// Calibrates a model's scores of established products by what customers do.
///
/// A score is split into what the model says of customers like this one, a sum over the context's
/// features, and this customer's deviation from it. The first is learned from the scores
/// themselves; how far the second is to be believed is learned from responses, for all products
/// together, and so is an offset for each product:
///
/// `logit = Σ weights(features) + trust · (score - Σ weights(features)) + offset`
///
/// Trust begins at 1, which is the model's own score. Where deviations turn out to say nothing about
/// acceptance it falls towards 0, and what the model says of the segment remains.
struct EstablishedScores: Sendable, Codable {
  /// The most products that are calibrated; scores of further ones are taken as they are.
  static let itemLimit = 4096

  private let featureCount: Int
  private var places: [Int: Int] = [:]
  /// `[items, features]`, row-major: what the model says of each feature, as independent Gaussians.
  private var weights: [Double] = []
  private var weightVariances: [Double] = []
  private var offsets: [Double] = []
  private var offsetVariances: [Double] = []
  /// The variance of the deviations.
  private var noise = 0.25
  private var noiseCount = 4.0
  /// How far a deviation is believed.
  private(set) var trust = 1.0
  private var trustVariance = 0.25

  private static let weightVariance = 0.25
  private static let offsetVariance = 0.09
  private static let leastVariance = 1e-5
  private static let noiseMemory = 100_000.0
  private static let trustRange = 0.0...1.2

  init(featureCount: Int) { self.featureCount = featureCount }

  /// Whether what was read is of so many features, about products of the catalogue, each in one place.
  func holdsTogether(featureCount: Int, itemCount: Int) -> Bool {
    self.featureCount == featureCount && places.count <= Self.itemLimit
      && places.keys.allSatisfy { (0..<itemCount).contains($0) }
      && Set(places.values) == Set(0..<places.count)
      && [weights.count, weightVariances.count]
        .allSatisfy { $0 == places.count * featureCount }
      && [offsets.count, offsetVariances.count].allSatisfy { $0 == places.count }
      && [noise, noiseCount, trust, trustVariance].allSatisfy(\.isFinite)
      && [weights, weightVariances, offsets, offsetVariances]
        .allSatisfy { $0.allSatisfy(\.isFinite) }
  }

  /// The calibrated log-odds of a product, and the score's deviation.
  func logit(_ item: Int, score: Double, _ features: [Int]) -> (logit: Double, deviation: Double) {
    guard let place = places[item] else { return (score, 0) }
    let base = place * featureCount
    var expected = 0.0
    for feature in features { expected += weights[base + feature] }
    let deviation = score - expected
    return (expected + trust * deviation + offsets[place], deviation)
  }

  /// What the model says of a product, a weight for each feature; nil for one never observed.
  func weights(of item: Int) -> ArraySlice<Double>? {
    places[item].map { weights[$0 * featureCount..<($0 + 1) * featureCount] }
  }

  /// Learns how a product's score depends on the context, by one step of a Kalman filter whose
  /// weights are independent.
  mutating func observe(_ item: Int, score: Double, _ features: [Int]) {
    guard let place = place(of: item, score: score) else { return }
    let base = place * featureCount
    var expected = 0.0
    var variance = 0.0
    for feature in features {
      expected += weights[base + feature]
      variance += weightVariances[base + feature]
    }
    let residual = score - expected
    let total = variance + noise
    for feature in features {
      let own = weightVariances[base + feature]
      weights[base + feature] += own * residual / total
      weightVariances[base + feature] = max(own - own * own / total, Self.leastVariance)
    }
    // Only what the weights' own variance does not explain is noise.
    noiseCount = min(noiseCount + 1, Self.noiseMemory)
    noise += (residual * residual * noise / total - noise) / noiseCount
    noise = max(noise, Self.leastVariance)
  }

  /// Learns offset and trust from one response.
  ///
  /// - Parameters:
  ///   - entry: the slot as it was decided.
  ///   - response: what the customer did.
  ///   - examination: the probability that the slot was looked at.
  ///   - dismissal: how often what is examined and not taken is dismissed.
  mutating func update(
    _ entry: Slate.Entry, response: Response, examination: Double, dismissal: Double
  ) {
    guard let place = places[entry.item] else { return }
    let evidence = ResponseEvidence(
      response, logit: entry.logit, examination: examination, dismissal: dismissal)
    let deviation = entry.deviation
    let own = offsetVariances[place]
    let denominator = 1 + evidence.information * (own + trustVariance * deviation * deviation)
    let step = evidence.slope / denominator
    let shrinkage = evidence.information / denominator
    offsets[place] += own * step
    offsetVariances[place] = own - own * own * shrinkage
    let moved = trust + trustVariance * deviation * step
    trust = min(max(moved, Self.trustRange.lowerBound), Self.trustRange.upperBound)
    trustVariance -= trustVariance * trustVariance * deviation * deviation * shrinkage
  }

  private mutating func place(of item: Int, score: Double) -> Int? {
    if let place = places[item] { return place }
    guard places.count < Self.itemLimit else { return nil }
    let place = places.count
    places[item] = place
    weights.append(score)
    weights.append(contentsOf: repeatElement(0, count: featureCount - 1))
    weightVariances.append(contentsOf: repeatElement(Self.weightVariance, count: featureCount))
    offsets.append(0)
    offsetVariances.append(Self.offsetVariance)
    return place
  }
}
