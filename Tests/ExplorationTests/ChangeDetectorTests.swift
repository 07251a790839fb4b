import Foundation
import InteractionData
import Testing

@testable import Exploration

/// When a product is taken for changed.
struct ChangeDetectorTests {
  private static let belief = (mean: log(0.05 / 0.95), variance: 0.01)

  /// The showings until the alarm, when products are accepted with this chance.
  private static func showings(chance: Double, limit: Int, seed: UInt64) -> Int? {
    var generator = SeededGenerator(seed: seed)
    var detector = ChangeDetector()
    for showing in 1...limit {
      let response: Response = generator.nextUnitDouble() < chance ? .accepted : .none
      if detector.observe(response, logit: belief, examination: 1) { return showing }
    }
    return nil
  }

  @Test(arguments: [UInt64(1), 2, 3, 4])
  func whatStaysAsItWasRaisesNoAlarm(seed: UInt64) {
    #expect(Self.showings(chance: 0.05, limit: 100_000, seed: seed) == nil, "seed \(seed)")
  }

  @Test(arguments: [UInt64(1), 2, 3, 4])
  func aFallAndARiseAreSeen(seed: UInt64) {
    for chance in [0.002, 0.3] {
      let showings = Self.showings(chance: chance, limit: 1000, seed: seed)
      #expect(showings != nil, "chance \(chance), seed \(seed)")
    }
  }

  @Test func theFirstRatioIsTheOneComputedByHand() {
    // Acceptances where a chance of 0.05 is believed: log 4 each for the risen chance of 0.2.
    var detector = ChangeDetector()
    let needed = Int((ChangeDetector.limit / log(4)).rounded(.up))
    for showing in 1...needed {
      let alarm = detector.observe(.accepted, logit: Self.belief, examination: 1)
      #expect(alarm == (showing == needed))
    }
  }

  @Test func aVagueBeliefIsNotContradicted() {
    var detector = ChangeDetector()
    for _ in 0..<100 {
      let alarm = detector.observe(
        .accepted, logit: (Self.belief.mean, ChangeDetector.varianceLimit), examination: 1)
      #expect(!alarm)
    }
  }
}
