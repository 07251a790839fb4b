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

  /// Whatever the number of events, those read ahead on another thread among them: all, in order.
  @Test(arguments: [
    EventBatch.limit - 1, EventBatch.limit, EventBatch.limit + 1,
    EventBatch.limit * (EventReadAhead.queueLimit + 2) + 1,
  ])
  func longLogsAreReadWhole(count: Int) throws {
    let folder = try TemporaryFolder()
    let store = try SQLiteEventStore(path: folder.file("events.sqlite"))
    for start in stride(from: 0, to: count, by: 5_000) {
      _ = try store.append(
        (start..<min(start + 5_000, count)).map { EventStoreConformance.event($0) })
    }
    var next: Int64 = 1
    var isInOrder = true
    try store.forEach(after: 0) { sequence, event in
      if sequence != next || event.timeMilliseconds != next - 1 { isInOrder = false }
      next += 1
    }
    #expect(isInOrder && next == Int64(count) + 1)
  }

  /// Who reads holds up nobody who appends, however long the reading takes.
  @Test func eventsAreAppendedWhileTheLogIsRead() throws {
    let folder = try TemporaryFolder()
    let store = try SQLiteEventStore(path: folder.file("events.sqlite"))
    _ = try store.append((0..<EventBatch.limit).map { EventStoreConformance.event($0) })
    _ = try store.append([EventStoreConformance.event(EventBatch.limit)])
    var count = 0
    var failure: (any Error)?
    try store.forEach(after: 0) { _, _ in
      count += 1
      guard count % 1_000 == 0 else { return }
      do {
        _ = try store.append([EventStoreConformance.event(1_000_000 + count)])
      } catch {
        failure = error
      }
    }
    #expect(failure == nil)
    #expect(count > EventBatch.limit)
    #expect(try store.count() == EventBatch.limit + 1 + count / 1_000)
  }

  /// A page that is damaged while the log is in use: what is read says so, and what is appended is
  /// refused or kept, never half kept.
  @Test func aPageDamagedInUseIsTold() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("events.sqlite")
    let store = try SQLiteEventStore(path: path)
    _ = try store.append((0..<10_000).map { EventStoreConformance.event($0) })
    // Brings the write-ahead log into the file.
    #expect(try store.compact(RetentionRule(cutMilliseconds: 1, datasetEndMilliseconds: 1)) == 1)
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    let size = try file.seekToEnd()
    for page in stride(from: UInt64(8), to: size / 4096, by: 1) {
      try file.seek(toOffset: page * 4096)
      try file.write(contentsOf: Data(repeating: 0x5A, count: 512))
    }
    try file.close()
    var read = 0
    #expect(throws: EventLogError.self) {
      try SQLiteEventStore(path: path).forEach(after: 0) { _, _ in read += 1 }
    }
    #expect(read < 9_999)
    var outcomes: [Result<[AppendOutcome], EventLogError>] = []
    for number in 0..<20 {
      let batch = (0..<100).map { EventStoreConformance.event(20_000 + number * 100 + $0) }
      outcomes.append(Result { () throws(EventLogError) in try store.append(batch) })
    }
    // What was acknowledged is there under its number, whatever else is lost.
    for case .success(let appended) in outcomes {
      for case .appended(let sequence) in appended {
        #expect(try store.mark(at: sequence) != nil)
      }
    }
  }

  /// A log that may only be read refuses events and gives those it has.
  @Test func aLogThatMayOnlyBeReadRefusesEvents() throws {
    let folder = try TemporaryFolder()
    let store = try SQLiteEventStore(path: folder.file("events.sqlite"))
    _ = try store.append((0..<10).map { EventStoreConformance.event($0) })
    try store.forbidWriting(true)
    for _ in 0..<2 {
      #expect(throws: EventLogError.self) { try store.append([EventStoreConformance.event(10)]) }
      #expect(try store.count() == 10)
    }
    try store.forbidWriting(false)
    #expect(try store.append([EventStoreConformance.event(10)]) != [.duplicate])
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
