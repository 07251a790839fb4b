internal import EventLog
internal import Experiments
internal import Foundation
internal import RecommenderRPC
internal import RecommenderService
internal import TestSupport
internal import Testing

/// Arms that are answered by another model, and what is on record of them.
struct ExperimentArmTests {
  private typealias Fixture = ServiceFixture

  @Test func anArmMayRankByPopularity() async throws {
    let fixture = try Fixture()
    let experiment = try #require(
      Experiment(
        name: "model-or-not",
        arms: [
          .init(name: "model", share: 1), .init(name: "popular", share: 1, model: "popularity"),
        ]))
    let log = AnswerLog(
      store: try SQLiteRecommendationStore(path: fixture.folder.file("recommendations.sqlite")),
      instance: 0xABCD,
      retention: RecommendationRetention(milliseconds: 86_400_000, byteLimit: 1 << 30),
      nowMilliseconds: { Fixture.nowMilliseconds })
    let service = try fixture.load(
      models: try fixture.models(version: "model-0002"),
      exploration: ExplorationConfiguration(weight: 0, experiment: experiment))
    let users = (0..<6).map { "c\($0)" }
    // Customers of both arms, or nothing is compared.
    #expect(Set(users.map { experiment.armIndex(of: $0) }).count == 2)
    try await fixture.serve(service, answerLog: log) { (client: RPCClient) async throws in
      let popular = try await client.recommend(user: "stranger", count: 5)
      #expect(popular.source == .popularity && popular.itemIDs.count == 5)
      for (place, user) in users.enumerated() {
        let arm = experiment.arms[experiment.armIndex(of: user)]
        let answer = try await client.recommend(user: user, count: 5, excluding: ["i4"])
        if arm.name == "popular" {
          #expect(answer.source == .popularity && answer.modelVersion == popular.modelVersion)
          // What is popular, without what is held or left out.
          #expect(answer.itemIDs == popular.itemIDs.filter { answer.itemIDs.contains($0) })
        } else {
          #expect(answer.source == .model && answer.modelVersion == "model-0002")
        }
        #expect(!answer.itemIDs.contains("i0") && !answer.itemIDs.contains("i4"), "\(place)")
        let record = try await client.getRecommendation(answer.recommendationID)
        #expect(record.experiment == "model-or-not" && record.arm == arm.name)
        #expect(record.modelVersion == answer.modelVersion)
        #expect(record.itemIDs == answer.itemIDs && record.scores == answer.scores)
      }
    }
    log.close()
  }
}
