internal import Foundation
internal import GRDB
internal import GRDBSQLite

/// The embedded event log: one SQLite file with a write-ahead log, flushed at every commit.
///
/// Reading has a connection of its own: whoever reads the whole log holds up nobody who appends.
public final class SQLiteEventStore: EventStore {
  /// The memory for pages while appending, in KiB: the index of identifiers is hit all over where
  /// those are random.
  private static let pageCacheKibibytes = 65_536

  private let queue: DatabaseQueue
  let reading: DatabaseQueue
  let path: String
  private let binder = RowBinder()
  private let appendingWay = GivingWay()
  let readingWay = GivingWay()

  /// Opens the log, making it when it is not there.
  ///
  /// - Parameter path: the file; SQLite keeps `-wal` and `-shm` beside it.
  /// - Throws: ``EventLogError/unopenable(path:reason:)``.
  public init(path: String) throws(EventLogError) {
    queue = try SQLiteFile.open(path, migrator: Self.migrator)
    reading = try SQLiteFile.openForReading(path)
    self.path = path
    do {
      try queue.writeWithoutTransaction {
        try $0.execute(sql: "PRAGMA cache_size = -\(Self.pageCacheKibibytes)")
      }
    } catch {
      throw .unopenable(path: path, reason: EventLogError.line(error))
    }
  }

  /// SQLite's number for how it flushes: 2 is FULL, at every commit.
  func synchronousLevel() throws -> Int {
    try queue.read { try Int.fetchOne($0, sql: "PRAGMA synchronous") ?? 0 }
  }

  /// Keeps the file from growing beyond this many pages; for tests of a disk that is full.
  func limitPages(to count: Int) throws {
    try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = \(count)") }
  }

  /// Lets every write fail as on a disk that may only be read; for tests.
  func forbidWriting(_ isForbidden: Bool) throws {
    try queue.writeWithoutTransaction {
      try $0.execute(sql: "PRAGMA query_only = \(isForbidden ? 1 : 0)")
    }
  }

  /// Each migration is applied once and never edited afterwards.
  private static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("events") { database in
      try database.execute(
        sql: """
          CREATE TABLE events (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            event_id TEXT UNIQUE,
            user_id TEXT NOT NULL,
            item_id TEXT NOT NULL,
            kind TEXT NOT NULL,
            time_ms INTEGER NOT NULL,
            recommendation_id TEXT NOT NULL,
            session_id TEXT NOT NULL,
            channel TEXT NOT NULL,
            value REAL,
            impression_item_ids TEXT NOT NULL
          ) STRICT
          """)
    }
    migrator.registerMigration("slates") { database in
      try database.execute(sql: "ALTER TABLE events ADD COLUMN slate BLOB")
    }
    // How many compactions have removed something.
    migrator.registerMigration("removals") { database in
      try database.execute(
        sql: """
          CREATE TABLE removals (count INTEGER NOT NULL) STRICT;
          INSERT INTO removals VALUES (0);
          """)
    }
    return migrator
  }

  /// Appends events in one transaction; see ``EventStore/append(_:)``.
  public func append(_ events: [Event]) throws(EventLogError) -> [AppendOutcome] {
    guard events.count <= EventLogLimits.batchLimit else {
      throw .batchTooLarge(count: events.count, limit: EventLogLimits.batchLimit)
    }
    do {
      return try queue.write { database in
        let statement = try database.cachedStatement(
          sql: """
            INSERT INTO events (event_id, user_id, item_id, kind, time_ms, recommendation_id,
              session_id, channel, value, impression_item_ids, slate)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (event_id) DO NOTHING
            """)
        // What is bound is not the statement's own and does not outlive this call.
        defer { sqlite3_clear_bindings(statement.sqliteStatement) }
        var outcomes: [AppendOutcome] = []
        outcomes.reserveCapacity(events.count)
        for (place, event) in events.enumerated() {
          appendingWay.step(place)
          bind(event, to: statement)
          try statement.runOnce()
          outcomes.append(
            database.changesCount == 1
              ? .appended(sequence: database.lastInsertedRowID) : .duplicate)
        }
        return outcomes
      }
    } catch {
      throw .unwritable(path: path, reason: EventLogError.line(error))
    }
  }

  /// Removes what a rule lets go and gives the space back to the disk; see
  /// ``EventStore/compact(_:)``. The file is written anew, which needs as much room again.
  public func compact(_ rule: RetentionRule) throws(EventLogError) -> Int {
    do {
      let removed = try queue.write { database in
        try database.execute(
          sql: """
            DELETE FROM events WHERE time_ms < ?
              AND (kind NOT IN ('accepted', 'dropped') OR time_ms <= ?)
            """, arguments: [rule.cutMilliseconds, rule.datasetEndMilliseconds])
        let removed = database.changesCount
        if removed > 0 { try database.execute(sql: "UPDATE removals SET count = count + 1") }
        return removed
      }
      guard removed > 0 else { return 0 }
      try queue.vacuum()
      try queue.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
      return removed
    } catch {
      throw .unwritable(path: path, reason: EventLogError.line(error))
    }
  }

  private func bind(_ event: Event, to statement: Statement) {
    let impressions = Self.json(event.impressionItemIDs)
    binder.begin(
      byteCount: event.eventID.utf8.count + event.userID.utf8.count + event.itemID.utf8.count
        + event.kind.rawValue.utf8.count + event.recommendationID.utf8.count
        + event.sessionID.utf8.count + event.channel.utf8.count + impressions.utf8.count
        + event.slate.count)
    let handle = statement.sqliteStatement
    if event.eventID.isEmpty {
      sqlite3_bind_null(handle, 1)
    } else {
      binder.bind(event.eventID, statement, 1)
    }
    binder.bind(event.userID, statement, 2)
    binder.bind(event.itemID, statement, 3)
    binder.bind(event.kind.rawValue, statement, 4)
    sqlite3_bind_int64(handle, 5, event.timeMilliseconds)
    binder.bind(event.recommendationID, statement, 6)
    binder.bind(event.sessionID, statement, 7)
    binder.bind(event.channel, statement, 8)
    if let value = event.value {
      sqlite3_bind_double(handle, 9, value)
    } else {
      sqlite3_bind_null(handle, 9)
    }
    binder.bind(impressions, statement, 10)
    if event.slate.isEmpty {
      sqlite3_bind_null(handle, 11)
    } else {
      event.slate.withUnsafeBytes { binder.bind($0, statement, 11) }
    }
  }

  private static func json(_ strings: [String]) -> String {
    guard !strings.isEmpty, let data = try? JSONEncoder().encode(strings) else { return "[]" }
    return String(decoding: data, as: UTF8.self)
  }
}
