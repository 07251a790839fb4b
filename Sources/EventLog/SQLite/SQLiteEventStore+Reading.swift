internal import Foundation
internal import GRDB
internal import GRDBSQLite

extension SQLiteEventStore {
  /// Reads the log in order; see ``EventStore/forEach(after:_:)``. A long log is read ahead on a
  /// thread of its own.
  public func forEach(
    after sequence: Int64, _ body: (Int64, Event) -> Void
  ) throws(EventLogError) {
    let ahead = EventReadAhead(after: sequence) { [self] after, texts throws(EventLogError) in
      try batch(after: after, &texts)
    }
    while let batch = try ahead.next() {
      for (sequence, event) in batch.events { body(sequence, event) }
    }
  }

  private func batch(
    after sequence: Int64, _ texts: inout TextReader
  ) throws(EventLogError) -> EventBatch {
    do {
      return try reading.read { database in
        let statement = try database.cachedStatement(
          sql: """
            SELECT sequence, event_id, user_id, item_id, kind, time_ms, recommendation_id,
              session_id, channel, value, impression_item_ids, slate
            FROM events WHERE sequence > ? ORDER BY sequence LIMIT \(EventBatch.limit)
            """)
        sqlite3_bind_int64(statement.sqliteStatement, 1, sequence)
        var batch = EventBatch(lastSequence: sequence)
        try statement.forEachRow {
          batch.lastSequence = sqlite3_column_int64(statement.sqliteStatement, 0)
          readingWay.step(batch.rowCount)
          batch.rowCount += 1
          if let event = Self.event(statement, &texts) {
            batch.events.append((batch.lastSequence, event))
          }
          return true
        }
        return batch
      }
    } catch {
      throw .unreadable(path: path, reason: EventLogError.line(error))
    }
  }

  /// What the log up to an event is; see ``EventStore/mark(at:)``.
  public func mark(at sequence: Int64) throws(EventLogError) -> String? {
    do {
      return try reading.read { database in
        let row = try Row.fetchOne(
          database,
          sql: """
            SELECT removals.count, event_id, user_id, item_id, kind, time_ms, recommendation_id
            FROM events, removals WHERE sequence = ?
            """, arguments: [sequence])
        return row.map { $0.databaseValues.map { "\($0)" }.joined(separator: " ") }
      }
    } catch {
      throw .unreadable(path: path, reason: EventLogError.line(error))
    }
  }

  /// The number of events; see ``EventStore/count()``.
  public func count() throws(EventLogError) -> Int {
    do {
      return try reading.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM events") ?? 0 }
    } catch {
      throw .unreadable(path: path, reason: EventLogError.line(error))
    }
  }

  /// Whether somebody took or gave up something after an event.
  ///
  /// - Parameter sequence: the event's sequence number.
  /// - Returns: whether there is such an event.
  /// - Throws: ``EventLogError``.
  public func hasHoldingChanges(after sequence: Int64) throws(EventLogError) -> Bool {
    do {
      return try reading.read {
        try Bool.fetchOne(
          $0,
          sql: """
            SELECT EXISTS (SELECT 1 FROM events
              WHERE sequence > ? AND kind IN ('accepted', 'dropped'))
            """, arguments: [sequence]) ?? false
      }
    } catch {
      throw .unreadable(path: path, reason: EventLogError.line(error))
    }
  }

  /// Nil for a kind that only a newer program knows.
  private static func event(_ statement: Statement, _ texts: inout TextReader) -> Event? {
    guard let kind = Event.Kind(rawValue: texts.text(statement, 4)) else { return nil }
    let handle = statement.sqliteStatement
    return Event(
      eventID: texts.text(statement, 1), userID: texts.text(statement, 2),
      itemID: texts.text(statement, 3), kind: kind,
      timeMilliseconds: sqlite3_column_int64(handle, 5),
      recommendationID: texts.text(statement, 6), sessionID: texts.text(statement, 7),
      channel: texts.text(statement, 8),
      value: sqlite3_column_type(handle, 9) == SQLITE_NULL
        ? nil : sqlite3_column_double(handle, 9),
      impressionItemIDs: strings(json: texts.text(statement, 10)),
      slate: Self.bytes(handle, 11))
  }

  /// The bytes of a column that counts from 0; none for NULL.
  private static func bytes(_ handle: SQLiteStatement?, _ column: CInt) -> [UInt8] {
    guard let start = sqlite3_column_blob(handle, column) else { return [] }
    return Array(
      UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
  }

  private static func strings(json: String) -> [String] {
    json == "[]" ? [] : (try? JSONDecoder().decode([String].self, from: Data(json.utf8))) ?? []
  }
}
