internal import EventLog
internal import InteractionData
internal import LinearAlgebra

/// Keeps the histories of customers who gave feedback and what the model remembers of them, and
/// scores them anew.
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
  private let scorer: LiveScorer
  private let newCustomerLimit: Int
  private let knownThroughSeconds: Int64
  private var customers: [CustomerKey: LiveCustomer] = [:]
  private var newCustomerCount = 0
  /// How many customers feedback speaks of.
  var customerCount: Int { customers.count }

  init(
    dataset: Dataset, scorer: LiveScorer,
    newCustomerLimit: Int = LivePersonalization.newCustomerLimit
  ) {
    self.dataset = dataset
    self.scorer = scorer
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
    let existing = customers.removeValue(forKey: key)
    let isNew = existing == nil
    if index == nil && isNew && newCustomerCount >= newCustomerLimit { return nil }
    var customer =
      consume existing ?? LiveCustomer(history: LiveHistory(customer: index, in: dataset))
    let entry = LiveHistory.Entry(
      kind: event.kind, item: item, timestamp: event.timeMilliseconds / 1000)
    let changed = scorer.apply(entry, to: &customer)
    guard changed || !isNew else { return nil }
    if index == nil && isNew { newCustomerCount += 1 }
    customers[key] = customer
    return changed ? key : nil
  }

  /// What to answer these customers from.
  func updates(for keys: some Sequence<CustomerKey>, threadCount: Int = 1) -> [Update] {
    let keys = keys.filter { customers[$0] != nil }
    var taken = keys.compactMap { customers.removeValue(forKey: $0) }
    var states = [LiveState](repeating: .scores([]), count: taken.count)
    taken.withUnsafeMutableBufferPointer { taken in
      states.withUnsafeMutableBufferPointer { states in
        // Each place is written by whichever thread has it.
        nonisolated(unsafe) let (taken, states) = (taken, states)
        Parallel.forEach(count: taken.count, threadCount: threadCount) { place in
          scorer.remember(&taken[place])
          states[place] = state(of: taken[place])
        }
      }
    }
    for (key, customer) in zip(keys, taken) { customers[key] = customer }
    return zip(keys, states).map { Update(customer: $0, state: $1) }
  }

  private func state(of customer: LiveCustomer) -> LiveState {
    guard scorer.table.keepsRows else { return .customer(customer) }
    var scores = [Float](repeating: 0, count: dataset.items.count)
    scores.withUnsafeMutableBufferPointer { scorer.score(customer, into: $0) }
    return .scores(scores)
  }
}

/// What a customer who gave feedback is answered from.
enum LiveState: Sendable {
  /// The scores, masked. `[items]`
  case scores([Float])
  /// The customer, scored when asked for: with large catalogues rows would fill the memory.
  case customer(LiveCustomer)
}
