internal import InteractionData
internal import RecommenderModels

/// Every customer's scores, ready to be ranked: items that may not be recommended are minus
/// infinity.
///
/// With a bank's few dozen products the whole table fits memory, and answering is a matter of
/// finding the largest few numbers of one row. Rows are computed in the background, first to last;
/// a customer whose turn has not come is scored when asked for, which gives the same bits. For
/// large catalogues there is no table and all are scored when asked for.
struct ScoreTable: Sendable {
  /// The largest table that is kept, in bytes.
  static let byteLimit = 512 << 20
  /// The customers whose rows are put in force together.
  private static let blockSize = 8192

  private let rows: ScoreRows?
  private let scorer: any Scorer
  private let dataset: Dataset
  private let positiveEventTypes: [Bool]

  /// Makes a table without a row, for ``fill(threadCount:)`` to fill when it fits.
  init(dataset: Dataset, scorer: any Scorer, byteLimit: Int = Self.byteLimit) {
    self.dataset = dataset
    self.scorer = scorer
    positiveEventTypes = dataset.interactions.positiveEventTypes
    let count = dataset.customers.count * dataset.items.count
    rows =
      count * MemoryLayout<Float>.size <= byteLimit
      ? ScoreRows(customerCount: dataset.customers.count, itemCount: dataset.items.count) : nil
  }

  /// Whether rows are kept at all.
  var keepsRows: Bool { rows != nil }

  /// The customers whose rows are there.
  var readyCount: Int { rows?.readyCount ?? 0 }

  /// Computes the rows that are not there yet; to be called once, on any thread.
  ///
  /// - Parameter threadCount: the threads to use.
  /// - Returns: whether all rows are there; false after ``stopFilling()``, and where none are kept.
  func fill(threadCount: Int) -> Bool {
    guard let rows else { return false }
    let ranking = CustomerRanking(dataset: dataset, scorer: scorer)
    while rows.readyCount < rows.customerCount {
      if rows.isStopped { return false }
      let start = rows.readyCount
      let end = min(start + Self.blockSize, rows.customerCount)
      let customers = (UInt32(start)..<UInt32(end)).map { $0 }
      // Each customer's row is written once, by whichever thread has its batch.
      ranking.forEach(customers: customers, threadCount: threadCount) { position, scores in
        rows.write(scores, ofCustomer: start + position)
      }
      rows.publish(through: end)
    }
    return true
  }

  /// Ends a ``fill(threadCount:)`` on another thread at its next block.
  func stopFilling() { rows?.stop() }

  /// Hands over the scores of a customer.
  func withScores<Result>(
    of customer: Int, scratch: UnsafeMutableBufferPointer<Float>,
    _ body: (UnsafeBufferPointer<Float>) -> Result
  ) -> Result {
    if let row = rows?.row(ofCustomer: customer) { return body(row) }
    score(dataset.history(of: customer), into: scratch)
    return body(UnsafeBufferPointer(scratch))
  }

  /// Reads from both ends of a customer's row, where it is ready, and returns some bits of it.
  @inline(__always)
  func touch(_ customer: Int) -> UInt32 {
    guard let row = rows?.row(ofCustomer: customer), let first = row.first, let last = row.last
    else { return 0 }
    return first.bitPattern ^ last.bitPattern
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
