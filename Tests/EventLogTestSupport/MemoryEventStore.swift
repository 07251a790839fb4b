public import EventLog
internal import Synchronization

/// An event log in memory: what it holds outlives its handles, as a file would.
public final class MemoryEventStore: EventStore {
  private struct State {
    var events: [(sequence: Int64, event: Event)] = []
    var identifiers: Set<String> = []
    var lastSequence: Int64 = 0
    var removals = 0
  }

  private let state = Mutex(State())

  /// Makes an empty log.
  public init() {}

  /// See ``EventStore``.
  public func append(_ events: [Event]) throws(EventLogError) -> [AppendOutcome] {
    guard events.count <= EventLogLimits.batchLimit else {
      throw .batchTooLarge(count: events.count, limit: EventLogLimits.batchLimit)
    }
    return state.withLock { state in
      events.map { event in
        if !event.eventID.isEmpty && !state.identifiers.insert(event.eventID).inserted {
          return .duplicate
        }
        state.lastSequence += 1
        state.events.append((state.lastSequence, event))
        return .appended(sequence: state.lastSequence)
      }
    }
  }

  /// See ``EventStore``.
  public func forEach(
    after sequence: Int64, _ body: (Int64, Event) -> Void
  ) throws(EventLogError) {
    let events = state.withLock { $0.events }
    for entry in events where entry.sequence > sequence { body(entry.sequence, entry.event) }
  }

  /// See ``EventStore``.
  public func count() throws(EventLogError) -> Int { state.withLock { $0.events.count } }

  /// See ``EventStore``.
  public func mark(at sequence: Int64) throws(EventLogError) -> String? {
    state.withLock { state in
      state.events.first { $0.sequence == sequence }.map { "\(state.removals) \($0.event)" }
    }
  }

  /// See ``EventStore``.
  public func compact(_ rule: RetentionRule) throws(EventLogError) -> Int {
    state.withLock { state in
      let before = state.events.count
      for entry in state.events where rule.removes(entry.event) {
        state.identifiers.remove(entry.event.eventID)
      }
      state.events.removeAll { rule.removes($0.event) }
      if state.events.count < before { state.removals += 1 }
      return before - state.events.count
    }
  }
}
