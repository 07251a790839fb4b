internal import Exploration
internal import InteractionData
internal import Testing

@testable internal import OfflineEvaluation

/// What other policies would have done, from the menus of one that is asked itself.
struct TargetPolicyTests {
  /// Slates of the policy that serves, at a weight, and what each was drawn from.
  private static func slates(weight: Double) throws -> [Slate] {
    var settings = ExplorationSettings()
    settings.explorationWeight = 0.3
    settings.prior.logit = -4
    let policy = try SlatePolicy(
      schema: ContextSchema(valueCounts: [3]), settings: settings, seed: 5)
    var scratch = SlateScratch()
    return (0..<60).map { number in
      var generator = SeededGenerator(seed: 7, stream: UInt64(number))
      let scores = (0..<8).map { _ in -4 + 1.5 * generator.nextGaussian() }
      var slate = Slate()
      policy.decide(
        SlateRequest(
          context: [UInt8(number % 3)], candidates: Array(0..<8 + number % 5),
          scores: scores + [Double](repeating: .nan, count: number % 5), slotCount: 3),
        recommendation: UInt64(number), explorationWeight: weight, scratch: &scratch, into: &slate)
      return slate
    }
  }

  private static func answer(
    _ slate: Slate, weight: Double, withMatching: Bool = true
  ) -> LoggedAnswer {
    LoggedAnswer(
      customer: 0, explorationWeight: weight,
      slots: slate.entries.map { .init(item: $0.item, propensity: $0.propensity) },
      menu: slate.menu.map {
        .init(
          item: $0.item, probability: $0.propensity,
          matchingProbability: withMatching ? $0.matchingProbability ?? .nan : .nan)
      })
  }

  private static func last(_ slots: [TargetSlot]?) -> [Int: Double]? {
    guard case .chances(let chances) = slots?.last else { return nil }
    return Dictionary(uniqueKeysWithValues: chances.map { ($0.item, $0.probability) })
  }

  /// Asked at another weight, the serving policy draws with the chances that the log gives.
  @Test(arguments: [0.1, 0.3, 1], [0.05, 0.2, 1]) func otherWeightsAreThoseOfThePolicyItself(
    served: Double, asked: Double
  ) throws {
    if served == asked { return }
    var compared = 0
    for (slate, other) in zip(
      try Self.slates(weight: served), try Self.slates(weight: asked)) where slate.menu.count > 1
    {
      let chances = try #require(
        Self.last(ReweightedPolicy(weight: asked).slots(for: Self.answer(slate, weight: served))))
      #expect(chances.count == other.menu.count)
      for choice in other.menu {
        #expect(abs(try #require(chances[choice.item]) - choice.propensity) < 1e-12)
        compared += 1
      }
    }
    #expect(compared > 100)
  }

  /// Without the chances before the cut, they follow from the propensities where nothing was cut.
  @Test func propensitiesAloneTellWhatTheyCan() throws {
    var (told, untold) = (0, 0)
    for (slate, others) in zip(
      try Self.slates(weight: 0.1),
      zip(try Self.slates(weight: 0.05), try Self.slates(weight: 1))) where slate.menu.count > 1
    {
      let answer = Self.answer(slate, weight: 0.1, withMatching: false)
      for (weight, other) in [(0.05, others.0), (1, others.1)] {
        guard let chances = Self.last(ReweightedPolicy(weight: weight).slots(for: answer)) else {
          untold += 1
          // Only where the weight cut, and only for a larger one.
          #expect(weight > 0.1)
          #expect(slate.menu.dropFirst().reduce(0) { $0 + ($1.matchingProbability ?? 0) } > 0.099)
          continue
        }
        told += 1
        for choice in other.menu {
          #expect(abs(try #require(chances[choice.item]) - choice.propensity) < 1e-6)
        }
      }
    }
    #expect(told > 60 && untold > 3, "\(told) told, \(untold) not")
  }

  @Test func noWeightShowsWhatIsBelievedBest() throws {
    for slate in try Self.slates(weight: 0.3) where slate.menu.count > 1 {
      let chances = Self.last(
        ReweightedPolicy(weight: 0).slots(for: Self.answer(slate, weight: 0.3)))
      #expect(chances == [slate.menu[0].item: 1])
    }
  }

  @Test func theSameWeightIsWhatWasServedEvenIn32Bits() throws {
    let slate = try Self.slates(weight: 0.3)[0]
    let answer = Self.answer(slate, weight: Double(Float(0.3)))
    #expect(ReweightedPolicy(weight: 0.3).slots(for: answer)?.last == .asServed)
  }

  /// With exploration turned off nothing was drawn, so nothing is known of other weights.
  @Test func answersWithoutMenuTellNothing() {
    var answer = LoggedAnswer(
      customer: 0, explorationWeight: 0, slots: [.init(item: 1, propensity: 1)], menu: [])
    #expect(ReweightedPolicy(weight: 0.3).slots(for: answer) == nil)
    #expect(UniformPolicy().slots(for: answer) == nil)
    #expect(ReweightedPolicy(weight: 0).slots(for: answer) == [.asServed])
    // It explored, and had nothing to explore.
    answer.explorationWeight = 0.3
    #expect(ReweightedPolicy(weight: 1).slots(for: answer) == [.asServed])
    #expect(UniformPolicy().slots(for: answer) == [.asServed])
    // Something was drawn, and the menu does not say from what.
    answer.slots[0].propensity = 0.9
    #expect(ReweightedPolicy(weight: 1).slots(for: answer) == nil)
    #expect(UniformPolicy().slots(for: answer) == nil)
    #expect(ReweightedPolicy(weight: 0.3).slots(for: answer) == [.asServed])
    answer.menu = nil
    #expect(ReweightedPolicy(weight: 1).slots(for: answer) == nil)
    answer.slots = []
    #expect(ReweightedPolicy(weight: 1).slots(for: answer) == [])
    #expect(UniformPolicy().slots(for: answer) == [])
    #expect(RerankingPolicy(reach: .slate) { _, _ in 1 }.slots(for: answer) == [])
  }

  @Test func anotherModelOrdersWhatTheLogNames() {
    let answer = LoggedAnswer(
      customer: 3, explorationWeight: 0.3,
      slots: [.init(item: 0, propensity: 1), .init(item: 1, propensity: 0.1)],
      menu: [
        .init(item: 2, probability: 0.8), .init(item: 1, probability: 0.1),
        .init(item: 4, probability: 0.1),
      ])
    let scores: [Int: Double] = [0: 1, 1: 5, 2: 5, 4: 0.5]
    func slots(_ reach: RerankingPolicy.Reach, _ scores: [Int: Double]) -> [TargetSlot]? {
      RerankingPolicy(reach: reach) { $0 == 3 ? scores[$1] : nil }.slots(for: answer)
    }
    // Among equals what stood in the slate comes first.
    #expect(slots(.slate, scores) == [.chances([.init(1, 1)]), .chances([.init(2, 1)])])
    #expect(slots(.lastSlot, scores) == [.asServed, .chances([.init(1, 1)])])
    // Item 0 stands above and is not there for the last slot; items without a score come last.
    #expect(slots(.lastSlot, [0: 9, 4: -3]) == [.asServed, .chances([.init(4, 1)])])
    #expect(slots(.lastSlot, [:]) == [.asServed, .asServed])
  }
}
