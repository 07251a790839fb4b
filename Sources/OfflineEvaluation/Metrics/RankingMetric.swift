/// A metric of one ranked list, cut after `k` places; its mean over customers is a figure.
///
/// Every mean is over *adders*, the customers with something relevant, but for
/// ``Kind/meanAveragePrecision``, whose denominator is all evaluated customers.
public struct RankingMetric: Sendable, Hashable {
  /// What is measured; the formulas are those of ``RankingMetrics``.
  public enum Kind: String, CaseIterable, Sendable {
    /// AP@k over all evaluated customers: one with nothing relevant counts 0.
    case meanAveragePrecision = "map"
    /// AP@k over adders.
    case addersMeanAveragePrecision = "adders_map"
    /// Recall@k over adders.
    case recall
    /// Precision@k over adders.
    case precision
    /// The share of adders with a hit in k places.
    case hitRate = "hit_rate"
    /// NDCG@k over adders.
    case normalizedDiscountedCumulativeGain = "ndcg"
    /// The reciprocal rank of the first hit in k places, 0 without one, over adders.
    case meanReciprocalRank = "mrr"
  }

  /// What is measured.
  public let kind: Kind
  /// The places looked at.
  public let k: Int

  /// Makes a metric.
  public init(_ kind: Kind, at k: Int) {
    self.kind = kind
    self.k = k
  }

  /// The name scripts know it by, such as `ndcg_at_10`.
  public var name: String { "\(kind.rawValue)_at_\(k)" }

  /// The metrics that are always measured, MAP at `k`, and every metric at each of `cutoffs`.
  public static func all(k: Int, cutoffs: [Int] = []) -> [RankingMetric] {
    var metrics = [
      RankingMetric(.meanAveragePrecision, at: k),
      RankingMetric(.addersMeanAveragePrecision, at: k),
      RankingMetric(.recall, at: 1), RankingMetric(.recall, at: 5), RankingMetric(.recall, at: 10),
      RankingMetric(.recall, at: 20),
      RankingMetric(.normalizedDiscountedCumulativeGain, at: 10),
      RankingMetric(.normalizedDiscountedCumulativeGain, at: 20),
      RankingMetric(.precision, at: 5), RankingMetric(.hitRate, at: 10),
      RankingMetric(.meanReciprocalRank, at: 20), RankingMetric(.meanReciprocalRank, at: 25),
    ]
    for cutoff in cutoffs {
      for kind in Kind.allCases {
        let metric = RankingMetric(kind, at: cutoff)
        if !metrics.contains(metric) { metrics.append(metric) }
      }
    }
    return metrics
  }

  /// The metric of one list; see ``RankingMetrics`` for the tie rule.
  func value(
    ranked: UnsafeBufferPointer<UInt32>, relevant: UnsafeBufferPointer<UInt32>
  ) -> Double {
    typealias M = RankingMetrics
    return switch kind {
    case .meanAveragePrecision, .addersMeanAveragePrecision:
      M.averagePrecision(ranked: ranked, relevant: relevant, k: k)
    case .recall: M.recall(ranked: ranked, relevant: relevant, k: k)
    case .precision: M.precision(ranked: ranked, relevant: relevant, k: k)
    case .hitRate: M.hitRate(ranked: ranked, relevant: relevant, k: k)
    case .normalizedDiscountedCumulativeGain:
      M.normalizedDiscountedCumulativeGain(ranked: ranked, relevant: relevant, k: k)
    case .meanReciprocalRank: M.reciprocalRank(ranked: ranked, relevant: relevant, k: k)
    }
  }
}
