internal import Foundation

/// Metrics of one ranked list against the set of relevant items.
///
/// A list is best first and may be shorter than `k`: the missing places are misses. Ties were
/// decided by whoever made the list (here: the lower item index first). Every metric is 0 when
/// nothing is relevant; whether such customers enter a mean is said at the mean.
public enum RankingMetrics {
  /// AP@k: the precision at each hit's rank, summed and divided by min(k, number of relevant
  /// items). In [0, 1].
  public static func averagePrecision(
    ranked: UnsafeBufferPointer<UInt32>, relevant: UnsafeBufferPointer<UInt32>, k: Int
  ) -> Double {
    guard !relevant.isEmpty, k > 0 else { return 0 }
    var hits = 0
    var sum = 0.0
    for rank in 0..<min(k, ranked.count) where relevant.contains(ranked[rank]) {
      hits += 1
      sum += Double(hits) / Double(rank + 1)
    }
    return sum / Double(min(k, relevant.count))
  }

  /// Recall@k: hits in the first k places, divided by the number of relevant items. In [0, 1].
  public static func recall(
    ranked: UnsafeBufferPointer<UInt32>, relevant: UnsafeBufferPointer<UInt32>, k: Int
  ) -> Double {
    relevant.isEmpty ? 0 : Double(hits(ranked, relevant, k)) / Double(relevant.count)
  }

  /// Precision@k: hits in the first k places, divided by k. In [0, 1].
  public static func precision(
    ranked: UnsafeBufferPointer<UInt32>, relevant: UnsafeBufferPointer<UInt32>, k: Int
  ) -> Double {
    k > 0 ? Double(hits(ranked, relevant, k)) / Double(k) : 0
  }

  /// Hit rate@k of one list: 1 with at least one hit in the first k places, else 0.
  public static func hitRate(
    ranked: UnsafeBufferPointer<UInt32>, relevant: UnsafeBufferPointer<UInt32>, k: Int
  ) -> Double {
    hits(ranked, relevant, k) > 0 ? 1 : 0
  }

  /// MRR@k of one list: one over the rank of the first hit, 0 without one in k places. In [0, 1].
  public static func reciprocalRank(
    ranked: UnsafeBufferPointer<UInt32>, relevant: UnsafeBufferPointer<UInt32>, k: Int
  ) -> Double {
    for rank in 0..<min(k, ranked.count) where relevant.contains(ranked[rank]) {
      return 1 / Double(rank + 1)
    }
    return 0
  }

  /// NDCG@k with binary gains: Σ over hits of 1/log2(1 + rank), divided by the same sum over the
  /// first min(k, number of relevant items) ranks. In [0, 1].
  public static func normalizedDiscountedCumulativeGain(
    ranked: UnsafeBufferPointer<UInt32>, relevant: UnsafeBufferPointer<UInt32>, k: Int
  ) -> Double {
    guard !relevant.isEmpty, k > 0 else { return 0 }
    var gain = 0.0
    for rank in 0..<min(k, ranked.count) where relevant.contains(ranked[rank]) {
      gain += 1 / log2(Double(rank + 2))
    }
    var ideal = 0.0
    for rank in 0..<min(k, relevant.count) { ideal += 1 / log2(Double(rank + 2)) }
    return gain / ideal
  }

  private static func hits(
    _ ranked: UnsafeBufferPointer<UInt32>, _ relevant: UnsafeBufferPointer<UInt32>, _ k: Int
  ) -> Int {
    var hits = 0
    for rank in 0..<min(k, ranked.count) where relevant.contains(ranked[rank]) { hits += 1 }
    return hits
  }
}
