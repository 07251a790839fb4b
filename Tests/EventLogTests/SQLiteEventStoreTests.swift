internal import Foundation
internal import GRDB
internal import TestSupport
internal import Testing

@testable internal import EventLog

struct SQLiteEventStoreTests {
  @Test func conforms() throws {
    let folder = try TemporaryFolder()
    try EventStoreConformance.check { try SQLiteEventStore(path: folder.file("\($0).sqlite")) }
  }

  /// A log made by the first version of the program, which had this schema and these rows.
  @Test func aLogOfTheFirstSchemaIsTakenOver() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("events.sqlite")
    let old = try DatabaseQueue(path: path)
    try old.write { database in
      try database.execute(
        sql: """
          CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
          INSERT INTO grdb_migrations VALUES ('events');
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
          ) STRICT;
          INSERT INTO events VALUES (7, 'e1', 'u1', 'i1', 'accepted', 1, 'r', 's', 'branch', NULL,
            '[]');
          INSERT INTO events VALUES (9, NULL, 'u3', 'i3', 'shown', 3, '', '', '', 1.5,
            '["a\\nb","\\"ü\\""]');
          INSERT INTO events VALUES (10, 'e4', 'u4', 'i4', 'a kind of later', 4, '', '', '', NULL,
            '[]');
          """)
    }
    try old.close()
    let store = try SQLiteEventStore(path: path)
    #expect(try store.append([EventStoreConformance.event(1)]) == [.duplicate])
    guard case .appended(let next) = try store.append([EventStoreConformance.event(2)])[0] else {
      Issue.record("a new event was taken for a duplicate")
      return
    }
    #expect(next > 10)
    var events: [Event] = []
    try store.forEach(after: 0) { events.append($1) }
    var third = Event(
      eventID: "", userID: "u3", itemID: "i3", kind: .shown, timeMilliseconds: 3, value: 1.5)
    third.impressionItemIDs = ["a\nb", "\"ü\""]
    #expect(events == [EventStoreConformance.event(1), third, EventStoreConformance.event(2)])
  }

  /// A full disk refuses the whole batch; what was there stays, and goes on when there is room.
  @Test func aFullDiskLosesNothing() throws {
    let folder = try TemporaryFolder()
    let store = try SQLiteEventStore(path: folder.file("events.sqlite"))
    _ = try store.append((0..<100).map { EventStoreConformance.event($0) })
    try store.limitPages(to: 40)
    let many = (100..<5_000).map { EventStoreConformance.event($0) }
    #expect(throws: EventLogError.self) { try store.append(many) }
    #expect(try store.count() == 100)
    try store.limitPages(to: 1 << 20)
    #expect(try store.append(many).allSatisfy { $0 != .duplicate })
    #expect(try store.count() == 5_000)
  }

  /// A page that was damaged on disk is told as unreadable, not read as something else.
  @Test func aDamagedPageIsTold() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("events.sqlite")
    do {
      let store = try SQLiteEventStore(path: path)
      _ = try store.append((0..<2_000).map { EventStoreConformance.event($0) })
      // Brings the write-ahead log into the file.
      _ = try store.compact(RetentionRule(cutMilliseconds: 1, datasetEndMilliseconds: 1))
    }
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    let size = try file.seekToEnd()
    #expect(size > 30 * 4096)
    for page in stride(from: UInt64(4), to: size / 4096, by: 1) {
      try file.seek(toOffset: page * 4096)
      try file.write(contentsOf: Data(repeating: 0x5A, count: 512))
    }
    try file.close()
    #expect(throws: EventLogError.self) {
      try SQLiteEventStore(path: path).forEach(after: 0) { _, _ in }
    }
  }

  /// A killed process loses nothing either way; only this level survives a power cut.
  @Test func everyCommitIsFlushed() throws {
    let folder = try TemporaryFolder()
    let store = try SQLiteEventStore(path: folder.file("events.sqlite"))
    #expect(try store.synchronousLevel() == 2)
    _ = try store.append([EventStoreConformance.event(1)])
    #expect(try store.synchronousLevel() == 2)
    #expect(try SQLiteEventStore(path: folder.file("events.sqlite")).synchronousLevel() == 2)
  }

  @Test func aFileThatIsNoDatabaseIsNamed() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("events.sqlite")
    try Data(repeating: 0x41, count: 8192).write(to: URL(fileURLWithPath: path))
    #expect(throws: EventLogError.self) { try SQLiteEventStore(path: path) }
    #expect(throws: EventLogError.self) {
      try SQLiteEventStore(path: folder.file("no/such/folder/events.sqlite"))
    }
  }
}
