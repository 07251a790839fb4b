internal import EventLog

/// Compares the log of a killed server with what it had acknowledged.
struct CrashLogReader {
  private let path: String
  private var lastSequence: Int64 = 0
  private var seen: Set<String> = []

  /// The events in the log.
  private(set) var eventCount = 0

  init(path: String) { self.path = path }

  /// Reads what has come since the last time.
  ///
  /// - Parameter acknowledged: the identifiers of acknowledged batches since then.
  /// - Returns: what is wrong, a line each: events lost, kept twice, or out of order.
  /// - Throws: `EventLogError`.
  mutating func faults(_ acknowledged: [[String]]) throws -> [String] {
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
    for batch in acknowledged {
      for id in batch where !seen.contains(id) { faults.append("\(id) is lost") }
      let places = batch.compactMap { sequences[$0] }
      if places != places.sorted() { faults.append("\(batch[0]): the batch is out of order") }
    }
    return faults
  }
}
