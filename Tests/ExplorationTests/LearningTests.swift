import Foundation
import InteractionData
import Testing

@testable import Exploration

/// The policy in a small world whose truth is known: two established products and three cold ones,
/// one of which suits one kind of customer very well.
struct LearningTests {
  /// What a run came to.
  private struct Outcome {
    var regret = 0.0
    /// Of the last thousand customers whom the good product suits, the share it was shown to.
    var found = 0.0
    /// How often the worst product was shown.
    var wasted = 0
  }

  private static let chances: [[Double]] = [
    // By kind of customer: products 0 and 1 established, 2 to 4 cold.
    [0.03, 0.02, 0.004, 0.01, 0.002],
    [0.02, 0.03, 0.15, 0.01, 0.002],
  ]

  private static func play(
    weight: Double, rounds: Int, seed: UInt64, swapAt: Int = .max
  ) throws -> Outcome {
    var settings = ExplorationSettings()
    settings.explorationWeight = weight
    var policy = try SlatePolicy(
      schema: ContextSchema(valueCounts: [2]), settings: settings, seed: seed)
    var generator = SeededGenerator(seed: seed, stream: 9)
    var scratch = SlateScratch()
    var slate = Slate()
    var outcome = Outcome()
    var shown: [Bool] = []
    for round in 0..<rounds {
      let kind = generator.nextIndex(below: 2)
      var chances = Self.chances[kind]
      if round >= swapAt { chances.swapAt(2, 4) }
      let scores = chances.prefix(2).map { log($0 / (1 - $0)) } + [.nan, .nan, .nan]
      let request = SlateRequest(
        context: [UInt8(kind)], candidates: [0, 1, 2, 3, 4], scores: scores, slotCount: 2)
      policy.decide(request, recommendation: UInt64(round), scratch: &scratch, into: &slate)
      let best = chances.sorted(by: >)
      for (slot, entry) in slate.entries.enumerated() {
        let examination = settings.examination(of: slot)
        outcome.regret += examination * (best[slot] - chances[entry.item])
      }
      let responses = slate.entries.enumerated().map { slot, entry -> Response in
        let seen = generator.nextUnitDouble() < settings.examination(of: slot)
        let draw = generator.nextUnitDouble()
        return seen && draw < chances[entry.item] ? .accepted : .none
      }
      policy.learn(slate, request: request, responses: responses)
      let items = slate.entries.map(\.item)
      if kind == 1 { shown.append(items.contains(round < swapAt ? 2 : 4)) }
      if items.contains(round < swapAt ? 4 : 2) { outcome.wasted += 1 }
    }
    outcome.found = Double(shown.suffix(1000).count { $0 }) / 1000
    return outcome
  }

  @Test(arguments: [UInt64(1), 2, 3, 4, 5])
  func aGoodProductIsFoundAndABadOneGivenUp(seed: UInt64) throws {
    let rounds = 20_000
    let explored = try Self.play(weight: 0.3, rounds: rounds, seed: seed)
    let greedy = try Self.play(weight: 0, rounds: rounds, seed: seed)
    #expect(explored.found > 0.9, "seed \(seed): \(explored)")
    #expect(explored.wasted < rounds / 20, "seed \(seed): \(explored)")
    #expect(explored.regret < greedy.regret / 2, "seed \(seed): \(explored), \(greedy)")
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func productsThatTradePlacesAreFoundAgain(seed: UInt64) throws {
    let outcome = try Self.play(weight: 0.3, rounds: 60_000, seed: seed, swapAt: 20_000)
    #expect(outcome.found > 0.9, "seed \(seed): \(outcome)")
  }
}
