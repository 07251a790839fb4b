internal import Exploration
internal import Foundation
internal import InteractionData
internal import Testing

@testable internal import OfflineEvaluation

/// What a log of the very policy that serves tells of another weight, against that weight at work.
struct ServingPolicyTests {
  private static let established = 6
  private static let cold = 4
  private static let kindCount = 3
  private static let customerCount = 300
  private static let runCount = 200
  private static let served = 0.3

  /// Customers of three kinds, each with preferences of their own, and a policy that has learned of
  /// some of them.
  private struct World {
    /// `[kinds, items]`
    var chances: [[Double]]
    var policy: SlatePolicy

    init(seed: UInt64) throws {
      var generator = SeededGenerator(seed: seed)
      chances = (0..<kindCount).map { _ in
        (0..<established + cold).map { _ in 0.2 + 0.6 * generator.nextUnitDouble() }
      }
      var settings = ExplorationSettings()
      settings.explorationWeight = served
      settings.prior = AppealPrior(logit: 0)
      policy = try SlatePolicy(
        schema: ContextSchema(valueCounts: [kindCount]), settings: settings,
        seed: seed)
      for number in 0..<400 {
        let kind = number % kindCount
        let slate = decide(kind: kind, number: UInt64(number), weight: served)
        policy.learn(
          slate, request: request(kind: kind),
          responses: rewards(slate, kind: kind, using: &generator).map {
            $0 > 0 ? .accepted : .none
          })
      }
    }

    func request(kind: Int) -> SlateRequest {
      let scores = (0..<established).map { item in
        log(chances[kind][item] / (1 - chances[kind][item]))
      }
      return SlateRequest(
        context: [UInt8(kind)], candidates: Array(0..<established + cold),
        scores: scores + [Double](repeating: .nan, count: cold), slotCount: 2)
    }

    func decide(kind: Int, number: UInt64, weight: Double) -> Slate {
      var scratch = SlateScratch()
      var slate = Slate()
      policy.decide(
        request(kind: kind), recommendation: number, explorationWeight: weight,
        scratch: &scratch, into: &slate)
      return slate
    }

    func rewards(
      _ slate: Slate, kind: Int, using generator: inout SeededGenerator
    ) -> [Double] {
      slate.entries.map { generator.nextUnitDouble() < chances[kind][$0.item] ? 1 : 0 }
    }
  }

  /// An answer as the record keeps it: numbers of 32 bits.
  private static func logged(
    _ slate: Slate, rewards: [Double], customer: Int
  ) -> LoggedAnswer {
    func stored(_ value: Double) -> Double { Double(Float(value)) }
    return LoggedAnswer(
      customer: customer, explorationWeight: stored(served),
      slots: zip(slate.entries, rewards).map { entry, reward in
        .init(
          item: entry.item, propensity: stored(entry.propensity), score: stored(entry.logit),
          reward: reward)
      },
      menu: slate.menu.map {
        .init(
          item: $0.item, probability: stored($0.propensity),
          matchingProbability: $0.matchingProbability.map(stored) ?? .nan,
          score: stored($0.logit))
      })
  }

  private static func moments(_ values: [Double]) -> (z: Double, variance: Double) {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    return (mean / (variance / count).squareRoot(), variance)
  }

  /// Another weight's propensities that follow from a recorded menu are those that the policy draws
  /// with at that weight.
  @Test func propensitiesOfOtherWeightsFollowFromTheRecord() throws {
    let world = try World(seed: 3)
    for number in 0..<200 as Range<UInt64> {
      let kind = Int(number) % Self.kindCount
      let slate = world.decide(kind: kind, number: number, weight: Self.served)
      let answer = Self.logged(slate, rewards: [0, 0], customer: 0)
      for weight in [0.05, 0.1, 0.7, 1] {
        let target = try #require(ReweightedPolicy(weight: weight).slots(for: answer)?.last)
        guard case .chances(let chances) = target else {
          Issue.record("the same as served at weight \(weight)")
          continue
        }
        let drawn = world.decide(kind: kind, number: number, weight: weight).menu
        #expect(chances.map(\.item) == drawn.map(\.item))
        for (chance, choice) in zip(chances, drawn) {
          #expect(abs(chance.probability - choice.propensity) < 1e-6, "weight \(weight)")
        }
      }
    }
  }

  @Test(arguments: [0, 0.1, 1])
  func anotherWeightIsWorthWhatItBringsAtWork(weight: Double) throws {
    var errors: [[Double]] = [[], [], []]
    var noises: [[Double]] = [[], []]
    for run in 0..<Self.runCount {
      let seed = 7000 + UInt64(run)
      let world = try World(seed: UInt64(run % 8))
      var generator = SeededGenerator(seed: seed)
      var answers: [LoggedAnswer] = []
      var (atWork, expected) = (0.0, 0.0)
      for customer in 0..<Self.customerCount {
        let kind = generator.nextIndex(below: Self.kindCount)
        let number = seed << 20 | UInt64(customer)
        let slate = world.decide(kind: kind, number: number, weight: Self.served)
        let rewards = world.rewards(slate, kind: kind, using: &generator)
        answers.append(Self.logged(slate, rewards: rewards, customer: customer))
        let other = world.decide(kind: kind, number: number | 1 << 19, weight: weight)
        atWork += world.rewards(other, kind: kind, using: &generator).reduce(0, +)
        expected += other.entries.dropLast().reduce(0) { $0 + world.chances[kind][$1.item] }
        let menu =
          other.menu.isEmpty
          ? [(other.entries[1].item, 1.0)] : other.menu.map { ($0.item, $0.propensity) }
        expected += menu.reduce(0) { $0 + $1.1 * world.chances[kind][$1.0] }
      }
      var settings = OffPolicyEvaluator.Settings()
      settings.seed = seed
      let log = LoggedAnswers(
        answers: answers, customers: (0..<Self.customerCount).map { "c\($0)" },
        items: (0..<Self.established + Self.cold).map { "i\($0)" })
      let means = try #require(
        OffPolicyEvaluator(log, settings: settings).sums(of: ReweightedPolicy(weight: weight))
      ).means
      let count = Double(Self.customerCount)
      for (place, estimate) in [means.weighted, means.selfNormalized, means.doublyRobust]
        .enumerated()
      {
        errors[place].append(estimate - atWork / count)
      }
      noises[0].append(means.weighted - expected / count)
      noises[1].append(means.doublyRobust - expected / count)
    }
    for (name, values) in zip(["IPS", "SNIPS", "DR"], errors) {
      let z = Self.moments(values).z
      #expect(abs(z) < 3, "\(name) at weight \(weight), seeds 7000 to 7199: z \(z)")
    }
    let (plain, robust) = (Self.moments(noises[0]), Self.moments(noises[1]))
    #expect(abs(plain.z) < 3 && abs(robust.z) < 3, "z \(plain.z), \(robust.z)")
    // At a larger weight than was served, ratios are so near 1 that there is little to gain.
    if weight < Self.served {
      #expect(robust.variance < plain.variance, "\(robust.variance) against \(plain.variance)")
    }
  }
}
