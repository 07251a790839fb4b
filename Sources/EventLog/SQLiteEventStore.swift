internal import Foundation
internal import GRDB

/// The embedded event log: one SQLite file with a write-ahead log, flushed at every commit.
public final class SQLiteEventStore: EventStore {
  private let queue: DatabaseQueue
  private let path: String

  /// Opens the log, making it when it is not there.
  ///
  /// - Parameter path: the file; SQLite keeps `-wal` and `-shm` beside it.
  /// - Throws: ``EventLogError/unopenable(path:reason:)``.
  public init(path: String) throws(EventLogError) {
    queue = try SQLiteFile.open(path, migrator: Self.migrator)
    self.path = path
  }

  /// SQLite's number for how it flushes: 2 is FULL, at every commit.
  func synchronousLevel() throws -> Int {
    try queue.read { try Int.fetchOne($0, sql: "PRAGMA synchronous") ?? 0 }
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
        return try events.map { event in
          try statement.execute(arguments: Self.arguments(event))
          return database.changesCount == 1
            ? .appended(sequence: database.lastInsertedRowID) : .duplicate
        }
      }
    } catch {
      throw .unwritable(path: path, reason: "\(error)")
    }
  }

  /// Reads the log in order; see ``EventStore/forEach(after:_:)``.
  public func forEach(
    after sequence: Int64, _ body: (Int64, Event) -> Void
  ) throws(EventLogError) {
    do {
      try queue.read { database in
        let rows = try Row.fetchCursor(
          database,
          sql: """
            SELECT sequence, event_id, user_id, item_id, kind, time_ms, recommendation_id,
              session_id, channel, value, impression_item_ids, slate
            FROM events WHERE sequence > ? ORDER BY sequence
            """, arguments: [sequence])
        while let row = try rows.next() {
          guard let event = Self.event(row) else { continue }
          body(row[0], event)
        }
      }
    } catch {
      throw .unreadable(path: path, reason: "\(error)")
    }
  }

  /// The number of events; see ``EventStore/count()``.
  public func count() throws(EventLogError) -> Int {
    do {
      return try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM events") ?? 0 }
    } catch {
      throw .unreadable(path: path, reason: "\(error)")
    }
  }

  private static func arguments(_ event: Event) -> StatementArguments {
    [
      event.eventID.isEmpty ? nil : event.eventID, event.userID, event.itemID,
      event.kind.rawValue, event.timeMilliseconds, event.recommendationID, event.sessionID,
      event.channel, event.value,
      Self.json(event.impressionItemIDs), event.slate.isEmpty ? nil : Data(event.slate),
    ]
  }

  /// Nil for a kind that only a newer program knows.
  private static func event(_ row: Row) -> Event? {
    guard let kind = Event.Kind(rawValue: row[4]) else { return nil }
    return Event(
      eventID: row[1] ?? "", userID: row[2], itemID: row[3], kind: kind,
      timeMilliseconds: row[5], recommendationID: row[6], sessionID: row[7], channel: row[8],
      value: row[9],
      impressionItemIDs: Self.strings(json: row[10]),
      slate: (row[11] as Data?).map { Array($0) } ?? [])
  }

  private static func json(_ strings: [String]) -> String {
    guard !strings.isEmpty, let data = try? JSONEncoder().encode(strings) else { return "[]" }
    return String(decoding: data, as: UTF8.self)
  }

  private static func strings(json: String) -> [String] {
    json == "[]" ? [] : (try? JSONDecoder().decode([String].self, from: Data(json.utf8))) ?? []
  }
}
