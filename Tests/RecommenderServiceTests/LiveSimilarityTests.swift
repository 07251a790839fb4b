internal import EventLog
internal import InteractionData
internal import RecommenderModels
internal import RecommenderRPC
internal import TestSupport
internal import Testing

@testable internal import RecommenderService

struct LiveSimilarityTests {
  private typealias Fixture = ServiceFixture

  /// Items of five kinds and different sizes; the last ones are in nobody's history.
  private func dataset(_ customers: [[Int]], itemCount: Int) -> Dataset {
    DatasetFixture.interactions(
      itemCount: itemCount, customers: customers,
      attributes: AttributeTable(columns: [
        DatasetFixture.categories("KIND", (0..<itemCount).map { "k\($0 % 5)" }),
        DatasetFixture.numbers("SIZE", (0..<itemCount).map { Float($0 * $0) / 7 }),
      ]))
  }

  private func answers(_ client: RPCClient, itemCount: Int) async throws -> [RankedItems] {
    var answers: [RankedItems] = []
    for item in 0..<itemCount {
      answers.append(try await client.similarItems(item: "i\(item)", count: 12))
    }
    return answers
  }

  /// Feeds random events to a service and compares its answers with those of a service trained on
  /// dataset and events, and of itself after a restart.
  ///
  /// Up to 64 items every list is in force before the feedback is acknowledged. Of larger catalogues
  /// the last lists may follow, so that answers are asked for again until they are the expected ones.
  @Test(arguments: [UInt64(31), 32], [24, 90])
  func answersAreThoseOfTrainingAnew(seed: UInt64, itemCount: Int) async throws {
    var generator = SeededGenerator(seed: seed)
    var customers = (0..<25).map { _ in
      (0..<5).map { _ in generator.nextIndex(below: itemCount * 2 / 3) }
    }
    let fixture = try Fixture(kind: .sims, dataset: dataset(customers, itemCount: itemCount))
    let events = (0..<120).map { number in
      let customer = generator.nextIndex(below: 30)
      let item = generator.nextIndex(below: itemCount - 3)
      // What is looked at or given up is not had.
      let type: FeedbackEventType =
        number % 7 == 5 ? .clicked : number % 7 == 6 ? .dropped : .accepted
      if type == .accepted {
        while customers.count <= customer { customers.append([]) }
        customers[customer].append(item)
      }
      return Fixture.event("\(number)", user: "c\(customer)", item: "i\(item)", type)
    }
    let anew = try Fixture(kind: .sims, dataset: dataset(customers, itemCount: itemCount))
    let expected = try await anew.serve(try anew.load()) { client in
      try await answers(client, itemCount: itemCount)
    }
    #expect(Set(expected.map(\.source)) == [.model, .metadata], "seed \(seed)")
    let service = try fixture.load()
    #expect(service.staticSimilarityReason == nil)
    try await fixture.serve(service) { (client: RPCClient) async throws in
      let before = try await answers(client, itemCount: itemCount)
      #expect(before != expected, "seed \(seed)")
      for start in stride(from: 0, to: events.count, by: 10) {
        _ = try await client.feedback(Array(events[start..<start + 10]))
      }
      var found = try await answers(client, itemCount: itemCount)
      var attempts = 0
      while itemCount > 64 && found != expected && attempts < 1000 {
        found = try await answers(client, itemCount: itemCount)
        attempts += 1
      }
      #expect(found == expected, "seed \(seed)")
    }
    let again = try fixture.load()
    #expect(again.replayedEventCount == events.count)
    let restarted = try await fixture.serve(again) { client in
      try await answers(client, itemCount: itemCount)
    }
    #expect(restarted == expected, "seed \(seed)")
  }

  @Test func itemsNobodyHadAreAnsweredByMetadata() async throws {
    let fixture = try Fixture(kind: .sims, dataset: dataset([[0, 1], [0, 1, 2]], itemCount: 7))
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      let cold = try await client.similarItems(item: "i6", count: 2)
      #expect(cold.source == .metadata)
      #expect(cold.modelVersion == "sims-0001")
      #expect(cold.itemIDs.first == "i1")  // The only other item of its kind.
      #expect(cold.scores == cold.scores.sorted(by: >))
      #expect(try await client.similarItems(item: "i0", count: 2).source == .model)
      // One customer takes it beside item 0: counts, be they small, come first.
      _ = try await client.feedback([
        Fixture.event("1", user: "new", item: "i6"), Fixture.event("2", user: "new", item: "i0"),
      ])
      let warm = try await client.similarItems(item: "i6", count: 2)
      #expect(warm.source == .model)
      #expect(warm.itemIDs == ["i0"])
      // More than there is gives what there is, and never the item itself.
      let all = try await client.similarItems(item: "i5", count: 500)
      #expect(all.source == .metadata)
      #expect(all.itemIDs.count == 6 && !all.itemIDs.contains("i5"))
    }
  }

  @Test func aModelOfAnotherDatasetStaysAsTrained() throws {
    let fixture = try Fixture(kind: .sims, dataset: dataset([[0, 1], [0, 1, 2]], itemCount: 7))
    let models = try fixture.models(datasetChecksum: "01234567")
    let (similarity, reason) = LiveSimilarity.make(models)
    #expect(similarity == nil)
    let mends = try #require(reason).contains("train it anew")
    #expect(mends)
  }
}
