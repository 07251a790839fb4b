internal import Foundation
internal import Testing

@testable internal import Exploration

/// What was learned, kept as JSON and taken up again.
struct LearnedTests {
  private func policy(values: Int = 2) throws -> SlatePolicy {
    try SlatePolicy(
      schema: ContextSchema(valueCounts: [values]), settings: ExplorationSettings(), seed: 1)
  }

  /// Products 0 and 1 are established, 2 is cold; each was shown and answered.
  private func learned(atMilliseconds now: Int64 = 0) throws -> SlatePolicy {
    var policy = try policy()
    policy.introduce(2, prior: AppealPrior(), createdMilliseconds: now)
    let request = SlateRequest(
      context: [1], candidates: [0, 1, 2], scores: [-1, -2, .nan], slotCount: 3)
    var slate = Slate()
    var scratch = SlateScratch()
    policy.decide(request, recommendation: 1, scratch: &scratch, into: &slate)
    policy.learn(slate, request: request, responses: [.accepted, .none, .dismissed])
    return policy
  }

  @Test func isTakenUpByAPolicyOfItsKindAlone() throws {
    let source = try learned()
    let json = try JSONEncoder().encode(source.learned)
    let read = try JSONDecoder().decode(SlatePolicy.Learned.self, from: json)
    var same = try policy()
    try same.takeUp(read, itemCount: 3)
    #expect(same.logit(ofCold: 2, context: [1]).mean == source.logit(ofCold: 2, context: [1]).mean)
    var smallCatalogue = try policy()
    #expect(throws: ExplorationError.unusableBeliefs) {
      try smallCatalogue.takeUp(read, itemCount: 2)
    }
    var otherSchema = try policy(values: 3)
    #expect(throws: ExplorationError.unusableBeliefs) { try otherSchema.takeUp(read, itemCount: 3) }
  }

  /// Each number of the JSON is replaced: what is taken up can be gone on with.
  @Test func numbersThatWereChangedDoNoHarm() throws {
    let source = try learned()
    let json = String(decoding: try JSONEncoder().encode(source.learned), as: UTF8.self)
    let numbers = json.ranges(of: /-?[0-9][0-9.e+-]*/)
    var refusals = 0
    for range in numbers {
      for value in ["-1", "0", "7", "4096", "1e300", "9223372036854775807"] {
        let changed = json.replacingCharacters(in: range, with: value)
        var policy = try policy()
        guard
          let read = try? JSONDecoder().decode(
            SlatePolicy.Learned.self, from: Data(changed.utf8)),
          (try? policy.takeUp(read, itemCount: 3)) != nil
        else {
          refusals += 1
          continue
        }
        var (slate, scratch) = (Slate(), SlateScratch())
        let request = SlateRequest(
          context: [0], candidates: [0, 1, 2], scores: [-1, -2, .nan], slotCount: 2)
        policy.decide(request, recommendation: 1, scratch: &scratch, into: &slate)
        policy.learn(slate, request: request, responses: [.none, .accepted])
        #expect(policy.coldProducts.allSatisfy { (0..<3).contains($0.item) })
      }
    }
    #expect(refusals > 0 && refusals < 6 * numbers.count)
  }

  /// Ages and rests are differences of times, which 64 bits need not hold.
  @Test func timesAtTheirEndsAreCut() throws {
    for (created, now) in [(Int64.min, Int64.max), (Int64.max, Int64.min), (0, Int64.max)] {
      var policy = try learned(atMilliseconds: created)
      let entry = Slate.Entry(item: 2, propensity: 1, logit: -3, isCold: true, deviation: 0)
      for _ in 0..<200 {
        _ = policy.learn(
          [entry], slot: 0, rivalLogit: 3, context: [0], response: .none, atMilliseconds: now)
      }
      _ = policy.wake(atMilliseconds: created)
      #expect(policy.coldProducts.map(\.item) == [2])
    }
    #expect(ClockRange.clamped(seconds: .max) == 1 << 53)
    #expect(ClockRange.clamped(seconds: .min) == -(1 << 53))
    #expect(ClockRange.clamped(seconds: 5) == 5000)
  }
}
