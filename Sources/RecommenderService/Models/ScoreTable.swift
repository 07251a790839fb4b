internal import InteractionData
internal import LinearAlgebra
internal import RecommenderModels
internal import TensorFiles

/// Every customer's scores, ready to be ranked: items that may not be recommended are minus
/// infinity.
///
/// With a bank's few dozen products the whole table fits memory, and answering is a matter of
/// finding the largest few numbers of one row. For large catalogues there is no table and rows
/// are scored when asked for.
struct ScoreTable: Sendable {
  /// The largest table that is kept, in bytes.
  static let byteLimit = 512 << 20

  private let rows: Column<Float>?
  private let scorer: any Scorer
  private let dataset: Dataset
  private let positiveEventTypes: [Bool]

  /// Scores all customers when the table fits, on `threadCount` threads.
  init(dataset: Dataset, scorer: any Scorer, threadCount: Int, byteLimit: Int = Self.byteLimit) {
    self.dataset = dataset
    self.scorer = scorer
    positiveEventTypes = dataset.interactions.positiveEventTypes
    let itemCount = dataset.items.count
    let count = dataset.customers.count * itemCount
    guard count * MemoryLayout<Float>.size <= byteLimit else {
      rows = nil
      return
    }
    let ranking = CustomerRanking(dataset: dataset, scorer: scorer)
    let customers = (0..<UInt32(dataset.customers.count)).map { $0 }
    rows = Column(count: count) { table in
      nonisolated(unsafe) let table = table
      // Each customer's row is written once, by whichever thread has its batch.
      ranking.forEach(customers: customers, threadCount: threadCount) { position, scores in
        _ = table.extracting(position * itemCount..<(position + 1) * itemCount)
          .update(fromContentsOf: scores)
      }
    }
  }

  /// Whether every customer's row is kept.
  var isComplete: Bool { rows != nil }

  /// Hands over the scores of a customer.
  func withScores<Result>(
    of customer: Int, scratch: UnsafeMutableBufferPointer<Float>,
    _ body: (UnsafeBufferPointer<Float>) -> Result
  ) -> Result {
    let itemCount = dataset.items.count
    if let rows {
      return body(rows.slice(customer * itemCount..<(customer + 1) * itemCount))
    }
    score(dataset.history(of: customer), into: scratch)
    return body(UnsafeBufferPointer(scratch))
  }

  /// Scores one history and masks what may not be recommended. `scores: [items]`
  func score(_ history: CustomerHistory, into scores: UnsafeMutableBufferPointer<Float>) {
    scorer.score([history], into: scores)
    mask(scores, of: history)
  }

  /// Masks what may not be recommended. `scores: [items]`
  func mask(_ scores: UnsafeMutableBufferPointer<Float>, of history: CustomerHistory) {
    CandidateMask.apply(
      to: scores, history: history, hasPanel: dataset.panel != nil,
      positiveEventTypes: positiveEventTypes)
  }
}
