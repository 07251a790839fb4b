import Foundation
import InteractionData
import Testing

@testable import Exploration

/// The calibration of a model's scores.
struct EstablishedScoresTests {
  private static let weights = [-3.0, 0.6, -0.6, 0.2, 0.0, -0.2]

  /// Plays showings of one product whose scores deviate from the segment's by noise; `meaning` is
  /// the share of the noise that is true.
  private static func trained(meaning: Double, seed: UInt64) -> EstablishedScores {
    var generator = SeededGenerator(seed: seed)
    var scores = EstablishedScores(featureCount: weights.count)
    for _ in 0..<20_000 {
      let features = [0, 1 + generator.nextIndex(below: 2), 3 + generator.nextIndex(below: 3)]
      let segment = features.reduce(0) { $0 + weights[$1] }
      let noise = 0.5 * generator.nextGaussian()
      let truth = segment + meaning * noise
      let (logit, deviation) = scores.logit(0, score: segment + noise, features)
      let entry = Slate.Entry(
        item: 0, propensity: 1, logit: logit, isCold: false, deviation: deviation)
      let accepted = generator.nextUnitDouble() < 1 / (1 + exp(-truth))
      scores.update(
        entry, response: accepted ? .accepted : .none, examination: 1, dismissal: 0)
      scores.observe(0, score: segment + noise, features)
    }
    return scores
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func deviationsThatMeanNothingLoseTrust(seed: UInt64) {
    let scores = Self.trained(meaning: 0, seed: seed)
    #expect(scores.trust < 0.2, "seed \(seed): \(scores.trust)")
    // What remains is what the model says of the segment, whatever it says of the customer.
    let segment = Self.weights[0] + Self.weights[1] + Self.weights[4]
    #expect(abs(scores.logit(0, score: segment + 2, [0, 1, 4]).logit - segment) < 0.5)
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func deviationsThatAreTrueKeepIt(seed: UInt64) {
    let scores = Self.trained(meaning: 1, seed: seed)
    #expect(scores.trust > 0.8, "seed \(seed): \(scores.trust)")
  }

  @Test func anUnknownProductKeepsItsScore() {
    let scores = EstablishedScores(featureCount: 2)
    #expect(scores.logit(5, score: -1.5, [0, 1]).logit == -1.5)
  }

  @Test func productsBeyondTheLimitKeepTheirScores() {
    var scores = EstablishedScores(featureCount: 1)
    for item in 0...EstablishedScores.itemLimit { scores.observe(item, score: -2, [0]) }
    let entry = { (item: Int) in
      Slate.Entry(item: item, propensity: 1, logit: -2, isCold: false, deviation: 0)
    }
    for item in [EstablishedScores.itemLimit - 1, EstablishedScores.itemLimit] {
      for _ in 0..<50 {
        scores.update(entry(item), response: .accepted, examination: 1, dismissal: 0)
      }
    }
    #expect(scores.logit(EstablishedScores.itemLimit - 1, score: -2, [0]).logit > -2)
    #expect(scores.logit(EstablishedScores.itemLimit, score: -2, [0]).logit == -2)
  }
}
