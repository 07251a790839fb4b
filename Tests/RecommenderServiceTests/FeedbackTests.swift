internal import EventLog
internal import InteractionData
internal import RecommenderModels
internal import RecommenderRPC
internal import RecommenderService
internal import TestSupport
internal import Testing

struct FeedbackTests {
  private typealias Fixture = ServiceFixture

  @Test func acceptedItemsAreNotRecommendedAgain() async throws {
    let fixture = try Fixture()
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      #expect(try await client.recommend(user: "c5", count: 1).itemIDs == ["i1"])
      let outcomes = try await client.feedback([Fixture.event("1", user: "c5", item: "i1")])
      #expect(outcomes == [.accepted])
      #expect(try await client.recommend(user: "c5", count: 4).itemIDs == ["i2", "i3", "i4"])
      // Nobody else's answer changes.
      #expect(try await client.recommend(user: "c3", count: 1).itemIDs == ["i1"])
    }
  }

  @Test func droppedItemsMayBeRecommendedAgain() async throws {
    let fixture = try Fixture()
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      _ = try await client.feedback([Fixture.event("1", user: "c0", item: "i1", .dropped)])
      #expect(try await client.recommend(user: "c0", count: 1).itemIDs == ["i1"])
    }
  }

  @Test(arguments: [FeedbackEventType.shown, .clicked, .dismissed])
  func lookingChangesNoHoldings(type: FeedbackEventType) async throws {
    let fixture = try Fixture()
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      #expect(
        try await client.feedback([Fixture.event("1", user: "c5", item: "i1", type)])
          == [.accepted])
      #expect(try await client.recommend(user: "c5", count: 1).itemIDs == ["i1"])
    }
  }

  @Test func newCustomersWorkFromTheirFirstEvent() async throws {
    let fixture = try Fixture()
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      #expect(try await client.recommend(user: "new", count: 1).source == .popularity)
      _ = try await client.feedback([Fixture.event("1", user: "new", item: "i1")])
      let answer = try await client.recommend(user: "new", count: 5)
      #expect(answer.source == .model)
      #expect(!answer.itemIDs.contains("i1"))
    }
  }

  @Test func everyEventHasItsOutcome() async throws {
    let fixture = try Fixture()
    let now = Fixture.nowMilliseconds
    let tolerance: Int64 = 86_400_000
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      let outcomes = try await client.feedback([
        Fixture.event("1", user: "c5", item: "no such item"),
        Fixture.event("2", user: "c5", item: "i1"),
        Fixture.event("2", user: "c5", item: "i2"),
        Fixture.event("3", user: "c5", item: "i3", timeMilliseconds: now + tolerance + 1),
        Fixture.event("4", user: "c5", item: "i3", timeMilliseconds: now + tolerance),
        Fixture.event("5", user: "c5", item: "i3", timeMilliseconds: -1),
      ])
      #expect(outcomes[0] == .rejected(reason: "unknown item \"no such item\""))
      #expect(outcomes[1] == .accepted)
      #expect(outcomes[2] == .duplicate)
      guard case .rejected = outcomes[3], case .rejected = outcomes[5] else {
        Issue.record("events of impossible times were taken: \(outcomes)")
        return
      }
      #expect(outcomes[4] == .accepted)
      // The duplicate changed nothing: item 2 is still offered.
      #expect(try await client.recommend(user: "c5", count: 5).itemIDs == ["i2", "i4"])
      let again = try await client.feedback([Fixture.event("2", user: "c5", item: "i4")])
      #expect(again == [.duplicate])
    }
  }

  @Test func aRestartedServerKnowsWhatWasFedBack() async throws {
    let fixture = try Fixture(kind: .sims)
    let before = try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      _ = try await client.feedback([
        Fixture.event("1", user: "c5", item: "i2"), Fixture.event("2", user: "new", item: "i3"),
        Fixture.event("3", user: "c0", item: "i1", .dropped),
      ])
      return [
        try await client.recommend(user: "c5", count: 5),
        try await client.recommend(user: "new", count: 5),
        try await client.recommend(user: "c0", count: 5),
      ]
    }
    let service = try fixture.load()
    #expect(service.replayedEventCount == 3)
    let after = try await fixture.serve(service) { (client: RPCClient) async throws in
      [
        try await client.recommend(user: "c5", count: 5),
        try await client.recommend(user: "new", count: 5),
        try await client.recommend(user: "c0", count: 5),
      ]
    }
    #expect(after.map(\.itemIDs) == before.map(\.itemIDs))
    #expect(after.map(\.scores) == before.map(\.scores))
    #expect(!after[0].itemIDs.contains("i2"))
  }

  /// What the dataset has told already, up to the snapshot of its last month, is not told again.
  @Test(arguments: [Month(year: 2015, month: 2).secondsSince1970(), 1_427_500_800])
  func eventsOfTheDatasetsTimeChangeNothing(seconds: Int64) async throws {
    let fixture = try Fixture()
    #expect(fixture.dataset.knownThrough == 1_427_500_800)
    let old = seconds * 1000
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      let outcomes = try await client.feedback([
        Fixture.event("1", user: "c5", item: "i1", timeMilliseconds: old)
      ])
      #expect(outcomes == [.accepted])
      #expect(try await client.recommend(user: "c5", count: 1).itemIDs == ["i1"])
    }
  }

  @Test func eventsAfterTheSnapshotCount() async throws {
    let fixture = try Fixture()
    let later = (fixture.dataset.knownThrough + 1) * 1000
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      _ = try await client.feedback([
        Fixture.event("1", user: "c5", item: "i1", timeMilliseconds: later)
      ])
      #expect(try await client.recommend(user: "c5", count: 1).itemIDs == ["i2"])
    }
  }

  @Test func aFullDiskIsToldAndNothingChanges() async throws {
    struct FullDisk: EventStore {
      func append(_ events: [Event]) throws(EventLogError) -> [AppendOutcome] {
        throw .unwritable(path: "/secret/path", reason: "disk full")
      }
      func forEach(
        after sequence: Int64, _ body: (Int64, Event) -> Void
      ) throws(EventLogError) {}
      func count() throws(EventLogError) -> Int { 0 }
      func mark(at sequence: Int64) throws(EventLogError) -> String? { nil }
      func compact(_ rule: RetentionRule) throws(EventLogError) -> Int { 0 }
    }
    let fixture = try Fixture()
    try await fixture.serve(try fixture.load(store: FullDisk())) {
      (client: RPCClient) async throws in
      do throws(RPCError) {
        _ = try await client.feedback([Fixture.event("1", user: "c5", item: "i1")])
        Issue.record("feedback was acknowledged that is not on disk")
      } catch {
        #expect(error.code == .unavailable)
        let tellsThePath = error.message.contains("secret")
        #expect(!tellsThePath)
      }
      #expect(try await client.recommend(user: "c5", count: 1).itemIDs == ["i1"])
    }
  }
}
