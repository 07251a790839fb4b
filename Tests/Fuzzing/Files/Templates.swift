internal import Foundation
internal import FuzzSupport
internal import InteractionData
internal import TensorFiles
internal import TestSupport

@testable internal import RecommenderModels

/// The valid files that inputs change.
struct Templates {
  struct Model {
    let dataset: Dataset
    let version: String
    var parts: TensorFileParts
  }

  let folder = FuzzFolder()
  let bank: Dataset
  let datasets: [TensorFileParts]
  let models: [Model]
  let checkpoint: TensorFileParts

  init() throws {
    let (bank, shop, folder) = (Self.makeBank(), Self.makeShop(), folder)
    self.bank = bank
    datasets = try [bank, shop].enumerated().map { number, dataset in
      let path = folder.path + "/template-\(number)"
      let checksum = try DatasetFile.write(dataset, to: path)
      return TensorFileParts(path: "\(path)/dataset-\(checksum).safetensors")
    }
    models = try [
      Self.model(.popularity, bank, folder), Self.model(.sims, bank, folder),
      Self.model(.hrnn, bank, folder), Self.model(.hrnn, bank, folder, networks: 2),
      Self.model(.sims, shop, folder), Self.model(.hrnn, shop, folder),
    ]
    checkpoint = Self.checkpoint(bank, folder)
  }

  private static func makeBank() -> Dataset {
    DatasetFixture.panel(
      itemCount: 4,
      customers: [
        [0b0001, 0b0011, 0b0011], [0b0001, nil, 0b0101], [0b1000, 0b1001],
        [0b0000, 0b0010, 0b0110],
        [0b0001, 0b0011, 0b1011],
      ],
      attributes: AttributeTable(columns: [
        DatasetFixture.numbers("age", [31, .nan, 65, 20, 44]),
        DatasetFixture.categories("segment", ["a", "b", nil, "a", "b|c"]),
      ]))
  }

  private static func makeShop() -> Dataset {
    let plain = DatasetFixture.interactions(
      itemCount: 4, customers: [[0, 1, 2], [1, 2, 3, 0], [2], [3, 3, 1], [0, 1]],
      attributes: AttributeTable(columns: [
        DatasetFixture.numbers("price", [1, 2.5, .nan, 9]),
        DatasetFixture.categories("genre", ["x", "y|z", "x", nil]),
      ]))
    let table = plain.interactions
    return Dataset(
      customers: plain.customers,
      items: ItemCatalogue(
        identifiers: plain.items.identifiers, names: ["A", "B", "B", ""],
        creationTimes: Column<Int64>([1, .min, 1_420_070_400, 1_420_156_800]),
        attributes: plain.items.attributes),
      interactions: InteractionTable(
        offsets: table.offsets, itemIndexes: table.itemIndexes, timestamps: table.timestamps,
        eventTypes: table.eventTypes,
        values: Column([Float](repeating: 1.5, count: table.count)),
        eventTypeNames: table.eventTypeNames),
      panel: nil)
  }

  /// Settings under which training takes a few milliseconds.
  static func settings(
    _ kind: RecommenderKind, networks: Int = 1
  ) -> [String: ConfigurationValue] {
    switch kind {
    case .popularity: [:]
    case .sims: ["min_cointeraction_count": .integer(1)]
    case .hrnn:
      [
        "hidden_dimension": .integer(32), "session_hidden_dimension": .integer(8),
        "embedding_dimension": .integer(8), "attribute_dimension": .integer(4),
        "epochs": .integer(1), "seeds": .integer(networks), "batch_size": .integer(16),
        "min_user_history_length_percentile": .number(0),
        "max_user_history_length_percentile": .number(1),
      ]
    }
  }

  private static func model(
    _ kind: RecommenderKind, _ dataset: Dataset, _ folder: FuzzFolder, networks: Int = 1
  ) throws -> Model {
    let trainer = ModelTrainer(threadCount: 1, now: { .zero })
    let outcome = try trainer.train(
      kind, on: dataset, settings: settings(kind, networks: networks), seed: 1)
    let store = ModelStore(folder: folder.path + "/trained")
    let stored = try store.add(
      outcome.recommender,
      manifest: ModelStore.manifest(
        of: outcome, kind: kind, seed: 1, dataset: dataset, datasetChecksum: ""))
    var parts = TensorFileParts(path: stored.folder + "/model.safetensors")
    let manifest = try Data(contentsOf: URL(fileURLWithPath: stored.folder + "/manifest.json"))
    parts.settings = try JSONSerialization.jsonObject(with: manifest)
    return Model(dataset: dataset, version: stored.version, parts: parts)
  }

  private static func plan(_ path: String, resumes: Bool) -> CheckpointPlan {
    CheckpointPlan(
      path: path, datasetChecksum: "", trainedThrough: "", resumes: resumes, interval: .zero)
  }

  private static func checkpoint(
    _ bank: Dataset, _ folder: FuzzFolder
  ) -> TensorFileParts {
    let path = folder.path + "/template.safetensors"
    var steps = 0
    let trainer = ModelTrainer(
      threadCount: 1, now: { .zero }, progress: { _ in steps += 1 }, isCancelled: { steps > 2 })
    let outcome = try? trainer.train(
      .hrnn, on: bank, settings: trainingSettings, seed: 1, checkpoint: plan(path, resumes: false))
    precondition(outcome == nil, "the training was not interrupted")
    return TensorFileParts(path: path)
  }

  private static var trainingSettings: [String: ConfigurationValue] {
    settings(.hrnn, networks: 2).merging([
      "epochs": .integer(2), "validation_split": .text("last_month"),
      "validation_share": .number(0.5), "early_stopping_patience": .integer(1),
    ]) { $1 }
  }

  /// Trains from a checkpoint on.
  func train(resumes: Bool, path: String) {
    // Nobody waits longer for a training than for this many steps.
    var steps = 0
    let trainer = ModelTrainer(
      threadCount: 1, now: { .zero }, progress: { _ in steps += 1 }, isCancelled: { steps > 50 })
    _ = try? trainer.train(
      .hrnn, on: bank, settings: Self.trainingSettings, seed: 1,
      checkpoint: Self.plan(path, resumes: resumes))
  }

  /// The templates unchanged, and each with one change of a kind.
  var seeds: [(name: String, bytes: [UInt8])] {
    var seeds: [(name: String, bytes: [UInt8])] = []
    if let tensors = try? Data(
      contentsOf: URL(fileURLWithPath: folder.path + "/template.safetensors"))
    {
      seeds.append(("any", [0] + tensors.prefix(4000)))
    }
    for kind in 0..<UInt8(4 + 2 * datasets.count + models.count) {
      seeds.append(("kind-\(kind)", [kind]))
      for change in 0..<8 as Range<UInt8> {
        seeds.append(("kind-\(kind)-\(change)", [kind, change, 3, 1, 0, 2, 1, 0, 0, 0]))
      }
    }
    return seeds
  }
}
