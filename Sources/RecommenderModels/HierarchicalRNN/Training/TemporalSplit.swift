internal import Foundation
internal import InteractionData
internal import LinearAlgebra
internal import TensorFiles

/// A dataset without its newest month, or newest events, which a network is measured on.
struct TemporalSplit {
  /// What may be trained on.
  let training: Dataset
  private let targetMonth: Month
  private let customers: [UInt32]
  private let expected: [Expected]

  private enum Expected {
    /// Bits of what was held before the newest month, and of what was taken in it.
    case holdings(held: UInt64, taken: UInt64)
    /// The newest event's item.
    case item(UInt32)
  }

  /// The fewest months of a panel: two to learn from, one to measure on.
  static let monthMinimum = 3

  /// Splits a dataset.
  ///
  /// - Parameters:
  ///   - dataset: all that is known.
  ///   - share: the share of the customers to measure on, chosen by the seed.
  ///   - seed: where the choice comes from.
  /// - Throws: ``ModelError/unsuitableDataset(kind:reason:)`` when nothing is left to train or to
  ///   measure on.
  init(_ dataset: Dataset, share: Double, seed: UInt64) throws(ModelError) {
    var generator = SeededGenerator(seed: seed, stream: Stream.split)
    var customers: [UInt32] = []
    var expected: [Expected] = []
    if let panel = dataset.panel {
      guard panel.monthCount >= Self.monthMinimum else {
        throw .unsuitableDataset(
          kind: .hrnn,
          reason: "validation_split last_month needs \(Self.monthMinimum) months, "
            + "there are \(panel.monthCount)")
      }
      targetMonth = panel.lastMonth
      training = dataset.truncated(through: panel.lastMonth.advanced(by: -1))
      let mask = PanelSequences.itemMask(dataset.items.count)
      for customer in 0..<dataset.customers.count where generator.nextUnitDouble() < share {
        let rows = panel.rows(of: customer).suffix(2)
        guard rows.count == 2,
          rows.map({ Int(panel.monthIndexes[$0]) }) == [panel.monthCount - 2, panel.monthCount - 1]
        else { continue }
        let held = panel.held[rows.lowerBound] & mask
        customers.append(UInt32(customer))
        expected.append(
          .holdings(held: held, taken: panel.held[rows.upperBound - 1] & mask & ~held))
      }
    } else {
      targetMonth = dataset.lastMonth ?? Month(year: 1970, month: 1)
      // Two events at least must be left to learn from.
      let (remaining, heldOut) = dataset.leavingLastOut(minimumCount: 3)
      training = remaining
      for (customer, item) in heldOut.enumerated() where generator.nextUnitDouble() < share {
        guard let item else { continue }
        customers.append(UInt32(customer))
        expected.append(.item(item))
      }
    }
    guard !customers.isEmpty else {
      throw .unsuitableDataset(
        kind: .hrnn,
        reason: "no customer to validate on; raise validation_share, or leave validation_split out")
    }
    self.customers = customers
    self.expected = expected
  }

  /// The metrics of a network that was trained on ``training`` alone.
  func metrics(of network: HRNNRecommender, threadCount: Int) -> [String: Double] {
    let scorer = network.scorer(for: training, targetMonth: targetMonth)
    let ranking = CustomerRanking(dataset: training, scorer: scorer)
    if training.panel == nil { return nextEvent(ranking, threadCount) }
    let rows = ShardResults<[Float]>(count: customers.count, initial: [])
    ranking.forEach(customers: customers, threadCount: threadCount, masked: false) {
      rows[$0] = $1.map(Self.logit)
    }
    var metrics = ValidationMetrics()
    for (row, expected) in zip(rows.values, expected) {
      guard case .holdings(let held, let taken) = expected else { continue }
      row.withUnsafeBufferPointer { metrics.add(logits: $0, held: held, taken: taken) }
    }
    return metrics.values
  }

  private func nextEvent(_ ranking: CustomerRanking, _ threadCount: Int) -> [String: Double] {
    let ranks = ShardResults<Int>(count: customers.count, initial: 0)
    let positive = training.interactions.positiveEventTypes
    ranking.forEach(customers: customers, threadCount: threadCount, masked: false) {
      position, scores in
      guard case .item(let item) = expected[position] else { return }
      let target = scores[Int(item)]
      CandidateMask.apply(
        to: scores, history: training.history(of: Int(customers[position])), hasPanel: false,
        positiveEventTypes: positive)
      ranks[position] = 1 + scores.count { $0 > target }
    }
    var metrics = NextEventMetrics()
    for rank in ranks.values { metrics.add(rank: rank) }
    return metrics.values
  }

  /// The logit of a probability, finite for every float of 0 to 1.
  private static func logit(_ probability: Float) -> Float {
    let bounded = min(max(probability, 1e-7), 1 - 1e-7)
    return log(bounded / (1 - bounded))
  }
}
