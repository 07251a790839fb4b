internal import InteractionData
internal import TensorFiles
internal import TestSupport
internal import Testing

@testable internal import RecommenderModels

struct ColdItemTests {
  /// Items 0 to 2 were had together; nobody had items 3 and 4. Item 3 is of item 1's kind.
  private let genres = DatasetFixture.categories("GENRES", ["a", "b", "a", "b", nil])
  private let customers = [[0, 1, 2], [0, 1], [0, 2], [0]]

  private func dataset(_ attributes: AttributeTable) -> Dataset {
    DatasetFixture.interactions(itemCount: 5, customers: customers, attributes: attributes)
  }

  private func model(_ dataset: Dataset) throws -> ItemCooccurrenceRecommender {
    try ItemCooccurrenceRecommender(
      trainedOn: dataset, configuration: ItemCooccurrenceConfiguration(minimumCointeractionCount: 1)
    )
  }

  private func stored(_ model: ItemCooccurrenceRecommender) throws -> SafetensorsFile {
    let folder = try TemporaryFolder()
    var writer = SafetensorsWriter()
    model.write(into: &writer)
    try writer.write(to: folder.file("sims.safetensors"))
    return try SafetensorsFile(path: folder.file("sims.safetensors"))
  }

  @Test func onlyItemsWithoutNeighboursAreComparedByMetadata() throws {
    let model = try model(dataset(AttributeTable(columns: [genres])))
    for item in [0, 1, 2, 4] { #expect(model.metadata.range(of: item).isEmpty, "item \(item)") }
    #expect(model.metadata.neighbours.array == [1])
    #expect(model.metadata.weights.array == [1])
    #expect(model.similar.range(of: 3).isEmpty)
  }

  @Test func aColdItemIsScoredByWhatIsLikeIt() throws {
    let dataset = dataset(AttributeTable(columns: [genres]))
    let scorer = try model(dataset).scorer(for: dataset, targetMonth: Month(year: 2015, month: 2))
    var scores = [Float](repeating: .nan, count: 10)
    scores.withUnsafeMutableBufferPointer {
      scorer.score([dataset.history(of: 1), dataset.history(of: 3)], into: $0)
    }
    // Half the customers had item 1, all that is like item 3: 1 - 1/2 with it, 0 - 1/2 without.
    #expect(scores[3] == 0.5)
    #expect(scores[8] == -0.5)
    // Of item 4 nothing is known and nobody had it.
    #expect(scores[4] == 0 && scores[9] == 0)
  }

  @Test func storedListsAreReadAgain() throws {
    let model = try model(dataset(AttributeTable(columns: [genres])))
    let read = try ItemCooccurrenceRecommender(
      file: try stored(model), configuration: model.configuration)
    #expect(read.metadata.offsets.array == model.metadata.offsets.array)
    #expect(read.metadata.neighbours.array == [1])
    #expect(read.sources.weights.array == model.sources.weights.array)
    #expect(read.parameterCount == model.parameterCount)
  }

  /// Without metadata the file is the one of before, and a file of before is read.
  @Test func withoutMetadataNothingChanges() throws {
    let plain = try model(dataset(AttributeTable()))
    let file = try stored(plain)
    #expect(
      file.tensors.keys.sorted() == [
        "biases", "item_counts", "similar.items", "similar.offsets", "similar.weights",
        "sources.items", "sources.offsets", "sources.weights",
      ])
    let read = try ItemCooccurrenceRecommender(file: file, configuration: plain.configuration)
    #expect(read.metadata.itemCount == 5 && read.metadata.weights.isEmpty)
    // What was counted does not depend on metadata.
    let other = try model(dataset(AttributeTable(columns: [genres])))
    #expect(other.similar.weights.array == plain.similar.weights.array)
    #expect(other.sources.range(of: 3).count == 1 && plain.sources.range(of: 3).isEmpty)
  }

  /// The lists of a catalogue where half the items are cold, at one thread and two.
  @Test func threadsDoNotMatter() throws {
    var generator = SeededGenerator(seed: 5)
    let itemCount = 3000
    let customers = (0..<400).map { _ in
      (0..<6).map { _ in generator.nextIndex(below: itemCount / 2) }
    }
    let genres = (0..<itemCount).map { _ in "g\(generator.nextIndex(below: 40))" }
    let dataset = DatasetFixture.interactions(
      itemCount: itemCount, customers: customers,
      attributes: AttributeTable(columns: [DatasetFixture.categories("GENRES", genres)]))
    let configuration = ItemCooccurrenceConfiguration(minimumCointeractionCount: 1)
    let one = try ItemCooccurrenceRecommender(
      trainedOn: dataset, configuration: configuration, threadCount: 1)
    let two = try ItemCooccurrenceRecommender(
      trainedOn: dataset, configuration: configuration, threadCount: 2)
    #expect(one.metadata.neighbours.array == two.metadata.neighbours.array)
    #expect(one.metadata.weights.array == two.metadata.weights.array)
    #expect((itemCount / 2..<itemCount).allSatisfy { !one.metadata.range(of: $0).isEmpty })
  }
}
