internal import InteractionData
internal import RecommenderModels
internal import RecommenderRPC
internal import RecommenderService
internal import TestSupport
internal import Testing

struct RecommendTests {
  @Test func heldItemsAreNeverRecommended() async throws {
    let fixture = try ServiceFixture()
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      // c3 holds items 0, 2 and 3.
      let answer = try await client.recommend(user: "c3", count: 5)
      #expect(answer.itemIDs == ["i1", "i4"])
      #expect(answer.itemIndexes == [1, 4])
      #expect(answer.source == .model)
      #expect(answer.modelVersion == "model-0001")
      #expect(answer.scores == answer.scores.sorted(by: >))
    }
  }

  @Test func unknownCustomersGetPopularItems() async throws {
    let fixture = try ServiceFixture()
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      let answer = try await client.recommend(user: "nobody", count: 2)
      #expect(answer.itemIDs == ["i1", "i2"])
      #expect(answer.source == .popularity)
      // The version is that of the model that answered.
      #expect(answer.modelVersion == "popularity-of-dataset")
    }
  }

  @Test func excludedItemsAreReplaced() async throws {
    let fixture = try ServiceFixture()
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      let all = try await client.recommend(user: "c5", count: 2)
      #expect(all.itemIDs == ["i1", "i2"])
      let rest = try await client.recommend(
        user: "c5", count: 2, excluding: ["i1", "no such item"])
      #expect(rest.itemIDs == ["i2", "i3"])
      // Leaving out is of that request only.
      #expect(try await client.recommend(user: "c5", count: 2).itemIDs == all.itemIDs)
    }
  }

  @Test func moreThanThereIsGivesWhatThereIs() async throws {
    let fixture = try ServiceFixture()
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      #expect(try await client.recommend(user: "c5", count: 500).itemIDs.count == 4)
      #expect(try await client.similarItems(item: "i0", count: 500).itemIDs.count <= 4)
    }
  }

  @Test func everyAnswerHasANameOfItsOwn() async throws {
    let fixture = try ServiceFixture()
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      let first = try await client.recommend(user: "c0", count: 1).recommendationID
      let second = try await client.recommend(user: "c0", count: 1).recommendationID
      #expect(first == "000000000000abcd0000000000000001")
      #expect(second == "000000000000abcd0000000000000002")
    }
  }

  @Test func similarItemsComeFromCooccurrence() async throws {
    let fixture = try ServiceFixture()
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      // Item 3 was only ever had by c3, with items 0 and 2: cosines 1/√6 and 1/√2.
      let answer = try await client.similarItems(item: "i3", count: 5)
      #expect(answer.itemIDs == ["i2", "i0"])
      #expect(abs(answer.scores[0] - 1 / Float(2).squareRoot()) < 1e-6)
      #expect(abs(answer.scores[1] - 1 / Float(6).squareRoot()) < 1e-6)
      #expect(answer.modelVersion == "sims-0001")
    }
  }

  @Test func itemsWithoutNeighboursGivePopularOnes() async throws {
    let fixture = try ServiceFixture()
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      let answer = try await client.similarItems(item: "i4", count: 2)
      #expect(answer.source == .popularity)
      #expect(answer.itemIDs == ["i1", "i2"])
    }
    try await fixture.serve(try fixture.load(withSimilarity: false)) {
      (client: RPCClient) async throws in
      #expect(try await client.similarItems(item: "i1", count: 1).source == .popularity)
    }
  }

  @Test func anUnknownItemIsNotFound() async throws {
    let fixture = try ServiceFixture()
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      await #expect(throws: RPCError(code: .notFound, message: "unknown item \"x\"")) {
        try await client.similarItems(item: "x", count: 1)
      }
      // The connection goes on.
      #expect(try await client.health().modelVersion == "model-0001")
    }
  }

  @Test func describeTellsCatalogueAndModels() async throws {
    let fixture = try ServiceFixture()
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      let description = try await client.describe().service
      #expect(description.itemIDs == ["i0", "i1", "i2", "i3", "i4"])
      #expect(description.customers == 6)
      #expect(
        description.models.map(\.version) == ["model-0001", "popularity-of-dataset", "sims-0001"])
      #expect(description.models.map(\.trainedThrough) == ["2015-02", "2015-03", "2015-02"])
    }
  }

  @Test func withoutAPanelWhatWasHadIsLeftOut() async throws {
    let dataset = DatasetFixture.interactions(
      itemCount: 4, customers: [[0, 1, 2], [0, 1], [0, 1, 3], [2]])
    let fixture = try ServiceFixture(kind: .sims, dataset: dataset)
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      let answer = try await client.recommend(user: "c1", count: 4)
      #expect(Set(answer.itemIDs) == ["i2", "i3"])
    }
  }
}
