internal import Foundation
internal import LinearAlgebra

/// Metrics of the customers kept aside, summed up customer by customer.
///
/// AP@7 of a customer is the sum over hits of precision at the hit's rank, divided by the smaller
/// of 7 and the number of items taken. A customer who takes nothing counts 0 in MAP@7 and is left
/// out of the other ranking metrics.
struct ValidationMetrics {
  private static let depth = 7

  private var customers = 0
  private var adders = 0
  private var averagePrecision = 0.0
  private var recallAtOne = 0.0
  private var reciprocalRank = 0.0
  private var logLoss = 0.0
  private var logLossCount = 0

  /// Adds a customer.
  ///
  /// - Parameters:
  ///   - logits: `[items]`, at most 64.
  ///   - held: bits of the items that cannot be taken.
  ///   - taken: bits of the items that were.
  mutating func add(logits: UnsafeBufferPointer<Float>, held: UInt64, taken: UInt64) {
    customers += 1
    var ranking: [Int] = []
    for item in logits.indices where held >> UInt64(item) & 1 == 0 {
      ranking.append(item)
      let logit = Double(logits[item])
      let softplus = max(logit, 0) + log1p(exp(-abs(logit)))
      logLoss += softplus - (taken >> UInt64(item) & 1 == 1 ? logit : 0)
      logLossCount += 1
    }
    let relevant = taken.nonzeroBitCount
    if relevant == 0 { return }
    adders += 1
    ranking.sort { logits[$0] > logits[$1] || (logits[$0] == logits[$1] && $0 < $1) }
    var hits = 0
    var sum = 0.0
    for (rank, item) in ranking.enumerated() where taken >> UInt64(item) & 1 == 1 {
      hits += 1
      if hits == 1 { reciprocalRank += 1 / Double(rank + 1) }
      if rank == 0 { recallAtOne += 1 / Double(relevant) }
      if rank < Self.depth { sum += Double(hits) / Double(rank + 1) }
    }
    averagePrecision += sum / Double(min(Self.depth, relevant))
  }

  /// The metrics by name; empty without customers.
  var values: [String: Double] {
    if customers == 0 { return [:] }
    var values = [
      "customers": Double(customers), "adders": Double(adders),
      "map_at_7": averagePrecision / Double(customers),
    ]
    if logLossCount > 0 { values["log_loss"] = logLoss / Double(logLossCount) }
    if adders > 0 {
      values["adders_map_at_7"] = averagePrecision / Double(adders)
      values["recall_at_1"] = recallAtOne / Double(adders)
      values["mrr"] = reciprocalRank / Double(adders)
    }
    return values
  }
}
