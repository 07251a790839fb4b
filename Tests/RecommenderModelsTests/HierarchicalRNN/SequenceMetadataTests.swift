import Foundation
import InteractionData
import LinearAlgebra
import TensorFiles
import TestSupport
import Testing

@testable import RecommenderModels

/// What customers and items are, as inputs of a network without a panel.
@Suite struct SequenceMetadataTests {
  private let month = Month(year: 2016, month: 1)

  private func scores(
    _ model: HRNNRecommender, _ dataset: Dataset, _ history: CustomerHistory
  ) -> [Float] {
    var scores = [Float](repeating: .nan, count: dataset.items.count)
    scores.withUnsafeMutableBufferPointer {
      model.scorer(for: dataset, targetMonth: month).score([history], into: $0)
    }
    return scores
  }

  private var settings: HRNNConfiguration {
    var settings = SequenceFixture.settings
    settings.mixesTransitions = false
    settings.learningRate = 0.01
    settings.epochs = 10
    return settings
  }

  /// Everybody begins with item 0; the region alone decides whether item 1 or 2 follows.
  private func regions(_ column: AttributeColumn?) -> Dataset {
    SequenceFixture.dataset(
      items: 4,
      customers: (0..<400).map { customer in
        [.init(item: 0, time: 0), .init(item: 1 + customer % 2, time: 60)]
      }, attributes: column.map { [$0] } ?? [])
  }

  @Test(arguments: ["texts", "numbers"])
  func aCustomersAttributeDecides(kind: String) throws {
    let column =
      kind == "texts"
      ? SequenceFixture.texts("region", (0..<400).map { ["north", "south"][$0 % 2] })
      : SequenceFixture.numbers("south", (0..<400).map { Float($0 % 2) })
    let dataset = regions(column)
    let model = try PanelFixture.train(dataset, settings, seed: 3).model
    let event = SequenceFixture.Event(item: 0, time: 0)
    [UInt32(event.item)].withUnsafeBufferPointer { items in
      [event.time].withUnsafeBufferPointer { times in
        [event.type].withUnsafeBufferPointer { types in
          func after(_ customer: Int?) -> [Float] {
            scores(
              model, dataset,
              CustomerHistory(
                attributeIndex: customer, itemIndexes: items, timestamps: times, eventTypes: types))
          }
          #expect(after(0)[1] > 0.9 && after(1)[2] > 0.9, "\(after(0)), \(after(1))")
          // Nothing is known of a stranger, so neither can be ruled out.
          let stranger = after(nil)
          #expect(stranger[1] > 0.1 && stranger[2] > 0.1, "\(stranger)")
          #expect(after(9999) == stranger)
        }
      }
    }
  }

  /// The next item is of the genre of the last; items 8 and 9 are in the catalogue alone.
  @Test func anItemNobodyTookIsKnownByItsGenre() throws {
    var generator = SeededGenerator(seed: 12)
    let customers = (0..<600).map { customer in
      (0..<6).map { step in
        SequenceFixture.Event(
          item: 2 * generator.nextIndex(below: 4) + customer % 2, time: Int64(step))
      }
    }
    let genres: [String?] = (0..<10).map { ["odd|all", "even|all"][$0 % 2] }
    let dataset = SequenceFixture.dataset(
      items: 10, customers: customers, metadata: [SequenceFixture.texts("genre", genres)])
    let model = try PanelFixture.train(dataset, settings, seed: 4).model
    guard case .sequence(let form) = model.form else {
      Issue.record("no sequence model")
      return
    }
    let table = form.network.parameters.matrix(form.network.layout.itemEmbedding)
    func cosine(_ first: Int, _ second: Int) -> Float {
      (0..<table.columns).reduce(0) { $0 + table.row(first)[$1] * table.row(second)[$1] }
    }
    for item in 0..<10 { #expect(abs(cosine(item, item) - 1) < 1e-4) }
    let same = (cosine(8, 0) + cosine(8, 2) + cosine(9, 1) + cosine(9, 3)) / 4
    let other = (cosine(8, 1) + cosine(8, 3) + cosine(9, 0) + cosine(9, 2)) / 4
    #expect(same > other + 0.3, "\(same), \(other)")
    let even = scores(model, dataset, dataset.history(of: 0))
    let odd = scores(model, dataset, dataset.history(of: 1))
    #expect(even[8] > 2 * even[9] && odd[9] > 2 * odd[8], "\(even), \(odd)")
  }

  private func bytes(_ model: HRNNRecommender) throws -> Data {
    let folder = try TemporaryFolder()
    var writer = SafetensorsWriter()
    model.write(into: &writer)
    try writer.write(to: folder.file("model.safetensors"))
    return try Data(contentsOf: URL(filePath: folder.file("model.safetensors")))
  }

  @Test func aFileHoldsWhatScoringNeeds() throws {
    let folder = try TemporaryFolder()
    let dataset = SequenceFixture.random(customers: 80, items: 12, seed: 5, hasMetadata: true)
    var settings = settings
    settings.seeds = 2
    let model = try PanelFixture.train(dataset, settings).model
    let two = try PanelFixture.train(dataset, settings, threadCount: 2).model
    let (first, second) = (try bytes(model), try bytes(two))
    #expect(first == second)
    var writer = SafetensorsWriter()
    model.write(into: &writer)
    try writer.write(to: folder.file("model.safetensors"))
    let file = try SafetensorsFile(path: folder.file("model.safetensors"))
    let names = file.tensors.keys
    #expect(names.contains("network.1.attributes.weight"))
    #expect(!names.contains { $0.hasSuffix("item.features.weight") })
    let read = try HRNNRecommender(file: file, configuration: model.configuration)
    #expect(read.parameterCount == model.parameterCount)
    #expect(
      PanelFixture.scores(read, dataset, targetMonth: month)
        == PanelFixture.scores(model, dataset, targetMonth: month))
  }

