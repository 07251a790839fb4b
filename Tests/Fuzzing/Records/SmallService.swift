internal import EventLog
internal import EventLogTestSupport
internal import Exploration
internal import Foundation
internal import InteractionData
internal import RecommenderModels
internal import TestSupport

@testable internal import RecommenderService

/// A service over a small bank, and what its log holds.
struct SmallService {
  private static let now: Int64 = 1_767_225_600_000
  private let folder: TemporaryFolder
  let models: ServingModels
  let store = MemoryEventStore()
  let items: any ItemStore
  /// A slate of two products, as an event carries it.
  let slate: [UInt8]
  /// A state to begin with.
  let state: [UInt8]
  /// What it has learned of cold products, as JSON.
  let learned: [UInt8]

  init() throws {
    folder = try TemporaryFolder()
    let dataset = DatasetFixture.panel(
      itemCount: 5,
      customers: (0..<12).map { customer in
        let first: UInt64 = 1 << UInt64(customer % 4)
        return [first, first, first | 1 << UInt64((customer + 1) % 4)]
      },
      attributes: AttributeTable(columns: [
        DatasetFixture.numbers("age", (0..<12).map { $0 < 6 ? 25 : 65 })
      ]))
    let trainer = ModelTrainer(threadCount: 1, now: { .zero })
    func stored(
      _ kind: RecommenderKind, _ settings: [String: ConfigurationValue]
    ) throws -> StoredModel {
      let outcome = try trainer.train(kind, on: dataset, settings: settings, seed: 1)
      return StoredModel(
        version: "\(kind)-0001", folder: "",
        manifest: ModelManifest(
          kind: kind, seed: 1, configuration: outcome.recommender.configuration,
          datasetChecksum: "", catalogueChecksum: "", trainedThrough: "2015-03", items: 5,
          parameters: 0, validation: [:]),
        recommender: outcome.recommender)
    }
    models = try ServingModels(
      dataset: dataset, primary: stored(.popularity, [:]),
      similarity: stored(.sims, ["min_cointeraction_count": .integer(1)]))
    items = try SQLiteItemStore(path: folder.file("items.sqlite"))
    let first = try ServingGeneration(models, Self.surroundings(store, items))
    guard let exploration = first.live.exploration else {
      preconditionFailure("popularity can be explored beside")
    }
    slate = Self.slate(exploration)
    _ = try store.append(Self.events(slate: slate))
    try first.catchUp()
    var writer = StateWriter()
    try first.live.write(to: &writer)
    state = writer.bytes
    learned = [UInt8](try JSONEncoder().encode(exploration.policy.learned))
  }

  /// Customers and sessions, an answer that explored, and what came of it.
  private static func events(slate: [UInt8]) -> [Event] {
    func event(
      _ user: String, _ item: String, _ kind: Event.Kind, _ minute: Int64, session: String = "",
      answer: String = "", slate: [UInt8] = []
    ) -> Event {
      Event(
        eventID: "", userID: user, itemID: item, kind: kind,
        timeMilliseconds: now + minute * 60_000, recommendationID: answer, sessionID: session,
        slate: slate)
    }
    return [
      event("c0", "i2", .accepted, 0), event("new", "i1", .accepted, 1),
      event("s1", "i3", .accepted, 2, session: "s1"), event("c3", "i0", .shown, 3, session: "s1"),
      event("c4", "i4", .accepted, 4, answer: "a", slate: slate),
      event("c5", "i1", .shown, 5, answer: "b", slate: slate), event("c0", "i2", .dropped, 6),
    ]
  }

  private static func slate(_ exploration: LiveExploration) -> [UInt8] {
    var slate = Slate()
    var scratch = SlateScratch()
    let policy = exploration.policy
    let request = SlateRequest(
      context: [UInt8](repeating: 0, count: policy.schema.valueCounts.count),
      candidates: [0, 1, 4], scores: [-1, -2, .nan], slotCount: 2)
    policy.decide(request, recommendation: 1, scratch: &scratch, into: &slate)
    var bytes: [UInt8] = []
    SlateRecord.write(request, slate, tag: exploration.tag, into: &bytes)
    return bytes
  }

  private static func surroundings(
    _ store: MemoryEventStore, _ items: any ItemStore
  ) -> ServingGeneration.Surroundings {
    ServingGeneration.Surroundings(
      store: store, items: items,
      exploration: ExplorationConfiguration(weight: 1, responseWindowSeconds: 60),
      threadCount: 1, serverVersion: "fuzz", nowMilliseconds: { now })
  }

  /// A service that knows nothing of the log.
  func generation() -> ServingGeneration {
    guard let generation = try? ServingGeneration(models, Self.surroundings(store, items)) else {
      preconditionFailure("the models were served before")
    }
    return generation
  }
}
