internal import Foundation
internal import InteractionData
internal import RecommenderModels
internal import TensorFiles
internal import TestSupport
internal import Testing

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

  @Test func aCustomersScoreIsTheShareOfTheSourcesHeld() throws {
    let model = try model(discount: 0.5)
    let scorer = model.scorer(for: dataset, targetMonth: Month(year: 2015, month: 2))
    var scores = [Float](repeating: -1, count: 4)
    scores.withUnsafeMutableBufferPointer { scorer.score([dataset.history(of: 2)], into: $0) }
    // Sources of item 2 are exactly items 0 and 1, both held; of item 3 there are none.
    #expect(abs(scores[2] - 1) < 1e-6)
    #expect(scores[3] == 0)
    scores.withUnsafeMutableBufferPointer { scorer.score([dataset.history(of: 3)], into: $0) }
    let one = 3 / Float(12).squareRoot()
    let two = 2 / Float(6).squareRoot()
    #expect(abs(scores[1] - one / (one + two)) < 1e-6)
  }

  /// Against counting by the definition: every pair, every customer.
  @Test(arguments: [UInt64(1), 2, 3])
  func agreesWithTheDefinition(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let itemCount = 40
    let customers = (0..<60).map { _ in
      (0..<generator.nextIndex(below: 12)).map { _ in generator.nextIndex(below: itemCount) }
    }
    let dataset = DatasetFixture.interactions(itemCount: itemCount, customers: customers)
    let model = try model(discount: 0.3, minimum: 2, limit: 5, dataset)
    let sets = customers.map { Set($0) }
    for item in 0..<itemCount {
      let own = sets.count { $0.contains(item) }
      let expected = (0..<itemCount).filter { $0 != item }.compactMap { other -> (Int, Double)? in
        let both = sets.count { $0.contains(item) && $0.contains(other) }
        guard both >= 2 else { return nil }
        let theirs = sets.count { $0.contains(other) }
        return (other, Double(both) / (pow(Double(own), 0.7) * pow(Double(theirs), 0.3)))
      }.sorted { $0.1 > $1.1 }.prefix(5)
      let range = model.similar.range(of: item)
      #expect(range.count == expected.count, "seed \(seed), item \(item)")
      for (position, pair) in zip(range, expected) {
        #expect(abs(Double(model.similar.weights[position]) - pair.1) < 1e-5, "seed \(seed)")
      }
    }
  }

  @Test func theNumberOfThreadsChangesNothing() throws {
    var generator = SeededGenerator(seed: 5)
    let customers = (0..<500).map { _ in (0..<8).map { _ in generator.nextIndex(below: 300) } }
    let dataset = DatasetFixture.interactions(itemCount: 300, customers: customers)
    let one = try model(discount: 0.5, dataset)
    let four = try model(discount: 0.5, dataset, threads: 4)
    #expect(one.similar.neighbours.array == four.similar.neighbours.array)
    #expect(one.similar.weights.array == four.similar.weights.array)
    #expect(one.sources.weights.array == four.sources.weights.array)
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
}
