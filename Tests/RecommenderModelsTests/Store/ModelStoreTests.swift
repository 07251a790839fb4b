internal import Foundation
internal import InteractionData
internal import RecommenderModels
internal import TestSupport
internal import Testing

struct ModelStoreTests {
  private let folder: TemporaryFolder
  private let store: ModelStore
  private let dataset = DatasetFixture.panel(
    itemCount: 3,
    customers: [[0b001, 0b011, 0b111], [0b001, 0b001, 0b011], [0b100, 0b101, 0b101]])

  init() throws {
    folder = try TemporaryFolder()
    store = ModelStore(folder: folder.file("models"))
  }

  private let trainer = ModelTrainer(threadCount: 1, now: { .zero })

  private func train(_ kind: RecommenderKind) throws -> StoredModel {
    let outcome = try trainer.train(
      kind, on: dataset, settings: kind == .sims ? ["min_cointeraction_count": .integer(1)] : [:],
      seed: 1)
    let manifest = ModelStore.manifest(
      of: outcome, kind: kind, seed: 1, dataset: dataset, datasetChecksum: "feed0001")
    return try store.add(outcome.recommender, manifest: manifest)
  }

  private func scores(_ recommender: any Recommender) -> [Float] {
    let scorer = recommender.scorer(for: dataset, targetMonth: Month(year: 2015, month: 4))
    var scores = [Float](repeating: 0, count: 9)
    let histories = (0..<3).map { dataset.history(of: $0) }
    scores.withUnsafeMutableBufferPointer { scorer.score(histories, into: $0) }
    return scores
  }

  @Test(arguments: [RecommenderKind.popularity, .sims])
  func aModelReadBackScoresTheSame(kind: RecommenderKind) throws {
    let stored = try train(kind)
    let opened = try store.open(stored.version, for: dataset)
    #expect(scores(opened.recommender) == scores(stored.recommender))
    #expect(opened.manifest == stored.manifest)
    #expect(opened.manifest.trainedThrough == "2015-03")
    #expect(opened.recommender.configuration == stored.recommender.configuration)
  }

  @Test func versionsCountUp() throws {
    #expect(try train(.popularity).version == "popularity-0001")
    #expect(try train(.popularity).version == "popularity-0002")
    #expect(try train(.sims).version == "sims-0001")
    #expect(store.versions == ["popularity-0001", "popularity-0002", "sims-0001"])
    #expect(try store.resolve("popularity") == "popularity-0002")
    #expect(try store.resolve("popularity-0001") == "popularity-0001")
    #expect(throws: ModelError.noSuchModel(name: "hrnn", available: store.versions)) {
      try store.resolve("hrnn")
    }
  }

  @Test func equalTrainingsAreEqualBytes() throws {
    let first = try train(.sims).folder
    let second = try train(.sims).folder
    for name in ["manifest.json", "model.safetensors"] {
      #expect(
        try Data(contentsOf: URL(fileURLWithPath: "\(first)/\(name)"))
          == Data(contentsOf: URL(fileURLWithPath: "\(second)/\(name)")))
    }
  }

  @Test func anotherCatalogueIsRefused() throws {
    let stored = try train(.popularity)
    let other = DatasetFixture.panel(itemCount: 4, customers: [[1, 1]])
    #expect(
      throws: ModelError.catalogueMismatch(
        model: stored.version, modelItems: 3, datasetItems: 4)
    ) { try store.open(stored.version, for: other) }
    // The checksum of this catalogue beside the rates of another.
    let outcome = try trainer.train(.popularity, on: other, settings: [:], seed: 1)
    let wrong = try store.add(outcome.recommender, manifest: stored.manifest)
    #expect(throws: ModelError.self) { try store.open(wrong.version, for: dataset) }
  }

  @Test func damageIsReported() throws {
    let stored = try train(.popularity)
    let tensors = URL(fileURLWithPath: "\(stored.folder)/model.safetensors")
    let manifest = URL(fileURLWithPath: "\(stored.folder)/manifest.json")
    let good = try Data(contentsOf: tensors)

    try good.dropLast().write(to: tensors)
    #expect(throws: ModelError.self) { try store.open(stored.version) }
    var flipped = good
    flipped[good.count - 1] ^= 1
    try flipped.write(to: tensors)
    #expect(throws: ModelError.self) { try store.open(stored.version) }
    try good.write(to: tensors)
    try Data("{}".utf8).write(to: manifest)
    #expect(throws: ModelError.self) { try store.open(stored.version) }
    try FileManager.default.removeItem(at: manifest)
    #expect(throws: ModelError.self) { try store.open(stored.version) }
  }

  @Test func aTwinIsTrainedOnceForADataset() throws {
    let stored = try train(.popularity)
    let training = dataset.truncated(through: Month(year: 2015, month: 2))
    func twin(_ checksum: String) throws -> (twin: StoredModel, trained: Bool) {
      try store.twin(
        of: stored, name: "next-month-2015-03", training: training, datasetChecksum: checksum,
        trainer: trainer)
    }
    #expect(try twin("feed0001").trained)
    let again = try twin("feed0001")
    #expect(!again.trained)
    #expect(again.twin.manifest.trainedThrough == "2015-02")
    #expect(try twin("feed0002").trained)
    // Twins are no versions.
    #expect(store.versions == ["popularity-0001"])
  }
}
