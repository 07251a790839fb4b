internal import EventLog
internal import InteractionData
internal import RecommenderModels
internal import Testing

@testable internal import RecommenderRPC
@testable internal import RecommenderService

/// What is popular follows feedback.
@Suite struct LivePopularityTests {
  /// Item 3 of the fixture's bank: one of its six customers holds it at the end, and its months are 3.
  @Test func ratesAreThoseOfTheFormula() throws {
    let fixture = try ServiceFixture()
    let models = try fixture.models()
    let live = LivePopularity(models)
    let trained = LivePopularity.Ranking(models)
    #expect(live.changedRanking(isIdle: true) == nil)
    for _ in 0..<4 { live.record(item: 3) }
    let ranking = try #require(live.changedRanking(isIdle: false))
    // 5 customers lacked it; 2 of the 3 months have a month before them.
    let exposure = 5.0 * 2
    let expected = (Double(trained.scores[3]) * exposure + 4) / (exposure + 4)
    #expect(ranking.scores[3] == Float(expected))
    #expect(ranking.scores[0] == trained.scores[0] && ranking.scores[1] == trained.scores[1])
    let ranked = ranking.items.map { ranking.scores[Int($0)] }
    #expect(ranked.count == 5 && ranked == ranked.sorted(by: >))
    #expect(live.changedRanking(isIdle: true) == nil)
    live.record(item: 3)
    // All five at once are the same as one after another.
    let again = try #require(live.changedRanking(isIdle: false))
    #expect(again.scores[3] == Float((Double(trained.scores[3]) * exposure + 5) / (exposure + 5)))
  }

  @Test func strangersSeeWhatOthersTookAndARestartSeesTheSame() async throws {
    let fixture = try ServiceFixture()
    let before = try await fixture.serve(try fixture.load()) { client in
      let before = try await client.recommend(user: "stranger", count: 5)
      #expect(before.source == .popularity)
      let last = try #require(before.itemIDs.last)
      for number in 0..<20 {
        let user = "new\(number)"
        _ = try await client.feedback([
          ServiceFixture.event("a\(number)", user: user, item: last),
          // Again, though it is held: no addition. And what is not taken says nothing.
          ServiceFixture.event("b\(number)", user: user, item: last),
          ServiceFixture.event("c\(number)", user: user, item: before.itemIDs[0], .shown),
          ServiceFixture.event("d\(number)", user: user, item: before.itemIDs[1], .dismissed),
        ])
      }
      let after = try await client.recommend(user: "stranger", count: 5)
      #expect(after.itemIDs.first == last)
      #expect(after.itemIDs.dropFirst() == before.itemIDs.dropLast())
      let place = try #require(before.itemIDs.firstIndex(of: last))
      #expect(after.scores[0] > before.scores[place])
      #expect(Array(after.scores.dropFirst()) == Array(before.scores.dropLast()))
      return after
    }
    try await fixture.serve(try fixture.load()) { client in
      let after = try await client.recommend(user: "stranger", count: 5)
      #expect(after.itemIDs == before.itemIDs && after.scores == before.scores)
    }
  }
}
