internal import EventLog
internal import Foundation
internal import InteractionData
internal import RecommenderModels
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import RecommenderRPC
@testable internal import RecommenderService

/// Models that change while the service answers.
@Suite struct ModelSwapTests {
  private static let customers = (0...5).map { "c\($0)" }

  /// A store that calls back after each time it was read.
  private final class WatchedStore: EventStore {
    private let store: any EventStore
    private let reads = Atomic<Int>(0)
    let afterRead = Mutex<(@Sendable (Int) -> Void)?>(nil)

    init(_ store: any EventStore) { self.store = store }

    func append(_ events: [Event]) throws(EventLogError) -> [AppendOutcome] {
      try store.append(events)
    }

    func forEach(after sequence: Int64, _ body: (Int64, Event) -> Void) throws(EventLogError) {
      try store.forEach(after: sequence, body)
      let number = reads.add(1, ordering: .relaxed).newValue
      afterRead.withLock { $0 }?(number)
    }

    func count() throws(EventLogError) -> Int { try store.count() }

    func mark(at sequence: Int64) throws(EventLogError) -> String? {
      try store.mark(at: sequence)
    }

    func compact(_ rule: RetentionRule) throws(EventLogError) -> Int { try store.compact(rule) }
  }

  /// What the tasks of a test tell each other.
  private final class Progress: Sendable {
    let isDone = Atomic<Bool>(false)
    let requests = Atomic<Int>(0)
  }

  private struct CannotLoad: Error, CustomStringConvertible {
    var description: String { "the disk is on fire" }
  }

  private func answers(_ client: RPCClient, _ users: [String]) async throws -> [RankedItems] {
    var answers: [RankedItems] = []
    for user in users {
      var answer = try await client.recommend(user: user, count: 5)
      answer.recommendationID = ""
      answers.append(answer)
    }
    return answers
  }

  /// What a server that starts now, with these models and this log, answers.
  private func afterRestart(
    _ fixture: ServiceFixture, version: String, users: [String]
  ) async throws -> [RankedItems] {
    let service = try fixture.load(models: fixture.models(version: version))
    return try await fixture.serve(service) { try await answers($0, users) }
  }

