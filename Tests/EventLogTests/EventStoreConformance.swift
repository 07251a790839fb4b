internal import EventLog
internal import Testing

/// What every event store must do. Each test of a store calls this with a way to open the same log
/// again and again.
enum EventStoreConformance {
  static func event(_ number: Int, id: String? = nil) -> Event {
    Event(
      eventID: id ?? "e\(number)", userID: "u\(number)", itemID: "i\(number)", kind: .accepted,
      timeMilliseconds: Int64(number), recommendationID: "r", sessionID: "s", channel: "branch",
      value: number.isMultiple(of: 2) ? Double(number) / 4 : nil,
      impressionItemIDs: number == 3 ? ["a\nb", "\"ü\""] : [])
  }

  private static func all(_ store: any EventStore, after: Int64 = 0) throws -> [(Int64, Event)] {
    var events: [(Int64, Event)] = []
    try store.forEach(after: after) { events.append(($0, $1)) }
    return events
  }

  static func check(open: () throws -> any EventStore) throws {
    let store = try open()
    #expect(try store.count() == 0)
    let first = try store.append([event(1), event(2), event(3)])
    guard case .appended(let one) = first[0], case .appended(let two) = first[1],
      case .appended(let three) = first[2]
    else {
      Issue.record("new events were not appended: \(first)")
      return
    }
    #expect(one < two && two < three)
    #expect(try all(store).map(\.1) == [event(1), event(2), event(3)])
    #expect(try all(store, after: two).map(\.1) == [event(3)])

    // The same identifier again, in a later batch and within one.
    let again = try store.append([event(2), event(4), event(5, id: "e4")])
    #expect(again[0] == .duplicate && again[2] == .duplicate)
    #expect(again[1] != .duplicate)
    #expect(try store.count() == 4)

    // Without an identifier nothing is a duplicate.
    let nameless = try store.append([event(6, id: ""), event(6, id: "")])
    #expect(!nameless.contains(.duplicate))
    #expect(try store.count() == 6)

    // Another process, or this one after a crash, sees the same.
    let reopened = try open()
    #expect(try all(reopened).map(\.1) == all(store).map(\.1))
    #expect(try reopened.append([event(1)]) == [.duplicate])

    let limit = EventLogLimits.batchLimit
    let full = (0..<limit).map { event($0, id: "batch \($0)") }
    #expect(try reopened.append(full).count == limit)
    #expect(throws: EventLogError.batchTooLarge(count: limit + 1, limit: limit)) {
      try reopened.append(full + [event(0)])
    }
    #expect(try reopened.count() == 6 + limit)
  }
}
