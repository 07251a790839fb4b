/// A durable, ordered log of events, each in it at most once.
///
/// **Order** is that of arrival, whatever the events' own times: a late event, or one from a clock
/// that was set back, gets the next sequence number like any other. Whoever replays decides what the
/// times mean; see the page *The event log*.
///
/// **Duplicates** are events of an identifier that is in the log, or earlier in the same batch. The
/// first one stands, whatever else differs. An event without identifier is no duplicate of anything.
public protocol EventStore: Sendable {
  /// Appends events in order; when it returns, those appended are on disk.
  ///
  /// - Parameter events: at most ``EventLogLimits/batchLimit`` events.
  /// - Returns: what became of each, in the order given.
  /// - Throws: ``EventLogError``; then none of the events is in the log.
  func append(_ events: [Event]) throws(EventLogError) -> [AppendOutcome]

  /// Reads the log in order.
  ///
  /// - Parameters:
  ///   - sequence: events with a larger sequence number are read; 0 for all.
  ///   - body: receives each sequence number and event.
  /// - Throws: ``EventLogError``.
  func forEach(after sequence: Int64, _ body: (Int64, Event) -> Void) throws(EventLogError)

  /// The number of events in the log.
  ///
  /// - Returns: the number.
  /// - Throws: ``EventLogError``.
  func count() throws(EventLogError) -> Int

  /// What tells whether the log up to an event is what it was: it differs once events were removed,
  /// and for another event of that number.
  ///
  /// - Parameter sequence: the event's sequence number.
  /// - Returns: a text to compare; nil when there is no such event.
  /// - Throws: ``EventLogError``.
  func mark(at sequence: Int64) throws(EventLogError) -> String?

  /// Removes what a rule lets go, for good. The rest keeps its order and its sequence numbers, and
  /// later events get numbers that none has had.
  ///
  /// - Returns: how many events went.
  /// - Throws: ``EventLogError``; then nothing was removed.
  func compact(_ rule: RetentionRule) throws(EventLogError) -> Int
}

/// The limits of the log.
public enum EventLogLimits {
  /// The most events of one transaction.
  public static let batchLimit = 10_000
  /// The most events that may wait to be written.
  public static let queueLimit = 100_000
}

/// What can go wrong with the log.
public enum EventLogError: Error, Equatable, CustomStringConvertible {
  /// The log cannot be opened.
  case unopenable(path: String, reason: String)
  /// The disk refused the events; none of the batch is in the log.
  case unwritable(path: String, reason: String)
  /// The log cannot be read.
  case unreadable(path: String, reason: String)
  /// A batch has more events than one transaction may.
  case batchTooLarge(count: Int, limit: Int)
  /// Too many events wait to be written.
  case queueFull(limit: Int)
  /// The log was closed.
  case closed

  /// One line that says what is wrong and how to mend it.
  public var description: String {
    switch self {
    case .unopenable(let path, let reason):
      "\(path): the event log cannot be opened: \(reason); is another server running on it?"
    case .unwritable(let path, let reason):
      "\(path): the event log cannot be written: \(reason); check the disk's free space"
    case .unreadable(let path, let reason): "\(path): the event log cannot be read: \(reason)"
    case .batchTooLarge(let count, let limit): "a batch of \(count) events, the limit is \(limit)"
    case .queueFull(let limit): "\(limit) events wait to be written already; send them again later"
    case .closed: "the event log is closed"
    }
  }
}
