public import InteractionData
internal import LinearAlgebra

/// Keeps up with customers' events without a panel: a state is taken on by one event at the price
/// of one step of the network, however long the history is.
///
/// The scores agree with those of reading the whole history within 0.00001, as long as the history
/// is not longer than ``HRNNConfiguration/eventLimit``: a state forgets nothing, a scorer reads the
/// newest events only.
public final class EventTracker: Sendable {
  /// The number of items.
  public let itemCount: Int
  private let walk: EventWalk
  private let pool: WorkspacePool<EventAdvance>

  init(_ model: SequenceModel, positiveEventTypes: [Bool]) {
    itemCount = model.network.dimensions.items
    walk = EventWalk(
      eventLimit: model.settings.eventLimit,
      sessionGapSeconds: Int64(model.settings.sessionGapSeconds), itemCount: itemCount,
      positive: positiveEventTypes, endsSessions: model.settings.levels > 1)
    pool = WorkspacePool { EventAdvance(model) }
  }

  /// Reads a history: its newest events that speak for their items, as many as a scorer reads.
  public func state(of history: CustomerHistory) -> EventState {
    var state = EventState()
    for place in walk.window(of: history) {
      advance(
        &state, item: history.itemIndexes[place], timestamp: history.timestamps[place],
        eventType: history.eventTypes[place])
    }
    return state
  }

  /// Takes a state on by one event.
  ///
  /// An event that does not speak for its item, or whose item the model does not know, changes
  /// nothing.
  ///
  /// - Parameters:
  ///   - state: the state.
  ///   - item: the item's place in the catalogue.
  ///   - timestamp: seconds since 1970, not before the last event's.
  ///   - eventType: a code of the dataset the tracker was made for.
  public func advance(
    _ state: inout EventState, item: UInt32, timestamp: Int64,
    eventType: UInt8 = EventType.acquired
  ) {
    guard walk.isUsable(item: item, eventType: eventType) else { return }
    let opensSession = state.timestamp.map { walk.opensSession(timestamp, after: $0) } ?? false
    state.timestamp = timestamp
    pool.withWorkspace { $0.advance(&state, item: item, opensSession: opensSession) }
  }

  /// The probability of each item being the next, 1 in sum.
  ///
  /// - Parameters:
  ///   - state: the customer's state.
  ///   - scores: every element is written. `[items]`
  public func score(_ state: EventState, into scores: UnsafeMutableBufferPointer<Float>) {
    precondition(scores.count == itemCount, "\(scores.count) scores of \(itemCount) items")
    guard let base = scores.baseAddress else { return }
    pool.withWorkspace { $0.score(state, into: base) }
  }
}
