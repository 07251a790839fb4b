import Foundation
import InteractionData
import Testing

@testable import Exploration

/// What the policy chooses, and with which probability.
struct SlatePolicyTests {
  private static func policy(weight: Double = 0.3, seed: UInt64 = 1) throws -> SlatePolicy {
    var settings = ExplorationSettings()
    settings.explorationWeight = weight
    return try SlatePolicy(
      schema: ContextSchema(valueCounts: [3, 2]), settings: settings, seed: seed)
  }

  private static func request(cold: Int = 4, slots: Int = 3) -> SlateRequest {
    let scores = [-4.0, -3.5, -5, -3, -4.5, -6]
    return SlateRequest(
      context: [2, 1], candidates: Array(0..<scores.count + cold),
      scores: scores + [Double](repeating: .nan, count: cold), slotCount: slots)
  }

  private static func decide(
    _ policy: SlatePolicy, _ request: SlateRequest, _ recommendation: UInt64
  ) -> Slate {
    var scratch = SlateScratch()
    var slate = Slate()
    policy.decide(request, recommendation: recommendation, scratch: &scratch, into: &slate)
    return slate
  }

  @Test func withoutExplorationTheBestAreShown() throws {
    let policy = try Self.policy(weight: 0)
    for number in 0..<100 {
      let slate = Self.decide(policy, Self.request(), UInt64(number))
      #expect(slate.entries.map(\.item) == [3, 1, 0])
      #expect(slate.entries.allSatisfy { $0.propensity == 1 })
    }
  }

  /// What alternatives leave of 1 is never less than nothing, whatever the sum rounds to.
  @Test func menusArePropensities() throws {
    var policy = try Self.policy(weight: 1)
    for number in 0..<500 {
      let slate = Self.decide(policy, Self.request(), UInt64(number))
      #expect(slate.menu.allSatisfy { (0...1).contains($0.propensity) })
      #expect(abs(slate.menu.reduce(0) { $0 + $1.propensity } - 1) < 1e-12)
      // Everybody takes what is cold: soon it is surely the best.
      let responses = slate.entries.map { $0.isCold ? Response.accepted : .none }
      policy.learn(slate, request: Self.request(), responses: responses)
    }
  }

  @Test func onlyTheLastSlotExplores() throws {
    let policy = try Self.policy()
    for number in 0..<1000 {
      let slate = Self.decide(policy, Self.request(), UInt64(number))
      #expect(slate.entries.prefix(2).map(\.item) == [3, 1])
      #expect(slate.entries.prefix(2).allSatisfy { $0.propensity == 1 })
    }
  }

