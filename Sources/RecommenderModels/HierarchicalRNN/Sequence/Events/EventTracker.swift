public import InteractionData
internal import LinearAlgebra

/// Keeps up with customers' events without a panel: a state is taken on by one event at the price
/// of one step of each network, however long the history is.
///
/// The scores have the very bits that reading the whole history gives, as long as the history is
/// not longer than ``HRNNConfiguration/eventLimit``: a state forgets nothing, a scorer reads the
/// newest events only.
public final class EventTracker: Sendable {
  /// The number of items.
  public let itemCount: Int
  private let walk: EventWalk
  /// Of the networks that are averaged; one as a rule.
  private let pools: [WorkspacePool<EventAdvance>]

  /// - Parameters:
  ///   - models: networks with the same settings and catalogue, at least one.
  ///   - dataset: whose attributes and event types are meant.
  init(_ models: [SequenceModel], dataset: Dataset) {
    itemCount = models[0].network.dimensions.items
    walk = models[0].walk(dataset)
    pools = models.map { model in
      let encoder = model.encoder(dataset.customerAttributes)
      return WorkspacePool { EventAdvance(model, encoder) }
    }
  }

  /// Reads a history: its newest events that speak for their items, as many as a scorer reads.
  public func state(of history: CustomerHistory) -> EventState {
    var state = EventState(attributeIndex: history.attributeIndex)
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
    if state.networks.isEmpty {
      state.networks = Array(repeating: EventState.Layers(), count: pools.count)
    }
    for (network, pool) in pools.enumerated() {
      pool.withWorkspace {
        $0.load(state.attributeIndex)
        $0.advance(&state.networks[network], item: item, opensSession: opensSession)
      }
    }
    state.note(item, timestamp)
  }

  /// The probability of each item being the next, 1 in sum; of several networks the same sum as
  /// their scorer makes.
  ///
  /// - Parameters:
  ///   - state: the customer's state.
  ///   - scores: every element is written. `[items]`
  public func score(_ state: EventState, into scores: UnsafeMutableBufferPointer<Float>) {
    precondition(scores.count == itemCount, "\(scores.count) scores of \(itemCount) items")
    func score(_ network: Int, into scores: UnsafeMutablePointer<Float>) {
      let layers = state.networks.isEmpty ? EventState.Layers() : state.networks[network]
      pools[network].withWorkspace {
        $0.load(state.attributeIndex)
        $0.score(layers, recent: state.recent, into: scores)
      }
    }
    guard let base = scores.baseAddress else { return }
    if pools.count == 1 { return score(0, into: base) }
    ScoreMean.write(networks: pools.count, into: scores) { score($0, into: $1) }
  }
}
