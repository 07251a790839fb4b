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
    /// What to answer from; nil for one that the models know nothing of.
    let state: LiveState?
    /// The items put since the training that the customer holds.
    let heldAdded: [UInt32]
  }

  /// A customer of the dataset, or one that only feedback speaks of.
  enum CustomerKey: Hashable, Sendable {
    case known(Int)
    case new(String)
  }

  /// The most customers that are only known from feedback; further ones get popular items.
  static let newCustomerLimit = 1_000_000
  /// The most sessions whose later events go to the customer they have joined.
  static let joinedSessionLimit = 1_000_000

  let dataset: Dataset
  /// Between events that are taken in, and customers who are scored.
  let givingWay = GivingWay()
  private let scorer: LiveScorer
  private let newCustomerLimit: Int
  private let knownThroughSeconds: Int64
  var customers: [CustomerKey: LiveCustomer] = [:]
  var newCustomerCount = 0
  /// How many customers feedback speaks of.
  var customerCount: Int { customers.count }
  private let indexOfItem: @Sendable (String) -> Int?
  var joinedSessions: [String: CustomerKey] = [:]
  /// Those who are to be scored while nothing is logged.
  private var deferred: [CustomerKey] = []
  /// Sessions that have joined a customer since the last update.
  private var leftSessions: [String] = []
  private var joinedItems: [(item: Int, customer: CustomerKey)] = []
  /// The item of the dataset that the last event gave to a customer who lacked it; nil for any other
  /// event.
  private(set) var lastAddition: Int?

  init(
    dataset: Dataset, scorer: LiveScorer,
    indexOfItem: (@Sendable (String) -> Int?)? = nil,
    newCustomerLimit: Int = LivePersonalization.newCustomerLimit
  ) {
    self.dataset = dataset
    self.scorer = scorer
    self.newCustomerLimit = newCustomerLimit
    self.indexOfItem = indexOfItem ?? { dataset.items.identifiers.index(of: $0) }
    knownThroughSeconds = dataset.knownThrough
  }

  /// Takes an event in.
  ///
  /// An event of a time that the dataset itself tells of stays in the log and changes nothing. So
  /// does one of an item no longer in the catalogue.
  ///
  /// A `user_id` that is the `session_id` is a session before log-in. The first event of the session
  /// with another `user_id` is the log-in: what was taken and given up in the session, and what still
  /// comes of it, is that customer's.
  ///
  /// - Returns: the customer, when the scores may have changed.
  func apply(_ event: Event) -> CustomerKey? {
    lastAddition = nil
    guard event.timeMilliseconds / 1000 > knownThroughSeconds,
      let item = indexOfItem(event.itemID)
    else { return nil }
    let isSession = event.userID == event.sessionID
    let key = (isSession ? joinedSessions[event.userID] : nil) ?? self.key(of: event.userID)
    let index: Int? = if case .known(let index) = key { index } else { nil }
    // Taken out of the dictionary while it changes: a second reference would copy its arrays.
    let existing = customers.removeValue(forKey: key)
    let isNew = existing == nil
    if index == nil && isNew && newCustomerCount >= newCustomerLimit { return nil }
    var customer =
      consume existing ?? LiveCustomer(history: LiveHistory(customer: index, in: dataset))
    if isNew { customer.isAnonymous = isSession && index == nil }
    var changed = !isSession && join(event.sessionID, to: &customer, key)
    if item < dataset.items.count {
      if event.kind == .accepted, !customer.history.has(item) { lastAddition = item }
      let entry = LiveHistory.Entry(
        kind: event.kind, item: item, timestamp: event.timeMilliseconds / 1000)
      if scorer.apply(entry, to: &customer) { changed = true }
    } else if customer.apply(event.kind, added: item) {
      changed = true
    }
    guard changed || !isNew else { return nil }
    if index == nil && isNew { newCustomerCount += 1 }
    customers[key] = customer
    return changed ? key : nil
  }

  private func key(of userID: String) -> CustomerKey {
    dataset.customers.index(of: userID).map { .known($0) } ?? .new(userID)
  }

  /// Makes what happened in a session before log-in the customer's; whether something did.
  private func join(
    _ session: String, to customer: inout LiveCustomer, _ key: CustomerKey
  ) -> Bool {
    guard !session.isEmpty, customers[.new(session)]?.isAnonymous == true,
      joinedSessions.count < Self.joinedSessionLimit,
      let visitor = customers.removeValue(forKey: .new(session))
    else { return false }
    newCustomerCount -= 1
    joinedSessions[session] = key
    leftSessions.append(session)
    for entry in visitor.history.liveEntries {
      _ = scorer.apply(entry, to: &customer)
      if entry.kind == .accepted { joinedItems.append((entry.item, key)) }
    }
    for item in visitor.heldAdded { _ = customer.apply(.accepted, added: Int(item)) }
    return true
  }

  /// The items that sessions have brought to the customers they joined, since this was last asked
  /// for.
  func takeJoinedItems() -> [(item: Int, customer: CustomerKey)] {
    defer { joinedItems.removeAll() }
    return joinedItems
  }

  /// What to answer these customers from, and which sessions are no customers any more.
  func updates(for keys: some Sequence<CustomerKey>, threadCount: Int = 1) -> [Update] {
    let keys = keys.filter { customers[$0] != nil }
    var taken = keys.compactMap { customers.removeValue(forKey: $0) }
    var states = [LiveState?](repeating: nil, count: taken.count)
    taken.withUnsafeMutableBufferPointer { taken in
      states.withUnsafeMutableBufferPointer { states in
        // Each place is written by whichever thread has it.
        nonisolated(unsafe) let (taken, states) = (taken, states)
        Parallel.forEach(count: taken.count, threadCount: threadCount) { place in
          givingWay.step(place)
          if taken[place].history.isEmpty { return }
          scorer.remember(&taken[place])
          states[place] = state(of: taken[place])
        }
      }
    }
    for (key, customer) in zip(keys, taken) { customers[key] = customer }
    defer { leftSessions.removeAll() }
    return leftSessions.map { Update(customer: .new($0), state: nil, heldAdded: []) }
      + keys.indices.map { place in
        Update(
          customer: keys[place], state: states[place], heldAdded: taken[place].heldAdded)
      }
  }

  /// What to answer everybody from that feedback speaks of, without scoring anybody: who is asked for
  /// before ``scoreDeferred(limit:)`` comes to him is scored then.
  func deferredUpdates() -> [Update] {
    deferred = Array(customers.keys)
    leftSessions.removeAll()
    return customers.map { key, customer in
      Update(
        customer: key, state: customer.history.isEmpty ? nil : .customer(customer),
        heldAdded: customer.heldAdded)
    }
  }

  /// Whether somebody is still to be scored.
  var hasDeferred: Bool { !deferred.isEmpty }

  /// Scores some of those who were left for later.
  func scoreDeferred(limit: Int) -> [Update] {
    let keys = Array(deferred.suffix(limit))
    deferred.removeLast(keys.count)
    return updates(for: keys)
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
