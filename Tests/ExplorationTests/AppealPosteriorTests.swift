import Foundation
import InteractionData
import Testing

@testable import Exploration

/// The belief in one product's appeal.
struct AppealPosteriorTests {
  private static let prior = AppealPrior(logit: -1, biasDeviation: 1, weightDeviation: 0.5)

  @Test func theFirstStepIsTheOneComputedByHand() {
    // Features 0 and 1 of 3: variance 1 + 0.25, mean -1.
    var posterior = AppealPosterior(Self.prior, featureCount: 3)
    #expect(posterior.logit([0, 1]).mean == -1)
    #expect(posterior.logit([0, 1]).variance == 1.25)
    posterior.update([0, 1], response: .accepted, examination: 1, dismissal: 0)
    // A surely examined slot without dismissals: slope 1 - p, information p (1 - p).
    let p = 1 / (1 + exp(1.0))
    let denominator = 1 + p * (1 - p) * 1.25
    #expect(abs(posterior.mean[0] - (-1 + (1 - p) / denominator)) < 1e-12)
    #expect(abs(posterior.mean[1] - 0.25 * (1 - p) / denominator) < 1e-12)
    #expect(posterior.mean[2] == 0)
    let shrinkage = p * (1 - p) / denominator
    #expect(abs(posterior.covariance[0] - (1 - shrinkage)) < 1e-12)
    #expect(abs(posterior.covariance[1] + 0.25 * shrinkage) < 1e-12)
    #expect(abs(posterior.covariance[4] - (0.25 - 0.0625 * shrinkage)) < 1e-12)
    #expect(posterior.covariance[8] == 0.25)
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func responsesLeadToTheTruth(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let truth = [-2.0, 0.8, -0.8]
    var posterior = AppealPosterior(Self.prior, featureCount: 3)
    for _ in 0..<20_000 {
      let features = [0, 1 + generator.nextIndex(below: 2)]
      let logit = features.reduce(0) { $0 + truth[$1] }
      let examined = generator.nextUnitDouble() < 0.5
      let accepted = examined && generator.nextUnitDouble() < 1 / (1 + exp(-logit))
      posterior.update(
        features, response: accepted ? .accepted : .none, examination: 0.5, dismissal: 0)
    }
    for feature in 1...2 {
      let belief = posterior.logit([0, feature])
      let logit = truth[0] + truth[feature]
      #expect(
        abs(belief.mean - logit) < 4 * belief.variance.squareRoot() + 0.05,
        "seed \(seed): \(belief) for \(logit)")
      #expect(belief.variance < 0.01)
    }
  }

  @Test func theCovarianceStaysSymmetricAndPositive() {
    let seed: UInt64 = 5
    var generator = SeededGenerator(seed: seed)
    var posterior = AppealPosterior(Self.prior, featureCount: 6)
    for _ in 0..<5000 {
      let response = [Response.accepted, .none, .dismissed][generator.nextIndex(below: 3)]
      posterior.update(
        [0, 1 + generator.nextIndex(below: 2), 3 + generator.nextIndex(below: 3)],
        response: response, examination: 0.9, dismissal: 0.3)
    }
    for row in 0..<6 {
      #expect(posterior.covariance[row * 7] > 0, "seed \(seed)")
      for column in 0..<row {
        #expect(
          abs(posterior.covariance[row * 6 + column] - posterior.covariance[column * 6 + row])
            < 1e-12)
      }
    }
    #expect(posterior.mean.allSatisfy { $0.isFinite })
  }

  @Test func forgettingAllLeadsBackToThePrior() {
    var posterior = AppealPosterior(Self.prior, featureCount: 3)
    posterior.update([0, 2], response: .accepted, examination: 1, dismissal: 0.2)
    posterior.relax(1, towards: Self.prior)
    let fresh = AppealPosterior(Self.prior, featureCount: 3)
    #expect(posterior.mean == fresh.mean)
    #expect(posterior.covariance == fresh.covariance)
  }
}
