internal import Foundation
internal import InteractionData
internal import RecommenderModels
internal import Testing

struct SoftmaxSharesTests {
  private func shares(_ scores: [Float], _ scale: ScoreScale) -> [Float] {
    scores.withUnsafeBufferPointer { row in
      let shares = SoftmaxShares(row, scale: scale)
      return scores.map { $0 == -.infinity ? 0 : shares.share(of: $0) }
    }
  }

  /// Odds of 1/2, 1/3 and 1/4 are 1, 1/2 and 1/3; their sum is 11/6. The masked item counts for
  /// nothing.
  @Test func probabilitiesBecomeSharesOfOdds() {
    let found = shares([0.5, 1.0 / 3, -.infinity, 0.25], .probability)
    for (share, expected) in zip(found, [6.0 / 11, 3.0 / 11, 0, 2.0 / 11]) {
      #expect(abs(Double(share) - expected) < 1e-6)
    }
  }

  @Test func sharesAreMadeToSumToOneOverWhatMayBeOffered() {
    let found = shares([0.1, 0.2, -.infinity], .share)
    #expect(abs(found[0] - 1.0 / 3) < 1e-6)
    #expect(abs(found[1] - 2.0 / 3) < 1e-6)
  }

  /// Odds are exponentials of logits, as are the shares of a softmax: both agree and sum to 1.
  @Test(arguments: [UInt64(1), 2, 3])
  func bothScalesAgree(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let logits = (0..<40).map { _ in Float(generator.nextIndex(below: 12_000)) / 1000 - 8 }
    let probabilities = logits.map { Float(1 / (1 + exp(-Double($0)))) }
    let direct = shares(logits.map { exp($0) }, .share)
    let byOdds = shares(probabilities, .probability)
    #expect(abs(direct.reduce(0, +) - 1) < 1e-5, "seed \(seed)")
    for (one, two) in zip(direct, byOdds) {
      #expect(abs(one - two) < 1e-4 * one + 1e-7, "seed \(seed)")
    }
  }

  @Test func theEndsOfTheScaleStayFinite() {
    #expect(shares([1, 0], .probability) == [1, 0])
    #expect(shares([0, 0, -.infinity], .probability) == [0.5, 0.5, 0])
    #expect(shares([1, 1], .probability) == [0.5, 0.5])
    #expect(shares([-.infinity], .share) == [0])
  }
}
