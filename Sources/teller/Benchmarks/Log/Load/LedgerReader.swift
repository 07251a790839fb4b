internal import EventLog
internal import RecommenderRPC

/// Compares the log of a server that is gone with what it had acknowledged.
struct LedgerReader {
  private let path: String
  private var lastSequence: Int64 = 0
  private var seen: Set<String> = []

  /// The events in the log.
  private(set) var eventCount = 0

  init(path: String) { self.path = path }

  /// Reads what has come since the last time.
  ///
  /// - Parameter ledger: what became of the events since then.
  /// - Returns: what is wrong, a line each: events lost, kept twice, kept though they were refused,
  ///   out of order, or a part of a batch.
  /// - Throws: `EventLogError`.
  mutating func faults(_ ledger: FeedbackLedger) throws -> [String] {
    var faults: [String] = []
    var sequences: [String: Int64] = [:]
    let store = try SQLiteEventStore(path: path)
    try store.forEach(after: lastSequence) { sequence, event in
      eventCount += 1
      lastSequence = sequence
      sequences[event.eventID] = sequence
      if !seen.insert(event.eventID).inserted {
        faults.append("\(event.eventID) is in the log twice")
      }
    }
    for batch in ledger.acknowledged {
      for id in batch where !seen.contains(id) { faults.append("\(id) is lost") }
      let places = batch.compactMap { sequences[$0] }
      if places != places.sorted() { faults.append("\(batch[0]): the batch is out of order") }
    }
    for batch in ledger.open {
      let name = batch.events[0].eventID
      let loggedCount = batch.events.count { seen.contains($0.eventID) }
      if loggedCount > 0 && !batch.mayBeLogged {
        faults.append("\(name): the batch was refused and is in the log")
      } else if loggedCount % batch.events.count != 0 {
        faults.append("\(name): a part of the batch is in the log")
      }
    }
    return faults
  }
}
