internal import Foundation
internal import TestSupport
internal import Testing

@testable internal import EventLog

struct SQLiteEventStoreTests {
  @Test func conforms() throws {
    let folder = try TemporaryFolder()
    try EventStoreConformance.check { try SQLiteEventStore(path: folder.file("events.sqlite")) }
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
