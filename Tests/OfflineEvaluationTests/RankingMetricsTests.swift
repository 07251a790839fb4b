internal import Foundation
internal import OfflineEvaluation
internal import Testing

struct RankingMetricsTests {
  private typealias Metric = (
    UnsafeBufferPointer<UInt32>, UnsafeBufferPointer<UInt32>, Int
  ) -> Double

  private func measure(
    _ metric: Metric, _ ranked: [UInt32], _ relevant: [UInt32], _ k: Int
  ) -> Double {
    ranked.withUnsafeBufferPointer { ranked in
      relevant.withUnsafeBufferPointer { metric(ranked, $0, k) }
    }
  }

  @Test func averagePrecisionByHand() {
    let metric: Metric = RankingMetrics.averagePrecision
    #expect(measure(metric, [1, 2, 3], [1], 7) == 1)
    #expect(measure(metric, [2, 1, 3], [1], 7) == 0.5)
    // Hits at 1 and 3 of three relevant: (1/1 + 2/3) / 3.
    #expect(abs(measure(metric, [5, 9, 6], [5, 6, 7], 7) - (1 + 2.0 / 3) / 3) < 1e-12)
    // More relevant items than places: divided by k.
    #expect(measure(metric, [1, 2], [1, 2, 3, 4], 2) == 1)
    // A hit beyond k does not count.
    #expect(measure(metric, [9, 8, 1], [1], 2) == 0)
    #expect(measure(metric, [1, 2], [], 7) == 0)
    #expect(measure(metric, [], [1], 7) == 0)
  }

  @Test func theOtherMetricsByHand() {
    let ranked: [UInt32] = [4, 7, 1, 9, 2]
    let relevant: [UInt32] = [7, 2, 100]
    #expect(measure(RankingMetrics.recall, ranked, relevant, 1) == 0)
    #expect(measure(RankingMetrics.recall, ranked, relevant, 2) == 1.0 / 3)
    #expect(measure(RankingMetrics.recall, ranked, relevant, 5) == 2.0 / 3)
    #expect(measure(RankingMetrics.precision, ranked, relevant, 5) == 0.4)
    // A list shorter than k: missing places are misses.
    #expect(measure(RankingMetrics.precision, ranked, relevant, 10) == 0.2)
    #expect(measure(RankingMetrics.reciprocalRank, ranked, relevant, 25) == 0.5)
    #expect(measure(RankingMetrics.reciprocalRank, ranked, relevant, 1) == 0)
  }

  /// Worked example of a published guide: hits at 2 and 5, two relevant.
  @Test func discountedGainOfAKnownExample() {
    let value = measure(
      RankingMetrics.normalizedDiscountedCumulativeGain, [9, 1, 8, 7, 2], [1, 2], 5)
    let expected = (1 / log2(3.0) + 1 / log2(6.0)) / (1 / log2(2.0) + 1 / log2(3.0))
    #expect(abs(value - expected) < 1e-12)
    #expect(abs(value - 0.6241) < 5e-5)
  }

  /// Worked example of a published guide: first hits at 4, 2 and 6.
  @Test func meanReciprocalRankOfAKnownExample() {
    let lists: [[UInt32]] = [[9, 8, 7, 1], [9, 1], [9, 8, 7, 6, 5, 1]]
    let sum = lists.reduce(0) { $0 + measure(RankingMetrics.reciprocalRank, $1, [1], 25) }
    #expect(abs(sum / 3 - 0.3056) < 5e-5)
  }
}
