internal import EventLog
internal import InteractionData
internal import RecommenderModels
internal import RecommenderRPC
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import RecommenderService

/// Exploration over the RPC.
struct ExplorationServiceTests {
  private let fixture: ServiceFixture

  init() throws { fixture = try ExplorationFixture.make() }

  @Test func withoutWeightTheAnswerIsThatOfTheModel() async throws {
    let plain = try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      try await client.recommend(user: "c3", count: 4)
    }
    #expect(plain.propensities.isEmpty && !plain.explored)
    try await fixture.serve(try fixture.load(exploration: .init(weight: 0.3))) {
      (client: RPCClient) async throws in
      // Without a cold product, and with one but without weight.
      #expect(try await client.recommend(user: "c3", count: 4).withoutID == plain.withoutID)
      _ = try await client.putItems([PutItem(itemID: "new")])
      let none = try await client.recommend(user: "c3", count: 4, explorationWeight: 0)
      #expect(none.withoutID == plain.withoutID)
      let some = try await client.recommend(user: "c3", count: 4)
      #expect(some.propensities.count == some.itemIDs.count)
    }
  }

  @Test func theSoftmaxOfWhatIsEstablishedStays() async throws {
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      let plain = try await client.recommend(user: "c3", count: 5, softmaxScores: true)
      _ = try await client.putItems([PutItem(itemID: "new")])
      let answer = try await client.recommend(
        user: "c3", count: 10, softmaxScores: true, explorationWeight: 1)
      let shares = Dictionary(uniqueKeysWithValues: zip(answer.itemIDs, answer.softmaxScores))
      for (item, share) in zip(plain.itemIDs, plain.softmaxScores) {
        #expect(shares[item] == share)
      }
      #expect(shares["new"] == 0, "the model does not know it")
    }
  }

  @Test func scoresThatOnlyOrderAreNotExplored() async throws {
    let fixture = try ServiceFixture(kind: .sims, dataset: ExplorationFixture.dataset())
    let service = try fixture.load(exploration: .init(weight: 0.5))
    #expect(
      service.noExplorationReason == "the scores of model-0001 only order products")
    try await fixture.serve(service) { (client: RPCClient) async throws in
      #expect(try await client.putItems([PutItem(itemID: "new")]) == [.created(itemIndex: 5)])
      #expect(try await client.describe().service.explorationWeight == 0)
      #expect(try await client.recommend(user: "c3", count: 500).propensities.isEmpty)
      #expect(
        try await client.recommend(user: "c3", count: 500, explorationWeight: 0)
          .propensities.isEmpty)
      do throws(RPCError) {
        _ = try await client.recommend(user: "c3", explorationWeight: 0.1)
        Issue.record("explored what cannot be")
      } catch {
        #expect(error.code == .failedPrecondition)
      }
    }
  }

  /// A good product that one in four accepts who are shown it, and one that nobody wants, among
  /// others that one in twenty accepts.
  @Test func productsGraduateOrAreGivenUpAndStaySo() async throws {
    let told = Mutex<[String]>([])
    let exploration = ExplorationConfiguration(weight: 1, responseWindowSeconds: 1)
    let service = try fixture.load(exploration: exploration) { event in
      told.withLock { $0.append(event.description) }
    }
    let before = try await fixture.serve(service) { (client: RPCClient) async throws in
      _ = try await client.putItems([PutItem(itemID: "good"), PutItem(itemID: "bad")])
      var generator = SeededGenerator(seed: 5)
      var events: [FeedbackEvent] = []
      for round in 0..<3000 {
        // Someone new each time: a customer takes a product once.
        let user = "visitor\(round)"
        let answer = try await client.recommend(user: user, count: 2)
        let time = ServiceFixture.nowMilliseconds + Int64(round) * 2000
        func event(_ type: FeedbackEventType, _ item: String) -> FeedbackEvent {
          FeedbackEvent(
            eventID: "\(round)-\(type)", userID: user, itemID: item, type: type,
            timeMilliseconds: time, recommendationID: answer.recommendationID)
        }
        events.append(event(.shown, answer.itemIDs[0]))
        for item in answer.itemIDs where item != "bad" {
          guard generator.nextIndex(below: item == "good" ? 4 : 20) == 0 else { continue }
          var accepted = event(.accepted, item)
          accepted.eventID += item
          events.append(accepted)
        }
        if round % 20 == 19 {
          _ = try await client.feedback(events)
          events = []
        }
      }
      return try await Self.end(client)
    }
    #expect(before.coldItems.map(\.state) == [.graduated, .givenUp])
    #expect(told.withLock { $0.contains { $0.hasPrefix("good is known well enough") } })
    #expect(told.withLock { $0.contains { $0.hasPrefix("bad is given up") } })
    #expect(before.shown.contains("good") && !before.shown.contains("bad"))
    // And after a restart, to the last count.
    let after = try await fixture.serve(try fixture.load(exploration: exploration)) {
      (client: RPCClient) async throws in try await Self.end(client)
    }
    #expect(after.coldItems == before.coldItems)
    #expect(after.shown == before.shown)
    #expect(after.isCertain, "nothing is drawn any more")
  }

  private static func end(
    _ client: RPCClient
  ) async throws -> (coldItems: [ColdItemDescription], shown: [String], isCertain: Bool) {
    // A weight of 0 shows what has graduated as well.
    let answer = try await client.recommend(user: "stranger", count: 500)
    let none = try await client.recommend(user: "stranger", count: 500, explorationWeight: 0)
    #expect(answer.itemIDs == none.itemIDs)
    #expect(none.propensities.isEmpty)
    return (
      try await client.describe().service.coldItems, answer.itemIDs,
      answer.propensities.isEmpty && !answer.explored
    )
  }

  @Test func duplicatesTeachOnce() async throws {
    try await fixture.serve(
      try fixture.load(exploration: .init(weight: 1, responseWindowSeconds: 1))
    ) { (client: RPCClient) async throws in
      _ = try await client.putItems([PutItem(itemID: "new")])
      let answer = try await client.recommend(user: "c3", count: 500)
      let event = FeedbackEvent(
        eventID: "e", userID: "c3", itemID: "new", type: .dismissed,
        recommendationID: answer.recommendationID)
      #expect(try await client.feedback([event, event]) == [.accepted, .duplicate])
      #expect(try await client.feedback([event]) == [.duplicate])
      #expect(try await client.describe().service.coldItems.map(\.showings) == [1])
    }
  }
}

extension RankedItems {
  /// The answer but for its name.
  fileprivate var withoutID: RankedItems {
    var answer = self
    answer.recommendationID = ""
    return answer
  }
}