  @Test func underLoadNoRequestFailsAndNoFeedbackIsLost() async throws {
    let fixture = try ServiceFixture()
    let service = try fixture.load(models: fixture.models(version: "model-0001"))
    let swaps = Atomic<Int>(0)
    let updater = ModelUpdater(service: service) { current, _ in
      swaps.add(1, ordering: .relaxed)
      return try fixture.models(
        version: current.primary.version == "model-0001" ? "model-0002" : "model-0001")
    }
    let users = Self.customers + (0..<40).map { "new\($0)" }
    let (final, version) = try await fixture.serve(service, updater: updater) { client in
      let progress = Progress()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for worker in 0..<4 {
          group.addTask {
            var random = SeededGenerator(seed: UInt64(worker))
            var number = 0
            repeat {
              let user = users[Int.random(in: 0..<users.count, using: &random)]
              let answer = try await client.recommend(user: user, count: 5)
              progress.requests.add(1, ordering: .relaxed)
              let known = ["model-0001", "model-0002", "popularity-of-dataset"]
              #expect(known.contains(answer.modelVersion))
              // Each worker has customers of its own, so that nobody undoes what it does.
              guard number % 4 == 0, let item = answer.itemIDs.first else { number += 1; continue }
              let own = "own\(worker)-\(number)"
              let outcomes = try await client.feedback([
                ServiceFixture.event("\(worker)-\(number)-a", user: user, item: item),
                ServiceFixture.event("\(worker)-\(number)-b", user: own, item: item),
              ])
              #expect(outcomes == [.accepted, .accepted])
              let after = try await client.recommend(user: own, count: 5)
              #expect(after.source == .model, "seed \(worker), \(number): forgotten")
              #expect(!after.itemIDs.contains(item), "seed \(worker), \(number): offered again")
              number += 1
            } while !progress.isDone.load(ordering: .relaxed)
          }
        }
        while swaps.load(ordering: .relaxed) < 30
          || progress.requests.load(ordering: .relaxed) < 2000
        {
          let outcome = try await client.updateModels(.reload)
          #expect(outcome.modelVersion != outcome.previousModelVersion)
        }
        progress.isDone.store(true, ordering: .relaxed)
        try await group.waitForAll()
      }
      return (try await answers(client, users), service.models.primary.version)
    }
    #expect(swaps.load(ordering: .relaxed) >= 30)
    #expect(try await afterRestart(fixture, version: version, users: users) == final)
  }

  @Test func whatIsAcknowledgedWhileModelsAreMadeIsKnownToThem() async throws {
    let fixture = try ServiceFixture()
    let store = WatchedStore(try SQLiteEventStore(path: fixture.folder.file("events.sqlite")))
    let service = try fixture.load(store: store, models: fixture.models(version: "model-0001"))
    let updater = ModelUpdater(service: service) { _, _ in
      try fixture.models(version: "model-0002")
    }
    let users = Self.customers + ["late"]
    let swapped = try await fixture.serve(service, updater: updater) { client in
      let before = try await client.recommend(user: "c5", count: 5)
      let item = try #require(before.itemIDs.first)
      // The log is read at the start, and again for the new models: then this happens, and is
      // acknowledged, before they go on.
      store.afterRead.withLock {
        $0 = { number in
          guard number == 2 else { return }
          let isAcknowledged = DispatchSemaphore(value: 0)
          Task {
            let outcomes = try await client.feedback([
              ServiceFixture.event("a", user: "c5", item: item),
              ServiceFixture.event("b", user: "late", item: item),
            ])
            #expect(outcomes == [.accepted, .accepted])
            isAcknowledged.signal()
          }
          isAcknowledged.wait()
        }
      }
      let outcome = try await client.updateModels(.reload)
      #expect(
        outcome
          == ModelUpdateOutcome(modelVersion: "model-0002", previousModelVersion: "model-0001"))
      let after = try await answers(client, users)
      #expect(after.allSatisfy { $0.modelVersion == "model-0002" })
      #expect(!after[5].itemIDs.contains(item) && !after[6].itemIDs.contains(item))
      // And it follows the log from here on.
      let next = try #require(after[6].itemIDs.first)
      _ = try await client.feedback([ServiceFixture.event("c", user: "late", item: next)])
      #expect(try await !client.recommend(user: "late", count: 5).itemIDs.contains(next))
      return try await answers(client, users)
    }
    #expect(
      try await afterRestart(fixture, version: "model-0002", users: users) == swapped)
  }

  @Test func eventsThatWereReadFromTheLogAreNotTakenInTwice() throws {
    let fixture = try ServiceFixture()
    let service = try fixture.load()
    let store = service.surroundings.store
    let events = (1...3).map { number in
      Event(
        eventID: "e\(number)", userID: "new\(number)", itemID: "i1", kind: .accepted,
        timeMilliseconds: ServiceFixture.nowMilliseconds)
    }
    _ = try store.append(Array(events[..<2]))
    let next = try ServingGeneration(service.models, service.surroundings)
    #expect(try next.catchUp() == 2)
    #expect(try next.catchUp() == 0)
    #expect(next.takeUpdates(threadCount: 1).customers.count == 2)
    #expect(next.takeUpdates(threadCount: 1).customers.isEmpty)
    // One of its own: the service's belongs to the log's thread.
    let follower = LogFollower(service.current)
    follower.follow(next)
    // One transaction that held all three, and the change of models between them.
    let outcomes: [AppendOutcome] = (1...3).map { .appended(sequence: $0) }
    let updates = follower.apply(events, outcomes)
    #expect(updates.customers.map(\.customer) == [.new("new3")])
    #expect(follower.apply([events[0]], [.duplicate]).customers.isEmpty)
    service.close()
  }

  @Test func theModelsBeforeComeBackAndKnowWhatHappenedSince() async throws {
    let fixture = try ServiceFixture()
    let service = try fixture.load(models: fixture.models(version: "model-0001"))
    let updater = ModelUpdater(service: service) { current, _ in
      current.primary.version == "model-0002" ? nil : try fixture.models(version: "model-0002")
    }
    let users = Self.customers + ["late"]
    let back = try await fixture.serve(service, updater: updater) { client in
      await #expect(
        throws: RPCError(
          code: .failedPrecondition, message: "no other models were in force before these")
      ) { try await client.updateModels(.rollback) }
      _ = try await client.updateModels(.reload)
      // Nothing newer: nothing is done.
      let again = try await client.updateModels(.reload)
      #expect(again.modelVersion == "model-0002" && again.previousModelVersion == "model-0002")
      #expect(try await client.health().modelVersion == "model-0002")
      #expect(try await client.describe().service.models.first?.version == "model-0002")
      let item = try #require(try await client.recommend(user: "late").itemIDs.first)
      _ = try await client.feedback([ServiceFixture.event("a", user: "late", item: item)])
      let outcome = try await client.updateModels(.rollback)
      #expect(outcome.modelVersion == "model-0001")
      let back = try await answers(client, users)
      #expect(back.allSatisfy { $0.modelVersion == "model-0001" })
      #expect(!back[6].itemIDs.contains(item))
      #expect(try await client.updateModels(.rollback).modelVersion == "model-0002")
      #expect(try await client.updateModels(.rollback).modelVersion == "model-0001")
      return back
    }
    #expect(try await afterRestart(fixture, version: "model-0001", users: users) == back)
  }

  @Test func whatWasRolledBackIsWithdrawnUntilSomebodyAsksForIt() async throws {
    let fixture = try ServiceFixture()
    let service = try fixture.load(models: fixture.models(version: "model-0001"))
    let seen = Mutex<[Bool]>([])
    let updater = ModelUpdater(service: service) { current, withdrawn in
      seen.withLock { $0.append(withdrawn.contains(version: "model-0002")) }
      if withdrawn.contains(version: "model-0002") || current.primary.version == "model-0002" {
        return nil
      }
      return try fixture.models(version: "model-0002")
    }
    try await fixture.serve(service, updater: updater) { (client: RPCClient) async throws in
      func discover() async -> Result<ModelUpdateOutcome, RPCError> {
        await withCheckedContinuation { continuation in
          updater.update(.reload, on: .discovery) { continuation.resume(returning: $0) }
        }
      }
      #expect(try await discover().get().modelVersion == "model-0002")
      #expect(try await client.updateModels(.rollback).modelVersion == "model-0001")
      #expect(try await discover().get().modelVersion == "model-0001")
      #expect(try await client.updateModels(.reload).modelVersion == "model-0002")
      #expect(try await client.updateModels(.rollback).modelVersion == "model-0001")
      // Once more puts it back: it is wanted again, and what it replaced is not.
      #expect(try await client.updateModels(.rollback).modelVersion == "model-0002")
      #expect(try await discover().get().modelVersion == "model-0002")
    }
    #expect(seen.withLock { $0 } == [false, true, false, false])
  }

  @Test func withdrawnModelsAreThoseNoLongerInForce() throws {
    let fixture = try ServiceFixture()
    var withdrawn = WithdrawnModels()
    let old = try fixture.models(version: "model-0001")
    let new = try fixture.models(version: "model-0002")
    withdrawn.withdraw(new)
    withdrawn.admit(old)
    #expect(withdrawn.contains(version: "model-0002"))
    // What both have stays.
    #expect(!withdrawn.contains(version: "sims-0001"))
    withdrawn.withdraw(try fixture.models(datasetChecksum: "b"))
    #expect(withdrawn.contains(dataset: "b") && !withdrawn.contains(dataset: "a"))
    withdrawn.admit(try fixture.models(datasetChecksum: "b"))
    #expect(!withdrawn.contains(dataset: "b"))
  }

  @Test func whatCannotBeLoadedLeavesTheOldOnesAlone() async throws {
    let fixture = try ServiceFixture()
    let service = try fixture.load()
    let isAsked = DispatchSemaphore(value: 0)
    let mayGoOn = DispatchSemaphore(value: 0)
    let events = Mutex<[ServiceEvent]>([])
    let updater = ModelUpdater(
      service: service, report: { event in events.withLock { $0.append(event) } },
      newest: { _, _ in
        isAsked.signal()
        mayGoOn.wait()
        throw CannotLoad()
      })
    try await fixture.serve(service, updater: updater) { client in
      let first = Task { try await client.updateModels(.reload) }
      await Task.detached { Self.wait(isAsked) }.value
      // One at a time.
      let busy = await #expect(throws: RPCError.self) { try await client.updateModels(.rollback) }
      #expect(busy?.code == .aborted)
      mayGoOn.signal()
      let failed = await #expect(throws: RPCError.self) { try await first.value }
      #expect(
        failed
          == RPCError(
            code: .failedPrecondition,
            message: "the models stay as they are: the disk is on fire"))
      let version = try await client.recommend(user: "c0").modelVersion
      #expect(version == "model-0001")
      #expect(
        events.withLock { $0 } == [
          .modelUpdateFailed(update: .reload, reason: "the disk is on fire")
        ])
    }
    // Without anybody who knows of other models, and after the end.
    let alone = try fixture.load()
    try await fixture.serve(alone) { client in
      let error = await #expect(throws: RPCError.self) { try await client.updateModels(.reload) }
      #expect(error?.code == .unimplemented)
    }
    #expect(throws: ServiceError.eventLog(.closed)) { try alone.replace(by: alone.models) }
  }

  private static func wait(_ semaphore: DispatchSemaphore) { semaphore.wait() }

  @Test func whatIsPutWhileModelsAreMadeIsInTheirCatalogue() async throws {
    let fixture = try ServiceFixture()
    let store = WatchedStore(try SQLiteEventStore(path: fixture.folder.file("events.sqlite")))
    let service = try fixture.load(store: store, models: fixture.models(version: "model-0001"))
    let updater = ModelUpdater(service: service) { _, _ in
      try fixture.models(version: "model-0002")
    }
    try await fixture.serve(service, updater: updater) { client in
      store.afterRead.withLock {
        $0 = { number in
          guard number == 2 else { return }
          let isAnswered = DispatchSemaphore(value: 0)
          Task {
            let outcomes = try await client.putItems([PutItem(itemID: "fresh")])
            #expect(outcomes == [.created(itemIndex: 5)])
            isAnswered.signal()
          }
          isAnswered.wait()
        }
      }
      #expect(try await client.updateModels(.reload).modelVersion == "model-0002")
      #expect(try await client.describe().service.itemIDs.last == "fresh")
      let outcomes = try await client.feedback([
        ServiceFixture.event("a", user: "c0", item: "fresh")
      ])
      #expect(outcomes == [.accepted])
      // Puts go on, and go to the new ones.
      #expect(
        try await client.putItems([PutItem(itemID: "fresher")]) == [.created(itemIndex: 6)])
      #expect(try await client.describe().service.itemIDs.suffix(2) == ["fresh", "fresher"])
    }
  }
}
