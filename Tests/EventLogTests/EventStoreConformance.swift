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

  /// Checks a kind of store; `open` opens the log of a name, which is empty at first.
  static func check(open: (_ name: String) throws -> any EventStore) throws {
    try checkAppending { try open("appending") }
    try checkOrder(try open("order"))
    try checkTexts { try open("texts") }
    try checkCompaction { try open("compaction") }
  }

  /// Order is that of arrival: late events, equal times and clocks set back change nothing of it.
  private static func checkOrder(_ store: any EventStore) throws {
    let times: [Int64] = [5, 3, 3, .max, 0, 4, -7]
    for (number, time) in times.enumerated() {
      var late = event(number)
      late.timeMilliseconds = time
      _ = try store.append([late])
    }
    #expect(try all(store).map(\.1.timeMilliseconds) == times)
    let sequences = try all(store).map(\.0)
    #expect(sequences == sequences.sorted() && Set(sequences).count == times.count)
    // Of a duplicate the first stands, whatever the other says.
    var other = event(0)
    other.kind = .dropped
    other.timeMilliseconds = 1_000
    #expect(try store.append([other]) == [.duplicate])
    #expect(try all(store).first?.1.kind == .accepted)
    #expect(try store.append([]) == [])
  }

  /// Every field comes back as it was, at its limits too.
  private static func checkTexts(open: () throws -> any EventStore) throws {
    let long = String(repeating: "ü", count: 128)
    var events = Event.Kind.allCases.enumerated().map { number, kind in
      Event(
        eventID: "\(long.dropLast())\(number)", userID: long, itemID: long, kind: kind,
        timeMilliseconds: .min + Int64(number), recommendationID: long, sessionID: long,
        channel: long, value: -0.0, impressionItemIDs: (0..<100).map { "\($0)\"\\\u{1}ü" })
    }
    events.append(
      Event(eventID: "", userID: "u", itemID: "i", kind: .shown, timeMilliseconds: 0))
    events.append(
      Event(
        eventID: "e", userID: "👩‍👩‍👧", itemID: "'; DROP TABLE events; --", kind: .clicked,
        timeMilliseconds: 1, value: .greatestFiniteMagnitude))
    _ = try open().append(events)
    #expect(try all(open()).map(\.1) == events)
  }

  /// A compaction removes what the rule says and nothing else, and sequence numbers stay.
  private static func checkCompaction(open: () throws -> any EventStore) throws {
    var store = try open()
    let kinds = Event.Kind.allCases
    let events = (0..<200).map { number in
      var event = event(number)
      event.kind = kinds[number % kinds.count]
      return event
    }
    _ = try store.append(events)
    let before = try all(store)
    let rule = RetentionRule(cutMilliseconds: 100, datasetEndMilliseconds: 50)
    let expected = before.filter { !rule.removes($0.1) }
    // 100 events are before the cut; of 40 acceptances and drops among them, those of 0...50 go.
    let needed = (51..<100).count { [.accepted, .dropped].contains(kinds[$0 % kinds.count]) }
    #expect(expected.count == 100 + needed && needed == 20)
    let kept = try #require(expected.last?.0)
    let mark = try #require(try store.mark(at: kept))
    #expect(try store.compact(rule) == 200 - expected.count)
    let markAfter = try #require(try store.mark(at: kept))
    #expect(markAfter != mark)
    #expect(try store.compact(rule) == 0)
    #expect(try store.mark(at: kept) == markAfter)
    #expect(try store.mark(at: before[0].0) == nil)
    store = try open()
    #expect(try all(store).map(\.0) == expected.map(\.0))
    #expect(try all(store).map(\.1) == expected.map(\.1))
    // What was kept is still known; what went is not.
    #expect(try store.append([event(199)]) == [.duplicate])
    #expect(try store.append([event(0)]) != [.duplicate])
    // Even when the newest events go, their numbers are not given again.
    let everything = RetentionRule(cutMilliseconds: .max, datasetEndMilliseconds: .max)
    let last = try all(store).last?.0 ?? 0
    #expect(try store.compact(everything) == expected.count + 1)
    #expect(try store.count() == 0)
    guard case .appended(let next) = try open().append([event(1)])[0] else {
      Issue.record("an event of an empty log is no duplicate")
      return
    }
    #expect(next > last)
  }

  private static func checkAppending(open: () throws -> any EventStore) throws {
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

    // A mark stays while the log only grows, and tells events apart.
    #expect(try store.mark(at: three + 1000) == nil)
    let mark = try #require(try store.mark(at: one))
    let second = try #require(try store.mark(at: two))
    #expect(mark != second)
    _ = try store.append([event(7, id: "e7")])
    #expect(try store.mark(at: one) == mark)
    #expect(try open().mark(at: two) == second)
    #expect(try store.count() == 5)

    // Without an identifier nothing is a duplicate.
    let nameless = try store.append([event(6, id: ""), event(6, id: "")])
    #expect(!nameless.contains(.duplicate))
    #expect(try store.count() == 7)

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
    #expect(try reopened.count() == 7 + limit)
  }
}
