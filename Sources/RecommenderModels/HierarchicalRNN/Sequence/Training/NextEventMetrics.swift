internal import Foundation

/// Metrics of predicting one event each, from the rank of the item that came.
struct NextEventMetrics {
  private var count = 0
  private var averagePrecision = 0.0
  private var recallAtOne = 0.0
  private var recallAtTen = 0.0
  private var gainAtTen = 0.0
  private var reciprocalRank = 0.0

  /// Adds a customer; the best rank is 1.
  mutating func add(rank: Int) {
    count += 1
    reciprocalRank += 1 / Double(rank)
    if rank == 1 { recallAtOne += 1 }
    if rank <= 7 { averagePrecision += 1 / Double(rank) }
    if rank <= 10 {
      recallAtTen += 1
      gainAtTen += 1 / log2(Double(rank) + 1)
    }
  }

  /// The metrics by name; empty without customers.
  var values: [String: Double] {
    if count == 0 { return [:] }
    let count = Double(count)
    return [
      "customers": count, "adders": count, "map_at_7": averagePrecision / count,
      "adders_map_at_7": averagePrecision / count, "recall_at_1": recallAtOne / count,
      "recall_at_10": recallAtTen / count, "ndcg_at_10": gainAtTen / count,
      "mrr": reciprocalRank / count,
    ]
  }
}
