internal import EventLog
internal import Foundation
internal import TestSupport
internal import Testing

struct SQLiteEventStoreTests {
  @Test func conforms() throws {
    let folder = try TemporaryFolder()
    try EventStoreConformance.check { try SQLiteEventStore(path: folder.file("events.sqlite")) }
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
