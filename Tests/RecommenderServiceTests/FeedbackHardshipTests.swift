internal import Foundation
internal import InteractionData
internal import RecommenderRPC
internal import RecommenderService
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import EventLog

/// Feedback when clocks, callers and disks are not what they should be: each event has its outcome,
/// answers go on, and what was acknowledged is there after a restart.
struct FeedbackHardshipTests {
  private typealias Fixture = ServiceFixture
  private let fixture: ServiceFixture
  private static let users = (0..<6).map { "c\($0)" } + ["new", "other"]

  init() throws { fixture = try ServiceFixture() }

  private func answers(_ client: RPCClient) async throws -> [[String]] {
    var answers: [[String]] = []
    for user in Self.users {
      answers.append(try await client.recommend(user: user, count: 5).itemIDs)
    }
    return answers
  }

  private func answersOfARestart() async throws -> [[String]] {
    try await fixture.serve(try fixture.load()) { try await answers($0) }
  }

  private func logged() throws -> [Event] {
    var events: [Event] = []
    try SQLiteEventStore(path: fixture.folder.file("events.sqlite")).forEach(after: 0) {
      events.append($1)
    }
    return events
  }

  @Test func aServersClockThatIsSetBackLosesNothing() async throws {
    let now = Fixture.nowMilliseconds
    let clock = Atomic<Int64>(now)
    let (day, year): (Int64, Int64) = (86_400_000, 365 * 86_400_000)
    let last = try await fixture.serve(
      try fixture.load(), nowMilliseconds: { clock.load(ordering: .relaxed) }
    ) { (client: RPCClient) async throws in
      let first = try await client.feedback([Fixture.event("1", user: "c5", item: "i1")])
      #expect(first == [.accepted])
      clock.store(now - year, ordering: .relaxed)
      let outcomes = try await client.feedback([
        // Without a time of its own it gets the server's.
        Fixture.event("2", user: "c5", item: "i2"),
        Fixture.event("3", user: "new", item: "i1", timeMilliseconds: now - year + day),
        // What was the present a moment ago is the future now.
        Fixture.event("4", user: "other", item: "i1", timeMilliseconds: now),
        Fixture.event("1", user: "c5", item: "i3"),
      ])
      #expect(outcomes[0] == .accepted && outcomes[1] == .accepted)
      #expect(outcomes[3] == .duplicate)
      if case .rejected(let reason) = outcomes[2] {
        #expect(reason.contains("more than a day after the server's \(now - year)"))
      } else {
        Issue.record("\(outcomes[2])")
      }
      #expect(try await client.recommend(user: "c5", count: 5).itemIDs == ["i3", "i4"])
      clock.store(now + day, ordering: .relaxed)
      let again = try await client.feedback([
        Fixture.event("4", user: "other", item: "i1", timeMilliseconds: now)
      ])
      #expect(again == [.accepted])
      return try await answers(client)
    }
    #expect(try logged().map(\.eventID) == ["1", "2", "3", "4"])
    #expect(try logged().map(\.timeMilliseconds) == [now, now - year, now - year + day, now])
    #expect(try await answersOfARestart() == last)
  }

  @Test func answersThatNeverWereAreNoReasonToRefuseAnEvent() async throws {
    let names = [
      "never was", String(repeating: "0", count: 32), String(repeating: "f", count: 32),
      // Of this run of the server, but not given yet, and too long for a number.
      "000000000000abcd00000000000fffff", String(repeating: "a", count: 33),
    ]
    let last = try await fixture.serve(
      try fixture.load(exploration: .init(weight: 1))
    ) { (client: RPCClient) async throws in
      _ = try await client.putItems([PutItem(itemID: "cold")])
      for (number, name) in names.enumerated() {
        var event = Fixture.event("\(number)", user: "c5", item: "i\(number % 5)")
        event.recommendationID = name
        var future = Fixture.event(
          "f\(number)", user: "c5", item: "i1",
          timeMilliseconds: Fixture.nowMilliseconds + 86_400_001)
        future.recommendationID = name
        let outcomes = try await client.feedback([future, event])
        #expect(outcomes[1] == .accepted, "\(name)")
        guard case .rejected = outcomes[0] else {
          Issue.record("\(name): an event of the future was taken")
          continue
        }
      }
      let cold = try await client.describe().service.coldItems
      #expect(cold.contains { $0.itemIndex == 5 })
      let areUnseen = cold.allSatisfy { $0.showings == 0 }
      #expect(areUnseen, "something was learned of what nobody saw")
      return try await client.recommend(user: "c5", count: 5, explorationWeight: 0).itemIDs
    }
    #expect(last.isEmpty, "everything was taken")
    #expect(try logged().map(\.eventID) == names.indices.map { "\($0)" })
  }

