internal import EventLog
internal import Foundation
internal import RecommenderRPC
internal import RecommenderService
internal import TestSupport
internal import Testing

struct AnswerLogTests {
  private typealias Fixture = ServiceFixture

  private func log(_ fixture: Fixture) throws -> AnswerLog {
    AnswerLog(
      store: try SQLiteRecommendationStore(path: fixture.folder.file("recommendations.sqlite")),
      instance: 0xABCD,
      retention: RecommendationRetention(milliseconds: 86_400_000, byteLimit: 1 << 30),
      nowMilliseconds: { Fixture.nowMilliseconds })
  }

  /// What was answered is what is on record, at once, whoever the customer is.
  @Test func everyAnswerIsOnRecord() async throws {
    let fixture = try Fixture()
    let log = try log(fixture)
    try await fixture.serve(try fixture.load(), answerLog: log) {
      (client: RPCClient) async throws in
      for (user, excluded) in [("c5", ["i2", "unknown"]), ("stranger", []), ("c0", [])] {
        let answer = try await client.recommend(user: user, count: 2, excluding: excluded)
        let record = try await client.getRecommendation(answer.recommendationID)
        #expect(record.recommendationID == answer.recommendationID)
        #expect(record.userID == user && record.timeMilliseconds == Fixture.nowMilliseconds)
        #expect(record.itemIDs == answer.itemIDs && record.scores == answer.scores)
        #expect(record.itemIndexes == answer.itemIndexes)
        #expect(record.modelVersion == answer.modelVersion && record.source == answer.source)
        #expect(record.excludedItemIDs == excluded.filter { $0 != "unknown" })
        #expect(record.propensities.isEmpty && !record.explored && record.rules.isEmpty)
      }
      // Customer 5 holds 1 of 5 products and left 1 out; a stranger may take all 5.
      let counts = try await ["c5", "stranger"].asyncMap { user in
        try await client.listRecommendations(RecommendationQuery(userID: user))
          .map(\.candidateCount)
      }
      #expect(counts == [[3], [5]])
      let health = try await client.health()
      #expect(health.recommendationsRecorded == 3 && health.recommendationsDropped == 0)
    }
    log.close()
  }

  @Test func listsAreNewestFirstAndBounded() async throws {
    let fixture = try Fixture()
    let log = try log(fixture)
    try await fixture.serve(try fixture.load(), answerLog: log) {
      (client: RPCClient) async throws in
      var names: [String] = []
      for count in 1...4 {
        names.append(try await client.recommend(user: "c5", count: count).recommendationID)
        _ = try await client.recommend(user: "c3", count: 1)
      }
      func list(_ query: RecommendationQuery) async throws -> [String] {
        try await client.listRecommendations(query).map(\.recommendationID)
      }
      #expect(try await list(RecommendationQuery(userID: "c5")) == names.reversed())
      #expect(
        try await list(RecommendationQuery(userID: "c5", count: 2))
          == Array(names.reversed().prefix(2)))
      #expect(try await list(RecommendationQuery(userID: "nobody")).isEmpty)
      let now = Fixture.nowMilliseconds
      #expect(
        try await list(RecommendationQuery(userID: "c5", beforeMilliseconds: now)).isEmpty)
      #expect(
        try await list(RecommendationQuery(userID: "c5", beforeMilliseconds: now + 1)).count == 4)
      for count in [0, 501] {
        await #expect(throws: RPCError.self) {
          try await list(RecommendationQuery(userID: "c5", count: count))
        }
      }
      #expect(try await list(RecommendationQuery(userID: "c5", count: 500)).count == 4)
    }
    log.close()
  }

  @Test func whatNeverWasIsNotFound() async throws {
    let fixture = try Fixture()
    let log = try log(fixture)
    try await fixture.serve(try fixture.load(), answerLog: log) {
      (client: RPCClient) async throws in
      for name in ["0", String(repeating: "f", count: 32), String(repeating: "x", count: 40)] {
        do throws(RPCError) {
          _ = try await client.getRecommendation(name)
          Issue.record("found an answer that never was")
        } catch {
          #expect(error.code == .notFound)
        }
      }
      for name in ["", String(repeating: "f", count: 41)] {
        do throws(RPCError) {
          _ = try await client.getRecommendation(name)
          Issue.record("took a name of \(name.utf8.count) bytes")
        } catch {
          #expect(error.code == .invalidArgument)
        }
      }
    }
    log.close()
  }

  /// A service without a log answers as ever and says that it keeps no record.
  @Test func withoutALogThereIsNoRecord() async throws {
    let fixture = try Fixture()
    try await fixture.serve(try fixture.load()) { (client: RPCClient) async throws in
      let answer = try await client.recommend(user: "c5", count: 1)
      do throws(RPCError) {
        _ = try await client.getRecommendation(answer.recommendationID)
        Issue.record("found a record that is not kept")
      } catch {
        #expect(error.code == .failedPrecondition)
      }
    }
  }

  /// An answer made before a restart is found after it, and the chain goes on.
  @Test func aRestartKeepsTheRecord() async throws {
    let fixture = try Fixture()
    let first = try log(fixture)
    let name = try await fixture.serve(try fixture.load(), answerLog: first) {
      (client: RPCClient) async throws in
      try await client.recommend(user: "c5", count: 3).recommendationID
    }
    first.close()
    let second = try log(fixture)
    try await fixture.serve(try fixture.load(), answerLog: second) {
      (client: RPCClient) async throws in
      #expect(try await client.getRecommendation(name).itemIDs == ["i1", "i2", "i3"])
    }
    second.close()
    let store = try SQLiteRecommendationStore(
      path: fixture.folder.file("recommendations.sqlite"))
    let chain = try store.verify()
    #expect(chain.fault == nil && chain.recordCount == 1)
  }
}

extension Array where Element: Sendable {
  fileprivate func asyncMap<Result>(
    _ transform: (Element) async throws -> Result
  ) async rethrows -> [Result] {
    var results: [Result] = []
    for element in self { results.append(try await transform(element)) }
    return results
  }
}