  @Test(arguments: [0.0, 0.1, 0.3, 1])
  func propensitiesAreFrequencies(weight: Double) throws {
    var policy = try Self.policy(weight: weight)
    // Some learning first, so that beliefs differ between products.
    for number in 0..<300 {
      let slate = Self.decide(policy, Self.request(), UInt64(number))
      let responses = slate.entries.map { $0.item % 4 == 3 ? Response.accepted : .none }
      policy.learn(slate, request: Self.request(), responses: responses)
    }
    let count = 100_000
    var scratch = SlateScratch()
    var slate = Slate()
    var shown: [Int: Int] = [:]
    var propensities: [Int: Double] = [:]
    for number in 0..<count {
      policy.decide(
        Self.request(), recommendation: UInt64(1_000_000 + number), scratch: &scratch,
        into: &slate)
      let last = try #require(slate.entries.last)
      shown[last.item, default: 0] += 1
      // One item in this slot has one propensity.
      #expect(
        propensities.updateValue(last.propensity, forKey: last.item) ?? last.propensity
          == last.propensity)
    }
    for (item, times) in shown {
      let p = try #require(propensities[item])
      let deviation = (Double(count) * p * (1 - p)).squareRoot()
      #expect(abs(Double(times) - Double(count) * p) <= 3 * deviation + 1e-9, "item \(item)")
    }
    // All that can be shown was: the table's probabilities add up to 1.
    #expect(abs(propensities.values.reduce(0, +) - 1) < 1e-9)
    // What is believed best, two further established products, three cold ones: the fourth was
    // accepted so often that it stands above.
    #expect(shown.count == (weight == 0 ? 1 : 1 + 2 + 3))
  }

  @Test func theSameNumberGivesTheSameSlate() throws {
    let policy = try Self.policy(weight: 1)
    let slates = (0..<200).map { Self.decide(policy, Self.request(), UInt64($0)) }
    let again = (0..<200).reversed().map { Self.decide(policy, Self.request(), UInt64($0)) }
    #expect(slates == again.reversed())
    let other = try Self.policy(weight: 1, seed: 2)
    #expect(slates != (0..<200).map { Self.decide(other, Self.request(), UInt64($0)) })
  }

  @Test func fewCandidatesFillFewSlots() throws {
    let policy = try Self.policy()
    let none = SlateRequest(context: [0, 0], candidates: [], scores: [], slotCount: 3)
    #expect(Self.decide(policy, none, 1).entries.isEmpty)
    let one = SlateRequest(context: [0, 0], candidates: [7], scores: [.nan], slotCount: 3)
    let slate = Self.decide(policy, one, 1)
    #expect(slate.entries.map(\.item) == [7])
    #expect(slate.entries[0].propensity == 1)
    let cold = SlateRequest(
      context: [0, 0], candidates: [5, 6], scores: [.nan, .nan], slotCount: 2)
    for number in 0..<50 {
      #expect(Set(Self.decide(policy, cold, UInt64(number)).entries.map(\.item)) == [5, 6])
    }
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let policy = try Self.policy()
    func refuses(_ change: (inout SlateRequest) -> Void) -> Bool {
      var request = Self.request()
      change(&request)
      do {
        try policy.validate(request)
        return false
      } catch { return true }
    }
    #expect(!refuses { _ in })
    #expect(refuses { $0.context = [3, 0] })
    #expect(refuses { $0.context = [0] })
    #expect(refuses { $0.scores.removeLast() })
    #expect(refuses { $0.scores[0] = .infinity })
    #expect(refuses { $0.candidates[1] = 0 })
    #expect(refuses { $0.slotCount = 0 })
    #expect(!refuses { $0.slotCount = SlateRequest.slotLimit })
    #expect(refuses { $0.slotCount = SlateRequest.slotLimit + 1 })
    func many(_ count: Int) -> (inout SlateRequest) -> Void {
      {
        $0.candidates = Array(0..<count)
        $0.scores = [Double](repeating: -3, count: count)
      }
    }
    #expect(!refuses(many(SlateRequest.candidateLimit)))
    #expect(refuses(many(SlateRequest.candidateLimit + 1)))
  }

  @Test func schemasHaveLimits() throws {
    _ = try ContextSchema(valueCounts: [])
    _ = try ContextSchema(valueCounts: [ContextSchema.valueLimit])
    _ = try ContextSchema(
      valueCounts: [Int](repeating: 2, count: ContextSchema.attributeLimit))
    _ = try ContextSchema(valueCounts: [64, 64, 64, 63])
    for counts in [
      [0], [ContextSchema.valueLimit + 1], [Int.max], [-1],
      [Int](repeating: 2, count: ContextSchema.attributeLimit + 1), [64, 64, 64, 64],
    ] {
      #expect(throws: ExplorationError.invalidSchema(valueCounts: counts)) {
        try ContextSchema(valueCounts: counts)
      }
    }
  }

  @Test func settingsHaveRanges() {
    var settings = ExplorationSettings()
    #expect(throws: Never.self) { try settings.validate() }
    settings.explorationWeight = 1.01
    #expect(throws: ExplorationError.self) { try settings.validate() }
    settings.explorationWeight = .nan
    #expect(throws: ExplorationError.self) { try settings.validate() }
    settings = ExplorationSettings()
    settings.examinations = []
    #expect(throws: ExplorationError.self) { try settings.validate() }
    settings.examinations = [1, 0]
    #expect(throws: ExplorationError.self) { try settings.validate() }
  }

  @Test func coldProductsBeyondTheLimitKeepTheirPrior() throws {
    var policy = try Self.policy(weight: 1)
    let entry = { (item: Int) in
      Slate.Entry(item: item, propensity: 1, logit: -5, isCold: true, deviation: 0)
    }
    let request = { (item: Int) in
      SlateRequest(context: [0, 0], candidates: [item], scores: [.nan], slotCount: 1)
    }
    for item in 0...SlatePolicy.coldItemLimit {
      var slate = Slate()
      slate.entries = [entry(item)]
      policy.learn(slate, request: request(item), responses: [.accepted])
    }
    let prior = ExplorationSettings().prior.logit
    let last = SlatePolicy.coldItemLimit
    #expect(Self.decide(policy, request(last - 1), 1).entries[0].logit > prior)
    #expect(Self.decide(policy, request(last), 1).entries[0].logit == prior)
  }
}
