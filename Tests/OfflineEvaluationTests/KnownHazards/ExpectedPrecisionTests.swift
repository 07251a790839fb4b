internal import InteractionData
internal import Testing

@testable internal import OfflineEvaluation

struct ExpectedPrecisionTests {
  /// AP@k averaged over every possible outcome, each with its probability.
  private static func enumerated(_ ranked: [UInt32], _ hazards: [Float], k: Int) -> Double {
    var sum = 0.0
    for outcome in 0..<1 << hazards.count {
      var probability = 1.0
      for (item, hazard) in hazards.enumerated() {
        probability *= outcome >> item & 1 == 1 ? Double(hazard) : 1 - Double(hazard)
      }
      let relevant = hazards.indices.filter { outcome >> $0 & 1 == 1 }.map { UInt32($0) }
      let precision = ranked.withUnsafeBufferPointer { ranked in
        relevant.withUnsafeBufferPointer {
          RankingMetric(.meanAveragePrecision, at: k).value(ranked: ranked, relevant: $0)
        }
      }
      sum += probability * precision
    }
    return sum
  }

  private static func expected(_ ranked: [UInt32], _ hazards: [Float], k: Int) -> Double {
    var precision = ExpectedPrecision(k: k)
    // A second customer of the same object: nothing of the first may stay.
    return (0..<2).map { _ in
      ranked.withUnsafeBufferPointer { precision(ranked: $0, hazards: hazards[...]) }
    }[1]
  }

  @Test func oneItemByHand() {
    // Found at rank 2 alone, or beside the other: .5 * (.75 * 1/2 + .25 * 1 ) + .25 * .5 * 1.
    let value = Self.expected([0, 1], [0.25, 0.5], k: 2)
    let byHand = 0.25 * 0.5 * 1 + 0.75 * 0.5 * 0.5 + 0.25 * 0.5 * 1
    #expect(abs(value - byHand) < 1e-12)
  }

  @Test(arguments: 1...40 as ClosedRange<UInt64>)
  func equalsTheMeanOverAllOutcomes(seed: UInt64) {
    var generator = SeededGenerator(seed: seed, stream: 0)
    let itemCount = 1 + Int(generator.next() % 9)
    let k = 1 + Int(generator.next() % 8)
    let hazards = (0..<itemCount).map { _ -> Float in
      let draw = Float(generator.nextUnitDouble())
      return draw < 0.2 ? 0 : draw > 0.9 ? 1 : draw
    }
    var ranked = (0..<UInt32(itemCount)).shuffled(using: &generator)
    ranked.removeLast(Int(generator.next() % UInt64(itemCount + 1)))
    let fast = Self.expected(ranked, hazards, k: k)
    let slow = Self.enumerated(ranked, hazards, k: k)
    #expect(abs(fast - slow) < 1e-12, "seed \(seed): \(fast), over all outcomes \(slow)")
  }
}
