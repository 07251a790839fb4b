internal import EventLog
internal import InteractionData

/// Keeps the histories of customers who gave feedback, and scores them anew.
///
/// Used by one thread at a time: by the starting thread while the log is replayed, afterwards by
/// the event log's thread alone. That is what makes it safe to share.
final class LivePersonalization: @unchecked Sendable {
  /// What changed for a customer, to be handed to the thread that answers.
  struct Update: Sendable {
    /// Who it is.
    let customer: CustomerKey
    /// What to answer from.
    let state: LiveState
  }

  /// A customer of the dataset, or one that only feedback speaks of.
  enum CustomerKey: Hashable, Sendable {
    case known(Int)
    case new(String)
  }

  /// The most customers that are only known from feedback; further ones get popular items.
  static let newCustomerLimit = 1_000_000

  private let dataset: Dataset
  private let table: ScoreTable
  private let newCustomerLimit: Int
  private let knownThroughSeconds: Int64
  private var histories: [CustomerKey: LiveHistory] = [:]
  private var newCustomerCount = 0

  init(
    dataset: Dataset, table: ScoreTable,
    newCustomerLimit: Int = LivePersonalization.newCustomerLimit
  ) {
    self.dataset = dataset
    self.table = table
    self.newCustomerLimit = newCustomerLimit
    knownThroughSeconds = dataset.knownThrough
  }

  /// Takes an event in.
  ///
  /// An event of a time that the dataset itself tells of stays in the log and changes nothing. So
  /// does one of an item no longer in the catalogue.
  ///
  /// - Returns: the customer, when the scores may have changed.
  func apply(_ event: Event) -> CustomerKey? {
    guard event.timeMilliseconds / 1000 > knownThroughSeconds,
      let item = dataset.items.identifiers.index(of: event.itemID)
    else { return nil }
    let index = dataset.customers.index(of: event.userID)
    let key = index.map { CustomerKey.known($0) } ?? .new(event.userID)
    // Taken out of the dictionary while it changes: a second reference would copy its arrays.
    let existing = histories.removeValue(forKey: key)
    if index == nil && existing == nil && newCustomerCount >= newCustomerLimit { return nil }
    var history = existing ?? LiveHistory(customer: index, in: dataset)
    let changed = history.apply(
      event.kind, item: item, timeMilliseconds: event.timeMilliseconds)
    guard changed || existing != nil else { return nil }
    if index == nil && existing == nil { newCustomerCount += 1 }
    histories[key] = history
    return changed ? key : nil
  }

  /// What to answer these customers from.
  func updates(for customers: some Sequence<CustomerKey>) -> [Update] {
    customers.compactMap { key in
      guard let history = histories[key] else { return nil }
      guard table.isComplete else { return Update(customer: key, state: .history(history)) }
      var scores = [Float](repeating: 0, count: dataset.items.count)
      scores.withUnsafeMutableBufferPointer { row in
        history.withHistory { table.score($0, into: row) }
      }
      return Update(customer: key, state: .scores(scores))
    }
  }
}

/// What a customer who gave feedback is answered from.
enum LiveState: Sendable {
  /// The scores, masked. `[items]`
  case scores([Float])
  /// The history, scored when asked for: with large catalogues rows would fill the memory.
  case history(LiveHistory)
}
