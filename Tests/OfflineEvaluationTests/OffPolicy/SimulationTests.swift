internal import Foundation
internal import InteractionData
internal import TestSupport
internal import Testing

@testable internal import OfflineEvaluation

/// The estimates of policies whose value is known, over many logs.
struct OffPolicySimulationTests {
  private static let runCount = 200

  private static func log(_ answers: [SimulatedAnswers.Answer], weight: Double) -> LoggedAnswers {
    LoggedAnswers(
      answers: answers.map { answer in
        let last = answer.slate.count - 1
        return LoggedAnswer(
          customer: answer.customer, explorationWeight: weight,
          slots: answer.slate.indices.map { slot in
            .init(
              item: answer.slate[slot], propensity: answer.propensities[slot],
              score: slot == last
                ? answer.menu.first { $0.item == answer.slate[slot] }?.score ?? .nan : .nan,
              reward: answer.isAccepted[slot] ? 1 : 0)
          },
          menu: answer.menu.map {
            .init(
              item: $0.item, probability: $0.probability,
              matchingProbability: $0.matching ?? .nan, score: $0.score)
          })
      },
      customers: (0..<150).map { "c\($0)" },
      items: (0..<SimulatedAnswers.itemCount).map { "i\($0)" })
  }

  private struct Errors {
    var inversePropensity: [Double] = []
    var selfNormalized: [Double] = []
    var doublyRobust: [Double] = []

    static func z(_ errors: [Double]) -> Double {
      let mean = errors.reduce(0, +) / Double(errors.count)
      return mean / (variance(errors) / Double(errors.count)).squareRoot()
    }

    static func variance(_ errors: [Double]) -> Double {
      let mean = errors.reduce(0, +) / Double(errors.count)
      return errors.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(errors.count - 1)
    }
  }

  /// A policy, and the chances it gives a menu.
  private struct Known {
    let name: String
    let policy: any TargetPolicy
    let chances: (SimulatedAnswers.Answer) -> [Double]
    var errors = Errors()
  }

  private static func policies(_ world: SimulatedAnswers) -> [Known] {
    let weights = [0, 0.1, 1].map { weight in
      Known(name: "weight \(weight)", policy: ReweightedPolicy(weight: weight)) {
        SimulatedAnswers.probabilities(
          matching: $0.menu.dropFirst().map { $0.matching ?? .nan }, weight: weight)
      }
    }
    let uniform = Known(name: "uniform", policy: UniformPolicy()) { answer in
      [Double](repeating: 1 / Double(answer.menu.count), count: answer.menu.count)
    }
    // A policy that knows what appeals, and takes the best of the menu.
    let best = Known(
      name: "best",
      policy: RerankingPolicy(reach: .lastSlot) { customer, item in
        world.chance(kind: customer % 4, item: item, slot: 0)
      },
      chances: { answer in
        let chances = answer.menu.map { world.chance(kind: answer.kind, item: $0.item, slot: 0) }
        let best = chances.max()
        return chances.map { $0 == best ? 1 : 0 }
      })
    return weights + [uniform, best]
  }

  /// Each log's estimates against what its own customers would have brought.
  @Test func policiesAreEstimatedWithoutBiasAndTheGuessTakesNoiseOut() throws {
    let world = SimulatedAnswers(seed: 11, weight: 0.3)
    var policies = Self.policies(world)
    for run in 0..<Self.runCount {
      let answers = world.answers(count: 300, customers: 150, seed: 1000 + UInt64(run))
      var settings = OffPolicyEvaluator.Settings()
      settings.seed = UInt64(run)
      let evaluator = try OffPolicyEvaluator(
        Self.log(answers, weight: world.weight), settings: settings)
      for place in policies.indices {
        let known = policies[place]
        let value = answers.reduce(0) { $0 + world.value(of: $1, last: known.chances($1)) } / 300
        let means = try #require(evaluator.sums(of: known.policy)).means
        policies[place].errors.inversePropensity.append(means.weighted - value)
        policies[place].errors.selfNormalized.append(means.selfNormalized - value)
        policies[place].errors.doublyRobust.append(means.doublyRobust - value)
      }
    }
    for known in policies {
      let errors = known.errors
      let z = (Errors.z(errors.inversePropensity), Errors.z(errors.doublyRobust))
      #expect(abs(z.0) < 3 && abs(z.1) < 3, "\(known.name), seeds 1000 to 1199: \(z)")
      // At a larger weight than was served, ratios are so near 1 that there is nothing to gain.
      if known.name == "weight 1.0" { continue }
      let noise = Errors.variance(errors.inversePropensity)
      for (name, less) in [("DR", errors.doublyRobust), ("SNIPS", errors.selfNormalized)] {
        #expect(
          Errors.variance(less) < noise,
          "\(known.name): \(name) \(Errors.variance(less)) against \(noise)")
      }
    }
  }

  /// Intervals of 95 % that are too narrow would miss more often.
  @Test func intervalsHoldTheValue() throws {
    let world = SimulatedAnswers(seed: 11, weight: 0.3)
    let policy = ReweightedPolicy(weight: 1)
    var settings = OffPolicyEvaluator.Settings()
    settings.replicateCount = 200
    let value =
      world.answers(count: 20_000, customers: 20_000, seed: 5).reduce(0) {
        $0
          + world.value(
            of: $1,
            last: SimulatedAnswers.probabilities(
              matching: $1.menu.dropFirst().map { $0.matching ?? .nan }, weight: 1))
      } / 20_000
    var held = [0, 0, 0]
    let runs = 100
    for run in 0..<runs {
      let answers = world.answers(count: 300, customers: 150, seed: 2000 + UInt64(run))
      settings.seed = UInt64(run)
      let figures = try OffPolicyEvaluator(
        Self.log(answers, weight: world.weight), settings: settings
      ).figures(of: policy, name: "1")
      let estimates = try #require(figures.estimates)
      let intervals = [
        estimates.inversePropensity, try #require(estimates.selfNormalized), estimates.doublyRobust,
      ]
      for (place, interval) in intervals.enumerated() where interval.low <= value {
        if value <= interval.high { held[place] += 1 }
      }
      #expect(
        abs(try #require(figures.diagnostics).meanWeightDeviations)
          < OffPolicyFigures.meanWeightLimit)
    }
    // Of 100 draws of .95, fewer than 87 come once in a thousand times.
    for (name, count) in zip(["IPS", "SNIPS", "DR"], held) {
      #expect(count >= 87, "\(name) held \(count) of \(runs) times")
    }
  }
}
