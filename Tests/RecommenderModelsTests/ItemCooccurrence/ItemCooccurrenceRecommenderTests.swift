internal import Foundation
internal import InteractionData
internal import TensorFiles
internal import TestSupport
internal import Testing

@testable internal import RecommenderModels

struct ItemCooccurrenceRecommenderTests {
  /// Item 0 with everyone, item 1 with three, item 2 with two of those three, item 3 alone.
  private let dataset = DatasetFixture.interactions(
    itemCount: 4, customers: [[0, 1, 2], [2, 1, 0], [0, 1], [0], [3]])

  private func model(
    discount: Double, minimum: Int = 1, limit: Int = 100, _ dataset: Dataset? = nil,
    threads: Int = 1
  ) throws -> ItemCooccurrenceRecommender {
    try ItemCooccurrenceRecommender(
      trainedOn: dataset ?? self.dataset,
      configuration: ItemCooccurrenceConfiguration(
        popularityDiscountFactor: discount, minimumCointeractionCount: minimum,
        neighbourLimit: limit),
      threadCount: threads)
  }

  private func similar(_ model: ItemCooccurrenceRecommender, to item: Int) -> [UInt32: Float] {
    Dictionary(
      uniqueKeysWithValues: model.similar.range(of: item).map {
        (model.similar.neighbours[$0], model.similar.weights[$0])
      })
  }

  @Test func withoutDiscountItIsTheShareOfTheItemsCustomers() throws {
    let model = try model(discount: 0)
    #expect(similar(model, to: 1) == [0: 1, 2: Float(2.0 / 3)])
    #expect(similar(model, to: 0) == [1: 0.75, 2: 0.5])
  }

  @Test func withFullDiscountItIsTheShareOfTheOthersCustomers() throws {
    let model = try model(discount: 1)
    #expect(similar(model, to: 1) == [0: 0.75, 2: 1])
    // The rare item 2 now leads for item 0.
    #expect(model.similar.neighbours[model.similar.range(of: 0).lowerBound] == 1)
    #expect(similar(model, to: 0) == [1: 1, 2: 1])
  }

  @Test func halfTheDiscountIsTheCosine() throws {
    let weights = similar(try model(discount: 0.5), to: 0)
    #expect(abs(weights[1, default: 0] - 3 / Float(12).squareRoot()) < 1e-6)
    #expect(abs(weights[2, default: 0] - 2 / Float(8).squareRoot()) < 1e-6)
  }

  @Test func tooFewCommonCustomersAreNoSimilarity() throws {
    #expect(similar(try model(discount: 0.5, minimum: 2), to: 2).keys.sorted() == [0, 1])
    #expect(similar(try model(discount: 0.5, minimum: 3), to: 2).isEmpty)
    #expect(similar(try model(discount: 0.5), to: 3).isEmpty)
  }

  private func scores(
    of customer: Int, normalization: Double = 1, isCentred: Bool
  ) throws -> [Float] {
    var configuration = ItemCooccurrenceConfiguration(minimumCointeractionCount: 1)
    configuration.targetNormalization = normalization
    configuration.isMeanCentred = isCentred
    let model = try ItemCooccurrenceRecommender(
      trainedOn: dataset, configuration: configuration)
    let scorer = model.scorer(for: dataset, targetMonth: Month(year: 2015, month: 2))
    var scores = [Float](repeating: -1, count: 4)
    scores.withUnsafeMutableBufferPointer {
      scorer.score([dataset.history(of: customer)], into: $0)
    }
    return scores
  }

  /// What speaks for item 1: item 0 with 3/√(4·3), item 2 with 2/√(3·2).
  private let one = 3 / Float(12).squareRoot()
  private let two = 2 / Float(6).squareRoot()

  @Test func aCustomersScoreIsTheShareOfTheSourcesHeld() throws {
    // Sources of item 2 are exactly items 0 and 1, both held; of item 3 there are none.
    let second = try scores(of: 2, isCentred: false)
    #expect(abs(second[2] - 1) < 1e-6)
    #expect(second[3] == 0)
    let third = try scores(of: 3, isCentred: false)
    #expect(abs(third[1] - one / (one + two)) < 1e-6)
  }

