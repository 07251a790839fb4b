internal import EventLog
internal import EventLogTestSupport
internal import Foundation
internal import InteractionData
internal import RecommenderModels
internal import RecommenderRPC
internal import TensorFiles
internal import TestSupport
internal import Testing

@testable internal import RecommenderService

/// What a checkpoint of the log holds is what a replay comes to, to the bit.
struct CheckpointTests {
  private static let users =
    (0..<40).map { "c\($0)" } + (0..<6).map { "new\($0)" }
  private let fixture: ServiceFixture
  private let path: String

  init() throws {
    fixture = try ExplorationFixture.make()
    path = fixture.folder.file("events.checkpoint")
  }

  private func generation(
    _ store: any EventStore, exploration: ExplorationConfiguration = Self.exploration,
    items: (any ItemStore)? = nil
  ) throws -> ServingGeneration {
    try ServingGeneration(
      try fixture.models(),
      ServingGeneration.Surroundings(
        store: store,
        items: items ?? SQLiteItemStore(path: fixture.folder.file("items.sqlite")),
        exploration: exploration, threadCount: 1, serverVersion: "test",
        nowMilliseconds: { 0 }))
  }

  private static let exploration = ExplorationConfiguration(
    weight: 1, responseWindowSeconds: 60)

  private func state(_ generation: ServingGeneration) throws -> [UInt8] {
    var writer = StateWriter()
    try generation.live.write(to: &writer)
    return writer.bytes
  }

