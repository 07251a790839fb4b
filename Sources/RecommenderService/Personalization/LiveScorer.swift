internal import InteractionData
internal import RecommenderModels

/// Scores customers who gave feedback.
///
/// Of a recurrent network a customer's state is made at the first event and kept: reading the
/// history is paid for once, each further event costs one step. States of all customers at the start
/// would take `customers × units × 4` bytes (245 MB for a million at 64 units) and the time of
/// scoring them all, for the few who give feedback before the next training.
struct LiveScorer: Sendable {
  private enum Form {
    case months(PanelTracker)
    case events(EventTracker)
    /// The model has no state: every score is computed from the history.
    case replay
  }

  let table: ScoreTable
  private let form: Form

  init(recommender: any Recommender, dataset: Dataset, targetMonth: Month, table: ScoreTable) {
    self.table = table
    let network = recommender as? HRNNRecommender
    if let tracker = network?.panelTracker(for: dataset, targetMonth: targetMonth) {
      form = .months(tracker)
    } else if let tracker = network?.eventTracker(for: dataset) {
      form = .events(tracker)
    } else {
      form = .replay
    }
  }

  /// Takes an event into a customer's history, and by one step into what is remembered.
  ///
  /// - Returns: whether the customer's scores may have changed.
  func apply(_ event: LiveHistory.Entry, to customer: inout LiveCustomer) -> Bool {
    let change = customer.history.apply(event)
    switch (change, form, customer.memory) {
    case (.newestEvent, .events(let tracker), .events(var state)):
      // The customer lets go of the state first: a second reference would copy its arrays.
      customer.memory = nil
      tracker.advance(
        &state, item: UInt32(event.item), timestamp: event.timestamp,
        eventType: event.eventType ?? EventType.acquired)
      customer.memory = .events(state)
    case (.earlierEvents, .events, _):
      // Steps cannot be taken back; the history is read anew when scores are asked for.
      customer.memory = nil
    default: break
    }
    return change != .nothing
  }

  /// Reads the history when nothing is remembered.
  func remember(_ customer: inout LiveCustomer) {
    guard customer.memory == nil else { return }
    switch form {
    case .months(let tracker):
      customer.memory = .months(customer.history.withHistory { tracker.state(of: $0) })
    case .events(let tracker): customer.memory = .events(Self.state(customer.history, tracker))
    case .replay: break
    }
  }

  /// Dataset first, then every live event: the same steps that single events take.
  private static func state(_ history: LiveHistory, _ tracker: EventTracker) -> EventState {
    history.withHistory { history, importedCount in
      var imported = history
      imported.itemIndexes = .init(rebasing: history.itemIndexes.prefix(importedCount))
      imported.timestamps = .init(rebasing: history.timestamps.prefix(importedCount))
      imported.eventTypes = .init(rebasing: history.eventTypes.prefix(importedCount))
      var state = tracker.state(of: imported)
      for place in importedCount..<history.itemIndexes.count {
        tracker.advance(
          &state, item: history.itemIndexes[place], timestamp: history.timestamps[place],
          eventType: history.eventTypes[place])
      }
      return state
    }
  }

  /// Scores a customer and masks what may not be recommended. `scores: [items]`
  func score(_ customer: LiveCustomer, into scores: UnsafeMutableBufferPointer<Float>) {
    var customer = customer
    remember(&customer)
    customer.history.withHistory { history in
      switch (form, customer.memory) {
      case (.months(let tracker), .months(let state)):
        tracker.score(history, after: state, into: scores)
        table.mask(scores, of: history)
      case (.events(let tracker), .events(let state)):
        tracker.score(state, into: scores)
        table.mask(scores, of: history)
      default: table.score(history, into: scores)
      }
    }
  }
}
