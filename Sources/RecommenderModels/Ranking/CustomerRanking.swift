public import InteractionData
internal import LinearAlgebra

/// Ranks items for many customers of a dataset, batch by batch, on several threads.
public struct CustomerRanking: Sendable {
  private let dataset: Dataset
  private let scorer: any Scorer
  private let positiveEventTypes: [Bool]

  /// Makes a ranking of a dataset's customers by a scorer of the same dataset.
  public init(dataset: Dataset, scorer: any Scorer) {
    self.dataset = dataset
    self.scorer = scorer
    positiveEventTypes = dataset.interactions.positiveEventTypes
  }

  /// Scores customers, masks what they hold, and hands over each one's scores.
  ///
  /// - Parameters:
  ///   - customers: the customers, in any order.
  ///   - threadCount: the threads to use.
  ///   - masked: whether what a customer holds is set to minus infinity.
  ///   - use: called once for each customer, from several threads: its position in `customers`,
  ///     and its scores `[items]`, valid during the call.
  public func forEach(
    customers: [UInt32], threadCount: Int, masked: Bool = true,
    _ use: @Sendable (Int, UnsafeMutableBufferPointer<Float>) -> Void
  ) {
    let itemCount = dataset.items.count
    let chunks = Parallel.chunks(
      of: customers.count, chunkSize: ScoringBatch.size(for: scorer, itemCount: itemCount))
    Parallel.forEach(count: chunks.count, threadCount: threadCount) { chunk in
      let histories = chunks[chunk].map { dataset.history(of: Int(customers[$0])) }
      withUnsafeTemporaryAllocation(of: Float.self, capacity: histories.count * itemCount) {
        scores in
        scorer.score(histories, into: scores)
        for (index, history) in histories.enumerated() {
          let row = UnsafeMutableBufferPointer(
            rebasing: scores[index * itemCount..<(index + 1) * itemCount])
          if masked {
            CandidateMask.apply(
              to: row, history: history, hasPanel: dataset.panel != nil,
              positiveEventTypes: positiveEventTypes)
          }
          use(chunks[chunk].lowerBound + index, row)
        }
      }
    }
  }

  /// The best items of each customer.
  ///
  /// - Parameters:
  ///   - customers: the customers.
  ///   - count: the most items a customer gets.
  ///   - threadCount: the threads to use.
  /// - Returns: lists in the order of `customers`, best first; shorter where fewer items are left.
  public func topItems(customers: [UInt32], count: Int, threadCount: Int) -> RankedLists {
    let lists = RankedLists(customerCount: customers.count, stride: count)
    forEach(customers: customers, threadCount: threadCount) { position, scores in
      lists.fill(position, from: UnsafeBufferPointer(scores))
    }
    return lists
  }
}