  /// Visits of customers, sessions and log-ins, over the RPC: answers with slates, responses of all
  /// kinds, late ones, and two products put on the way.
  private func log(seed: UInt64, visits: Int) async throws -> MemoryEventStore {
    let store = MemoryEventStore()
    let service = try fixture.load(store: store, exploration: Self.exploration)
    try await fixture.serve(service) { (client: RPCClient) async throws in
      var random = SeededGenerator(seed: seed)
      func draw(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
      for visit in 0..<visits {
        if visit == 3 || visit == visits / 2 {
          _ = try await client.putItems([
            PutItem(itemID: "cold\(visit)", createdMilliseconds: ServiceFixture.nowMilliseconds)
          ])
        }
        let session = draw(3) == 0 ? "s\(draw(8))" : ""
        let user = !session.isEmpty && draw(2) == 0 ? session : Self.users[draw(Self.users.count)]
        let answer = try await client.recommend(user: user, count: 1 + draw(5))
        var events: [FeedbackEvent] = []
        for number in 0..<1 + draw(3) where !answer.itemIDs.isEmpty {
          let kinds: [FeedbackEventType] = [.shown, .clicked, .accepted, .dismissed, .dropped]
          var event = ServiceFixture.event(
            "\(visit)-\(number)", user: user, item: answer.itemIDs[draw(answer.itemIDs.count)],
            kinds[draw(kinds.count)],
            timeMilliseconds: ServiceFixture.nowMilliseconds
              + Int64(visit * 9000 - draw(4) * 5000))
          event.sessionID = session
          event.recommendationID = draw(6) == 0 ? "never was" : answer.recommendationID
          if draw(4) == 0 { event.impressionItemIDs = Array(answer.itemIDs.prefix(2)) }
          events.append(event)
        }
        if !events.isEmpty { _ = try await client.feedback(events) }
      }
    }
    return store
  }

  private func prefix(_ store: MemoryEventStore, _ count: Int) throws -> MemoryEventStore {
    let first = MemoryEventStore()
    var events: [Event] = []
    try store.forEach(after: 0) { if events.count < count { events.append($1) } }
    _ = try first.append(events)
    return first
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func whatIsTakenUpAndReadOnEqualsAReplay(seed: UInt64) async throws {
    let store = try await log(seed: seed, visits: 120)
    let count = try store.count()
    let whole = try generation(store)
    try whole.catchUp()
    let expected = try state(whole)
    var random = SeededGenerator(seed: seed)
    for cut in [1, count] + (0..<6).map({ _ in 1 + Int(random.next() % UInt64(count)) }) {
      let before = try generation(try prefix(store, cut))
      try before.catchUp()
      try before.writeCheckpoint(path: path)
      let after = try generation(store)
      try after.takeUp(path: path)
      #expect(after.eventCount == cut && after.replayedCount == 0, "seed \(seed)")
      #expect(try state(after) == state(before), "seed \(seed), cut \(cut)")
      try after.catchUp()
      #expect(after.replayedCount == count - cut)
      #expect(try state(after) == expected, "seed \(seed), cut \(cut)")
    }
  }

  /// A service that renews its checkpoint while it runs and at its end, restarted again and again,
  /// answers like one that replays.
  @Test func restartedServicesAnswerAlikeToTheBit() async throws {
    let store = try await log(seed: 9, visits: 80)
    for round in 0..<3 {
      var answers: [[RankedItems]] = []
      for checkpoint in [nil, CheckpointConfiguration(path: path, eventInterval: 5)] {
        let service = try LoadedService(
          models: fixture.models(), store: store,
          items: SQLiteItemStore(path: fixture.folder.file("items.sqlite")),
          exploration: Self.exploration, checkpoint: checkpoint, threadCount: 1,
          serverVersion: "test", nowMilliseconds: { 0 })
        if checkpoint != nil && round > 0 { #expect(service.replayedEventCount == 0) }
        answers.append(
          try await fixture.serve(service) { (client: RPCClient) async throws in
            var answers: [RankedItems] = []
            for user in Self.users + (0..<8).map({ "s\($0)" }) {
              answers.append(try await client.recommend(user: user, count: 5))
              answers.append(try await client.similarItems(item: "i1", count: 5))
            }
            guard checkpoint != nil else { return answers }
            for number in 0..<12 {
              _ = try await client.feedback([
                ServiceFixture.event(
                  "r\(round) \(number)", user: Self.users[number], item: "i\(number % 5)",
                  timeMilliseconds: ServiceFixture.nowMilliseconds + 2_000_000)
              ])
            }
            return answers
          })
      }
      #expect(answers[0].contains { !$0.propensities.isEmpty }, "nothing was explored")
      #expect(answers[0] == answers[1], "round \(round)")
      #expect(FileManager.default.fileExists(atPath: path))
    }
  }

  @Test func whatDoesNotFitIsNotTakenUp() async throws {
    let store = try await log(seed: 4, visits: 60)
    let before = try generation(store)
    #expect(throws: ReplayCheckpoint.Unusable.absent) { try before.takeUp(path: path) }
    try before.catchUp()
    try before.writeCheckpoint(path: path)

    func check(
      _ unusable: ReplayCheckpoint.Unusable, _ generation: ServingGeneration,
      _ comment: Comment? = nil
    ) throws {
      #expect(throws: unusable, comment) { try generation.takeUp(path: path) }
      #expect(generation.through == 0 && generation.eventCount == 0, comment)
    }
    try check(
      .otherModels,
      try generation(store, exploration: .init(weight: 1, responseWindowSeconds: 61)))
    // A log that was put back from a backup, and went another way since.
    try check(.otherLog, try generation(try prefix(store, 5)))
    let other = try prefix(store, try store.count() - 1)
    _ = try other.append([
      Event(eventID: "other", userID: "c1", itemID: "i1", kind: .shown, timeMilliseconds: 1)
    ])
    try check(.otherLog, try generation(other))
    // One more product is no matter; one that is not what it was is.
    let items = try SQLiteItemStore(path: fixture.folder.file("items.sqlite"))
    var products = try items.all()
    try items.put([StoredItem(itemID: "cold later", createdMilliseconds: 1, prior: [-3])])
    let grown = try generation(store)
    try grown.takeUp(path: path)
    let replayed = try generation(store)
    try replayed.catchUp()
    _ = (grown.takeUpdates(threadCount: 1), replayed.takeUpdates(threadCount: 1))
    #expect(try state(grown) == state(replayed))
    products[0].createdMilliseconds += 1
    let changed = try SQLiteItemStore(path: fixture.folder.file("changed.sqlite"))
    try changed.put(products)
    try check(.otherProducts, try generation(store, items: changed))
    // Every kind of damage: a bit anywhere, an end that is missing.
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    var random = SeededGenerator(seed: 5)
    for _ in 0..<40 {
      var damaged = bytes
      damaged[Int(random.next() % UInt64(bytes.count))] ^= 1 << UInt8(random.next() % 8)
      if random.next() % 4 == 0 { damaged.removeLast(Int(random.next() % UInt64(bytes.count))) }
      try damaged.write(to: URL(fileURLWithPath: path))
      try check(.damaged, try generation(store))
    }
    // Sound by its checksum, but not what the program writes: nothing of it stays.
    for _ in 0..<40 {
      var cut = StateWriter()
      for byte in bytes.dropLast(5 + Int(random.next() % UInt64(bytes.count / 2))) {
        cut.append(byte)
      }
      cut.append(cut.bytes.withUnsafeBytes { Checksum.crc32($0) })
      try Data(cut.bytes).write(to: URL(fileURLWithPath: path))
      let after = try generation(store)
      try check(.damaged, after)
      try after.catchUp()
      #expect(try state(after) == state(replayed))
    }
  }

  /// After a compaction a replay comes to something else; so the checkpoint of before is of no use.
  @Test func aCompactedLogIsReplayed() async throws {
    let store = try await log(seed: 6, visits: 60)
    let before = try generation(store)
    try before.catchUp()
    try before.writeCheckpoint(path: path)
    let rule = RetentionRule(
      cutMilliseconds: ServiceFixture.nowMilliseconds + 200_000, datasetEndMilliseconds: 0)
    #expect(try store.compact(rule) > 0)
    let after = try generation(store)
    #expect(throws: ReplayCheckpoint.Unusable.otherLog) { try after.takeUp(path: path) }
    try after.catchUp()
    try after.writeCheckpoint(path: path)
    let again = try generation(store)
    try again.takeUp(path: path)
    #expect(again.eventCount == (try store.count()))
    #expect(try state(again) == state(after))
    // One that removes nothing leaves it of use.
    #expect(try store.compact(rule) == 0)
    try generation(store).takeUp(path: path)
  }

  /// Who is left to be scored later is answered the same before and after.
  @Test func customersWhoAreScoredLaterAreAnsweredAlike() throws {
    let fixture = try ServiceFixture(kind: .hrnn, dataset: ExplorationFixture.dataset())
    let store = MemoryEventStore()
    let count = ServingGeneration.startScoringLimit
    func append(_ numbers: Range<Int>) throws {
      _ = try store.append(
        numbers.map { number in
          Event(
            eventID: "\(number)", userID: number < 30 ? "c\(number)" : "new\(number)",
            itemID: "i\(number % 5)", kind: number % 7 == 6 ? .dropped : .accepted,
            timeMilliseconds: ServiceFixture.nowMilliseconds + Int64(number))
        })
    }
    func make() throws -> ServingGeneration {
      let generation = try ServingGeneration(
        try fixture.models(),
        ServingGeneration.Surroundings(
          store: store, items: SQLiteItemStore(path: fixture.folder.file("items.sqlite")),
          exploration: .off, threadCount: 1, serverVersion: "test", nowMilliseconds: { 0 }))
      try generation.catchUp()
      return generation
    }
    try append(0..<count)
    let few = try make()
    #expect(few.takeFirstUpdates(threadCount: 1).customers.count == count)
    #expect(!few.live.personalization.hasDeferred)
    try append(count..<count + 1)
    let eager = Self.scores(try make().takeUpdates(threadCount: 1), few)
    let many = try make()
    let first = many.takeFirstUpdates(threadCount: 1)
    #expect(many.live.personalization.hasDeferred)
    #expect(Self.scores(first, many) == eager)
    var later: [LivePersonalization.Update] = []
    while many.live.personalization.hasDeferred {
      later += many.live.personalization.scoreDeferred(limit: 64)
    }
    let areScored = later.allSatisfy { if case .scores = $0.state { true } else { false } }
    #expect(areScored)
    #expect(Self.scores(LiveUpdates(customers: later, lists: []), many) == eager)
    #expect(eager.count == count + 1)
  }

  private static func scores(
    _ updates: LiveUpdates, _ generation: ServingGeneration
  ) -> [LivePersonalization.CustomerKey: [UInt32]] {
    var scores: [LivePersonalization.CustomerKey: [UInt32]] = [:]
    for update in updates.customers {
      switch update.state {
      case .scores(let row): scores[update.customer] = row.map(\.bitPattern)
      case .customer(let customer):
        var row = [Float](repeating: 0, count: generation.models.dataset.items.count)
        row.withUnsafeMutableBufferPointer { generation.liveScorer.score(customer, into: $0) }
        scores[update.customer] = row.map(\.bitPattern)
      case nil: scores[update.customer] = []
      }
    }
    return scores
  }
}