  /// Disks that refuse for a while, and take events again later.
  @Test(arguments: ["read-only", "full"])
  func aDiskThatRefusesForAWhile(kind: String) async throws {
    let store = try SQLiteEventStore(path: fixture.folder.file("events.sqlite"))
    func refuse(_ isRefusing: Bool) throws {
      if kind == "read-only" { return try store.forbidWriting(isRefusing) }
      try store.limitPages(to: isRefusing ? 1 : 1 << 20)
    }
    let last = try await fixture.serve(try fixture.load(store: store)) {
      (client: RPCClient) async throws in
      func send(_ id: String, _ user: String) async throws -> Bool {
        // Large enough that it does not fit the pages that are there.
        let events = (0..<100).map { number in
          var event = Fixture.event(
            "\(id) \(number)", user: user, item: number == 0 ? "i1" : "i2", .shown)
          if number == 0 { event.type = .accepted }
          event.channel = String(repeating: "x", count: 200)
          return event
        }
        do throws(RPCError) {
          let outcomes = try await client.feedback(events)
          #expect(outcomes == Array(repeating: .accepted, count: 100))
          return true
        } catch {
          #expect(error.code == .unavailable, "\(error)")
          return false
        }
      }
      #expect(try await send("before", "c5"))
      let before = try await answers(client)
      try refuse(true)
      for round in 0..<3 {
        #expect(try await !send("refused \(round)", "new"), "the disk took it")
        #expect(try await answers(client) == before)
      }
      try refuse(false)
      // The same events again, as a caller sends them that was told to try later.
      #expect(try await send("refused 0", "new"))
      let after = try await answers(client)
      #expect(after != before)
      return after
    }
    let ids = try logged().map(\.eventID)
    #expect(
      ids == (0..<100).map { "before \($0)" } + (0..<100).map { "refused 0 \($0)" }, "\(kind)")
    #expect(try await answersOfARestart() == last)
  }

  /// Pages of the log that are damaged while it serves: answers go on, and what is acknowledged from
  /// then on is in the log.
  @Test func aPageDamagedWhileServing() async throws {
    let path = fixture.folder.file("events.sqlite")
    let store = try SQLiteEventStore(path: path)
    _ = try store.append(
      (0..<8_000).map {
        Event(
          eventID: "old \($0)", userID: "c\($0 % 6)", itemID: "i1", kind: .shown,
          timeMilliseconds: Fixture.nowMilliseconds)
      })
    // Brings the write-ahead log into the file.
    _ = try store.append([
      Event(eventID: "", userID: "c1", itemID: "i1", kind: .shown, timeMilliseconds: 1)
    ])
    _ = try store.compact(RetentionRule(cutMilliseconds: 2, datasetEndMilliseconds: 0))
    var acknowledged: [Int64] = []
    try await fixture.serve(try fixture.load(store: store)) { (client: RPCClient) async throws in
      let before = try await answers(client)
      let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      let pageCount = try file.seekToEnd() / 4096
      for page in 8..<pageCount {
        try file.seek(toOffset: page * 4096)
        try file.write(contentsOf: Data(repeating: 0x5A, count: 512))
      }
      try file.close()
      for number in 0..<50 {
        do throws(RPCError) {
          let outcomes = try await client.feedback([
            Fixture.event("new \(number)", user: "c\(number % 6)", item: "i2", .shown)
          ])
          #expect(outcomes == [.accepted])
          acknowledged.append(8_001 + Int64(acknowledged.count) + 1)
        } catch {
          #expect(error.code == .unavailable, "\(error)")
        }
        #expect(try await answers(client) == before)
      }
    }
    for sequence in acknowledged { #expect(try store.mark(at: sequence) != nil) }
  }
}
