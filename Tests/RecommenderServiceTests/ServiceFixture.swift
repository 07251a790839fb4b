internal import EventLog
internal import InteractionData
internal import NIOCore
internal import NIOPosix
internal import RecommenderModels
internal import RecommenderRPC
internal import RecommenderService
internal import TestSupport

/// A service on a loopback port, over a small bank, with a clock that stands still.
struct ServiceFixture {
  /// The server's clock: 2026-01-01, in milliseconds.
  static let nowMilliseconds: Int64 = 1_767_225_600_000

  let folder: TemporaryFolder
  let dataset: Dataset
  let recommender: any Recommender

  /// Item 1 is taken most, then item 2, then item 3; customers `c0` to `c5` hold item 0.
  init(kind: RecommenderKind = .popularity, dataset: Dataset? = nil) throws {
    folder = try TemporaryFolder()
    self.dataset =
      dataset
      ?? DatasetFixture.panel(
        itemCount: 5,
        customers: [
          [0b00001, 0b00011, 0b00011], [0b00001, 0b00001, 0b00011],
          [0b00001, 0b00001, 0b00111], [0b00001, 0b00101, 0b01101],
          [0b00001, 0b00011, 0b00011], [0b00001, 0b00001, 0b00001],
        ])
    let trainer = ModelTrainer(threadCount: 1, now: { .zero })
    recommender = try trainer.train(
      kind, on: self.dataset,
      settings: kind == .sims ? ["min_cointeraction_count": .integer(1)] : [:], seed: 1
    ).recommender
  }

  /// Loads the service anew, as a restarted server would.
  func load(
    store: (any EventStore)? = nil, withSimilarity: Bool = true, models: ServingModels? = nil,
    items: (any ItemStore)? = nil, exploration: ExplorationConfiguration = .off,
    report: @escaping @Sendable (ServiceEvent) -> Void = { _ in }
  ) throws -> LoadedService {
    try LoadedService(
      models: models ?? self.models(withSimilarity: withSimilarity),
      store: store ?? SQLiteEventStore(path: folder.file("events.sqlite")),
      items: items ?? SQLiteItemStore(path: folder.file("items.sqlite")),
      exploration: exploration, threadCount: 1, serverVersion: "test",
      nowMilliseconds: { 0 }, report: report)
  }

  /// Another version of the same recipe; `model-0002` counts one month alone.
  func models(version: String) throws -> ServingModels {
    let trainer = ModelTrainer(threadCount: 1, now: { .zero })
    let settings: [String: ConfigurationValue] =
      version == "model-0002"
      ? ["recent_months": .integer(1), "smoothing": .number(1)] : [:]
    let outcome = try trainer.train(.popularity, on: dataset, settings: settings, seed: 1)
    return try ServingModels(
      dataset: dataset, primary: stored(outcome.recommender, version: version),
      similarity: models().similarity)
  }

  /// What the service answers from.
  func models(
    withSimilarity: Bool = true, datasetChecksum: String? = nil
  ) throws -> ServingModels {
    let similarity =
      try withSimilarity
      ? stored(
        ItemCooccurrenceRecommender(
          trainedOn: dataset,
          configuration: ItemCooccurrenceConfiguration(minimumCointeractionCount: 1)),
        version: "sims-0001") : nil
    return try ServingModels(
      dataset: dataset, datasetChecksum: datasetChecksum,
      primary: stored(recommender, version: "model-0001"), similarity: similarity)
  }

  private func stored(_ recommender: any Recommender, version: String) -> StoredModel {
    StoredModel(
      version: version, folder: "",
      manifest: ModelManifest(
        kind: type(of: recommender).kind, seed: 1, configuration: recommender.configuration,
        datasetChecksum: "", catalogueChecksum: "", trainedThrough: "2015-02",
        items: dataset.items.count, parameters: recommender.parameterCount, validation: [:]),
      recommender: recommender)
  }

  /// Serves on a free port while `body` runs.
  func serve<Result: Sendable>(
    _ service: LoadedService, answerLog: AnswerLog? = nil, updater: ModelUpdater? = nil,
    nowMilliseconds: @escaping @Sendable () -> Int64 = { Self.nowMilliseconds },
    _ body: (RPCClient) async throws -> Result
  ) async throws -> Result {
    let group = MultiThreadedEventLoopGroup.singleton
    let server = try await RPCServer.start(host: "127.0.0.1", port: 0, group: group) { eventLoop in
      ServiceMethods(
        service: service, eventLoop: eventLoop, instance: 0xABCD, answerLog: answerLog,
        nowMilliseconds: nowMilliseconds, updater: updater)
    }
    let client = try await RPCClient.connect(host: "127.0.0.1", port: server.port, group: group)
    do {
      let result = try await body(client)
      await client.close()
      await server.drain()
      service.close()
      return result
    } catch {
      await client.close()
      await server.drain()
      service.close()
      throw error
    }
  }

  static func event(
    _ id: String, user: String, item: String, _ type: FeedbackEventType = .accepted,
    timeMilliseconds: Int64 = 0
  ) -> FeedbackEvent {
    FeedbackEvent(
      eventID: id, userID: user, itemID: item, type: type, timeMilliseconds: timeMilliseconds)
  }
}