  @Test func sourcesMayBeNormalizedInPartOrNotAtAll() throws {
    let raw = try scores(of: 3, normalization: 0, isCentred: false)
    #expect(abs(raw[1] - one) < 1e-6)
    let half = try scores(of: 3, normalization: 0.5, isCentred: false)
    #expect(abs(half[1] - one / (one + two).squareRoot()) < 1e-6)
  }

  @Test func centredScoresSayHowFarTheAverageCustomerIsExceeded() throws {
    // Of five customers four had item 0, three item 1, two item 2, one item 3.
    let scores = try scores(of: 3, isCentred: true)
    let share = one / (one + two)
    #expect(abs(scores[1] - (0.6 + share * (1 - 0.8) + (1 - share) * (0 - 0.4))) < 1e-6)
    // Nothing speaks for item 3: its popularity remains.
    #expect(abs(scores[3] - 0.2) < 1e-6)
  }

  @Test func equalSimilaritiesStandInTheOrderOfItems() throws {
    let same = DatasetFixture.interactions(itemCount: 5, customers: [[4, 2, 0, 3, 1]])
    let model = try model(discount: 0.5, limit: 3, same)
    #expect(model.similar.range(of: 2).map { model.similar.neighbours[$0] } == [0, 1, 3])
    #expect(model.sources.range(of: 2).map { model.sources.neighbours[$0] } == [0, 1, 3])
  }

  @Test func storedModelsAreReadAgain() throws {
    let model = try model(discount: 0.3)
    let folder = try TemporaryFolder()
    var writer = SafetensorsWriter()
    model.write(into: &writer)
    try writer.write(to: folder.file("sims.safetensors"))
    let read = try ItemCooccurrenceRecommender(
      file: SafetensorsFile(path: folder.file("sims.safetensors")),
      configuration: model.configuration)
    #expect(read.similar.weights.array == model.similar.weights.array)
    #expect(read.biases.array == model.biases.array)
    #expect(read.itemCounts.array == [4, 3, 2, 1])
  }

  @Test func aDatasetWithoutInteractionsIsAnError() {
    let empty = DatasetFixture.interactions(itemCount: 2, customers: [[], []])
    #expect(throws: ModelError.self) { try model(discount: 0.5, empty) }
  }

  @Test(arguments: [
    ItemCooccurrenceConfiguration(popularityDiscountFactor: 1.01),
    ItemCooccurrenceConfiguration(popularityDiscountFactor: -0.01),
    ItemCooccurrenceConfiguration(minimumCointeractionCount: 11),
    ItemCooccurrenceConfiguration(neighbourLimit: 0),
    ItemCooccurrenceConfiguration(neighbourLimit: 1001),
  ])
  func settingsOutOfRangeAreErrors(configuration: ItemCooccurrenceConfiguration) {
    #expect(throws: ModelError.self) {
      try ItemCooccurrenceRecommender(trainedOn: dataset, configuration: configuration)
    }
  }

  @Test(arguments: [(0, 1), (10, 1000)])
  func settingsAtTheirLimitsAreTaken(minimum: Int, limit: Int) throws {
    _ = try model(discount: 0.5, minimum: minimum, limit: limit)
  }

  @Test func listsThatDoNotFitAreAnError() throws {
    let most = ItemCooccurrenceRecommender.listEntryLimit / 1000
    let configuration = ItemCooccurrenceConfiguration(neighbourLimit: 1000)
    try ItemCooccurrenceRecommender.validate(configuration, itemCount: most)
    #expect(
      throws: ModelError.invalidSetting(
        name: "neighbour_limit", value: "1000", expected: "at most 999 with \(most + 1) items")
    ) {
      try ItemCooccurrenceRecommender.validate(configuration, itemCount: most + 1)
    }
  }
}
