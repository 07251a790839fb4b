import Foundation
import InteractionData
import Testing

@testable import Exploration

/// The probabilities of being the best.
struct ProbabilityMatchingTests {
  private static func matching(
    _ means: [Double], _ deviations: [Double], _ threshold: Double
  ) -> [Double] {
    var matching = ProbabilityMatching()
    var probabilities: [Double] = []
    matching.fill(
      means: means, deviations: deviations, threshold: threshold, into: &probabilities)
    return probabilities
  }

  @Test func theTableOfTheNormalDistributionIsRight() {
    for step in -8000...8000 {
      let x = Double(step) / 1000
      let exact = 0.5 * erfc(-x / 2.0.squareRoot())
      #expect(abs(NormalDistribution.cumulative(x) - exact) < 1e-6)
    }
  }

  @Test func oneAloneIsItsTail() {
    let probabilities = Self.matching([0], [1], 1)
    #expect(abs(probabilities[0] - 0.5 * erfc(1 / 2.0.squareRoot())) < 1e-4)
  }

  @Test func equalsShareEqually() {
    let probabilities = Self.matching([0, 0, 0], [1, 1, 1], -.greatestFiniteMagnitude)
    for probability in probabilities { #expect(abs(probability - 1.0 / 3) < 0.005) }
  }

  @Test func nobodyReachesAFarThreshold() {
    #expect(Self.matching([0, 1], [0.1, 0.1], 3) == [0, 0])
    #expect(Self.matching([], [], 0) == [])
  }

  @Test(arguments: [UInt64(11), 12, 13])
  func drawsAgree(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let means = (0..<6).map { _ in generator.nextGaussian() }
    let deviations = (0..<6).map { _ in 0.2 + generator.nextUnitDouble() }
    let threshold = 0.5
    let count = 100_000
    var wins = [Double](repeating: 0, count: 6)
    for _ in 0..<count {
      let draws = (0..<6).map { means[$0] + deviations[$0] * generator.nextGaussian() }
      let best = draws.indices.max { draws[$0] < draws[$1] } ?? 0
      if draws[best] > threshold { wins[best] += 1 }
    }
    let probabilities = Self.matching(means, deviations, threshold)
    for place in 0..<6 {
      let share = wins[place] / Double(count)
      #expect(abs(share - probabilities[place]) < 0.012, "seed \(seed), \(place)")
    }
  }
}
