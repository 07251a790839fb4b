internal import EventLog
internal import InteractionData

/// Keeps the histories of customers who gave feedback, and scores them anew.
///
/// Used by one thread at a time: by the starting thread while the log is replayed, afterwards by
/// the event log's thread alone. That is what makes it safe to share.
final class LivePersonalization: @unchecked Sendable {
  /// A customer's new scores, to be handed to the thread that answers.
  struct Update: Sendable {
    /// Who it is.
    let customer: CustomerKey
    /// The scores, masked. `[items]`
    let scores: [Float]
  }

  /// A customer of the dataset, or one that only feedback speaks of.
  enum CustomerKey: Hashable, Sendable {
    case known(Int)
    case new(String)
  }

  /// The most customers that are only known from feedback.
  static let newCustomerLimit = 1_000_000

  private let dataset: Dataset
  private let table: ScoreTable
  private let datasetEndMilliseconds: Int64
  private var histories: [CustomerKey: LiveHistory] = [:]
  private var newCustomerCount = 0

  init(dataset: Dataset, table: ScoreTable) {
    self.dataset = dataset
    self.table = table
    datasetEndMilliseconds = (dataset.lastMonth?.secondsSince1970() ?? 0) * 1000
  }

  /// Takes an event in.
  ///
  /// An event older than the dataset's last month is history that the dataset has already told;
  /// it stays in the log and changes nothing. So is one of an item no longer in the catalogue.
  ///
  /// - Returns: the customer, when the scores may have changed.
  func apply(_ event: Event) -> CustomerKey? {
    guard event.timeMilliseconds >= datasetEndMilliseconds,
      let item = dataset.items.identifiers.index(of: event.itemID)
    else { return nil }
    let index = dataset.customers.index(of: event.userID)
    let key = index.map { CustomerKey.known($0) } ?? .new(event.userID)
    let isFirst = histories[key] == nil
    if index == nil && isFirst && newCustomerCount >= Self.newCustomerLimit { return nil }
    var history = histories[key] ?? LiveHistory(customer: index, in: dataset)
    guard history.apply(event.kind, item: item, timeMilliseconds: event.timeMilliseconds) else {
      return nil
    }
    if index == nil && isFirst { newCustomerCount += 1 }
    histories[key] = history
    return key
  }

  /// Scores customers anew.
  func updates(for customers: some Sequence<CustomerKey>) -> [Update] {
    customers.compactMap { key in
      guard let history = histories[key] else { return nil }
      var scores = [Float](repeating: 0, count: dataset.items.count)
      scores.withUnsafeMutableBufferPointer { row in
        history.withHistory { table.score($0, into: row) }
      }
      return Update(customer: key, scores: scores)
    }
  }
}
