internal import EventLog
internal import Experiments
internal import Foundation
internal import RecommenderModels
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

  private static func weights(_ model: String? = nil) throws -> ExplorationConfiguration {
    let experiment = try #require(
      Experiment(
        name: "weights",
        arms: [
          .init(name: "none", share: 1, explorationWeight: 0),
          .init(name: "some", share: 1, explorationWeight: 0.3, model: model),
        ]))
    return ExplorationConfiguration(weight: 0, experiment: experiment)
  }

  @Test func aModelThatOnlyOrdersProductsServesNoExperiment() throws {
    let fixture = try Fixture(kind: .sims)
    let refusal = ServiceError.experiment(
      .onlyOrders(experiment: "weights", model: "model-0001"))
    #expect(throws: refusal) { try fixture.load(exploration: Self.weights()) }
    #expect(refusal.description.contains("serve the model hrnn or popularity"))
    // Without the experiment it does serve.
    try fixture.load().close()
  }

  @Test func anArmsModelMustBeServed() throws {
    let fixture = try Fixture()
    #expect(
      throws: ServiceError.experiment(
        .unservedModel(arm: "some", model: "hrnn", served: ["popularity"]))
    ) { try fixture.load(exploration: Self.weights("hrnn")) }
  }

  @Test func modelsThatCannotServeTheExperimentDoNotComeInForce() async throws {
    let fixture = try Fixture()
    let ordinal = try Fixture(kind: .sims).models()
    let service = try fixture.load(
      models: try fixture.models(version: "model-0002"), exploration: Self.weights())
    let updater = ModelUpdater(service: service) { _, _ in ordinal }
    try await fixture.serve(service, updater: updater) { (client: RPCClient) async throws in
      let error = await #expect(throws: RPCError.self) { try await client.updateModels(.reload) }
      #expect(error?.code == .failedPrecondition)
      #expect(error?.message.contains("only order products") == true)
      let answer = try await client.recommend(user: "c0", count: 5)
      #expect(answer.modelVersion == "model-0002" && answer.source == .model)
    }
  }
}
