internal import InteractionData
internal import RecommenderModels
internal import RecommenderRPC
internal import TestSupport
internal import Testing

struct SoftmaxTests {
  /// `c3` may be offered items 1 and 4 alone, so their shares are all there are.
  @Test func sharesSumToOneOverWhatMayBeOffered() async throws {
    let fixture = try ServiceFixture()
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      let answer = try await client.recommend(user: "c3", count: 5, softmaxScores: true)
      #expect(answer.itemIDs == ["i1", "i4"])
      let odds = answer.scores.map { Double($0) / (1 - Double($0)) }
      #expect(answer.softmaxScores.count == 2)
      for (share, odd) in zip(answer.softmaxScores, odds) {
        #expect(abs(Double(share) - odd / (odds[0] + odds[1])) < 1e-6)
      }
      #expect(abs(answer.softmaxScores.reduce(0, +) - 1) < 1e-6)
      // A shorter list, or one with items left out, shows the same shares.
      let first = try await client.recommend(user: "c3", count: 1, softmaxScores: true)
      #expect(first.softmaxScores == [answer.softmaxScores[0]])
      let rest = try await client.recommend(
        user: "c3", count: 1, excluding: ["i1"], softmaxScores: true)
      #expect(rest.softmaxScores == [answer.softmaxScores[1]])
    }
  }

  @Test func theyComeWhenAskedForAndForStrangersToo() async throws {
    let fixture = try ServiceFixture()
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      #expect(try await client.recommend(user: "c3", count: 5).softmaxScores.isEmpty)
      let stranger = try await client.recommend(user: "nobody", count: 5, softmaxScores: true)
      #expect(stranger.source == .popularity)
      #expect(stranger.softmaxScores.count == 5)
      #expect(abs(stranger.softmaxScores.reduce(0, +) - 1) < 1e-6)
      // The next answer does not carry them along.
      #expect(try await client.recommend(user: "c3", count: 5).softmaxScores.isEmpty)
    }
  }

  @Test func scoresThatOnlyOrderItemsHaveNone() async throws {
    let fixture = try ServiceFixture(kind: .sims)
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      do throws(RPCError) {
        _ = try await client.recommend(user: "c3", count: 5, softmaxScores: true)
        Issue.record("co-occurrence gave softmax scores")
      } catch {
        #expect(error.code == .failedPrecondition)
        #expect(
          error.message
            == "the scores of model-0001 are neither probabilities nor logits: it has no "
            + "softmax_scores")
      }
      #expect(try await client.recommend(user: "c3", count: 5).itemIDs.count == 2)
    }
  }

  @Test func anEmptyHistoryIsAnswered() async throws {
    let dataset = DatasetFixture.interactions(
      itemCount: 4, customers: [[0, 1, 2], [0, 1], []])
    for kind in [RecommenderKind.sims, .popularity] {
      let fixture = try ServiceFixture(kind: kind, dataset: dataset)
      try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
        let answer = try await client.recommend(user: "c2", count: 500)
        #expect(Set(answer.itemIDs) == ["i0", "i1", "i2", "i3"], "\(kind)")
        #expect(answer.scores.allSatisfy { $0.isFinite }, "\(kind)")
      }
    }
  }
}