  /// Without metadata there are no tensors for it, whether there is none or it is not to be read.
  @Test func withoutMetadataNothingChanges() throws {
    let plain = SequenceFixture.random(customers: 80, items: 12, seed: 6)
    let rich = SequenceFixture.random(customers: 80, items: 12, seed: 6, hasMetadata: true)
    var settings = settings
    settings.readsMetadata = false
    let unread = try bytes(PanelFixture.train(rich, settings).model)
    settings.readsMetadata = true
    let none = try bytes(PanelFixture.train(plain, settings).model)
    let read = try bytes(PanelFixture.train(rich, settings).model)
    #expect(none == unread && read != unread)
    #expect(SequenceLayout(SequenceDimensions(items: 3, embedding: 2, units: 2)).attributes == nil)
  }

  @Test func aPanelsAttributesAreNotReadEither() throws {
    let dataset = PanelFixture.random(customers: 120, items: 5, months: 6, seed: 9)
    var settings = PanelFixture.smallSettings
    for readsMetadata in [true, false] {
      settings.readsMetadata = readsMetadata
      let result = try PanelFixture.train(dataset, settings)
      guard case .panel(let form) = result.model.form else {
        Issue.record("no panel's model")
        return
      }
      #expect((form.encoding.width > 0) == readsMetadata)
      #expect((form.network.layout.attributeWeight.count > 0) == readsMetadata)
      for row in PanelFixture.scores(result.model, dataset, targetMonth: month) {
        #expect(row.allSatisfy { $0 > 0 && $0 < 1 })
      }
    }
  }

  /// Numbers that are none, absurd or equal for all, and texts that never come twice.
  @Test func oddMetadataTrainToFiniteNumbers() throws {
    let plain = SequenceFixture.random(customers: 80, items: 12, seed: 7)
    let histories = (0..<80).map { customer in
      let history = plain.history(of: customer)
      return history.itemIndexes.indices.map {
        SequenceFixture.Event(
          item: Int(history.itemIndexes[$0]), time: history.timestamps[$0])
      }
    }
    let absurd: [Float] = [.nan, .infinity, -.infinity, 3e38, -3e38, 0, 1]
    func odd(_ count: Int) -> [AttributeColumn] {
      [
        SequenceFixture.numbers("absurd", (0..<count).map { absurd[$0 % 7] }),
        SequenceFixture.numbers("unknown", Array(repeating: .nan, count: count)),
        SequenceFixture.numbers("equal", Array(repeating: 4, count: count)),
        SequenceFixture.texts("unique", (0..<count).map { "text \($0)" }),
        SequenceFixture.texts("missing", Array(repeating: nil, count: count)),
        SequenceFixture.texts("bars", (0..<count).map { ["|", " | |", "x"][$0 % 3] }),
      ]
    }
    let dataset = SequenceFixture.dataset(
      items: 12, customers: histories, attributes: odd(80), metadata: odd(12))
    let model = try PanelFixture.train(dataset, settings).model
    guard case .sequence(let form) = model.form else {
      Issue.record("no sequence model")
      return
    }
    #expect(form.network.parameters.isFinite)
    for row in PanelFixture.scores(model, dataset, targetMonth: month) {
      #expect(row.allSatisfy(\.isFinite) && abs(row.reduce(0, +) - 1) < 1e-4)
    }
    // Another dataset's columns are matched by name; what is not there counts as unknown.
    for row in PanelFixture.scores(model, plain, targetMonth: month) {
      #expect(row.allSatisfy { $0.isFinite })
    }
  }

  /// Training that chooses its epoch, and one that is gone on with, see the same rows.
  @Test func aChosenEpochHasItsFeatures() throws {
    let dataset = SequenceFixture.random(customers: 90, items: 12, seed: 8, hasMetadata: true)
    var settings = settings
    settings.epochs = 4
    settings.validationShare = 0.5
    for split in ValidationSplit.allCases {
      settings.validationSplit = split
      settings.earlyStoppingPatience = 1
      let result = try PanelFixture.train(dataset, settings)
      #expect(result.validation["map_at_7"] != nil)
      for row in PanelFixture.scores(result.model, dataset, targetMonth: month) {
        #expect(abs(row.reduce(0, +) - 1) < 1e-4)
      }
    }
  }
}
