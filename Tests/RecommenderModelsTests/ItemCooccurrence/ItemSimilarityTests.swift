internal import Foundation
internal import InteractionData
internal import RecommenderModels
internal import TensorFiles
internal import TestSupport
internal import Testing

/// Values worked out by hand.
struct ItemSimilarityTests {
  private func similarities(
    _ dataset: Dataset, of item: Int, _ change: (inout ItemCooccurrenceConfiguration) -> Void
  ) throws -> [UInt32: Float] {
    var configuration = ItemCooccurrenceConfiguration(minimumCointeractionCount: 1)
    change(&configuration)
    let model = try ItemCooccurrenceRecommender(
      trainedOn: dataset, configuration: configuration)
    return Dictionary(
      uniqueKeysWithValues: model.similar.range(of: item).map {
        (model.similar.neighbours[$0], model.similar.weights[$0])
      })
  }

  /// Item 0 had by four of five customers, item 1 by three of those, item 2 by two of those three.
  private let dataset = DatasetFixture.interactions(
    itemCount: 4, customers: [[0, 1, 2], [2, 1, 0], [0, 1], [0], [3]])

  @Test(arguments: [
    (ItemSimilarity.jaccard, 0.75, 0.5), (.lift, 1.25, 1.25),
    // 2 · (3 ln 3 + 1 ln 1 - 4 ln 4 - 1 ln 1 - 3 ln 3 - 2 ln 2 + 5 ln 5) and, for items 0 and 2,
    // 2 · (2 ln 2 + 2 ln 2 - 4 ln 4 - 2 ln 2 - 3 ln 3 + 5 ln 5).
    (.logLikelihood, 2.23144, 1.18494),
  ])
  func measures(similarity: ItemSimilarity, one: Double, two: Double) throws {
    let weights = try similarities(dataset, of: 0) { $0.similarity = similarity }
    #expect(weights.count == 2)
    #expect(abs(Double(weights[1, default: 0]) - one) < 1e-5)
    #expect(abs(Double(weights[2, default: 0]) - two) < 1e-5)
  }

  @Test func lessOftenThanByChanceIsNoEvidence() throws {
    let apart = DatasetFixture.interactions(
      itemCount: 2, customers: [[0, 1], [0], [0], [1], [1]])
    #expect(try similarities(apart, of: 0) { $0.similarity = .logLikelihood }.isEmpty)
    #expect(try similarities(apart, of: 0) { $0.similarity = .lift } == [1: Float(5.0 / 9)])
  }

  @Test(arguments: [4, 65])
  func longHistoriesCountLess(itemCount: Int) throws {
    let customers = DatasetFixture.interactions(
      itemCount: itemCount, customers: [[0, 1], [0, 1, 2, 3]])
    // (1/2 + 1/4) / √(2·2), and (1/4) / √(2·1).
    let weights = try similarities(customers, of: 0) { $0.historyLengthDiscount = 1 }
    #expect(abs(weights[1, default: 0] - 0.375) < 1e-6)
    #expect(abs(weights[2, default: 0] - 0.25 / Float(2).squareRoot()) < 1e-6)
  }

  @Test func directionCountsWhatCameAfter() throws {
    let ordered = DatasetFixture.interactions(
      itemCount: 3, customers: [[0, 1], [0, 1, 0], [1, 0, 2]])
    let after = try similarities(ordered, of: 0) { $0.direction = .after }
    #expect(abs(after[1, default: 0] - 2.0 / 3) < 1e-6)
    #expect(abs(after[2, default: 0] - 1 / Float(3).squareRoot()) < 1e-6)
    let before = try similarities(ordered, of: 1) { $0.direction = .after }
    #expect(abs(before[0, default: 0] - 1.0 / 3) < 1e-6)
    #expect(try similarities(ordered, of: 2) { $0.direction = .after }.isEmpty)
  }

  /// One customer bought items 0 and 1; the other viewed 0, bought it a day later, and viewed 1.
  private var events: Dataset {
    Dataset(
      customers: IdentifierTable(["a", "b"]),
      items: ItemCatalogue(identifiers: IdentifierTable(["0", "1"])),
      interactions: InteractionTable(
        offsets: Column([0, 2, 5]), itemIndexes: Column([0, 1, 0, 0, 1]),
        timestamps: Column([86_400, 86_400, 0, 86_400, 86_400]),
        eventTypes: Column([4, 4, 3, 4, 3]),
        eventTypeNames: EventType.fixedNames + ["view", "buy"]),
      panel: nil)
  }

  @Test func eventTypesHaveWeights() throws {
    // C = 1·1 + 1·½, n_0 = 1 + 1, n_1 = 1 + ¼.
    let half = try similarities(events, of: 0) { $0.eventWeights = ["view": 0.5] }
    #expect(abs(half[1, default: 0] - 1.5 / Float(2.5).squareRoot()) < 1e-6)
    let none = try similarities(events, of: 0) { $0.eventWeights = ["view": 0] }
    #expect(abs(none[1, default: 0] - 1 / Float(2).squareRoot()) < 1e-6)
    #expect(throws: ModelError.self) {
      try similarities(events, of: 0) { $0.eventWeights = ["click": 1] }
    }
  }

  @Test func equalTimesAreNotAfterEachOther() throws {
    // Only the second customer had item 0 first.
    let after = try similarities(events, of: 0) { $0.direction = .after }
    #expect(after == [1: 0.5])
    #expect(try similarities(events, of: 1) { $0.direction = .after }.isEmpty)
  }

  /// Every customer has the items of its own parity but one, which must come first.
  @Test(arguments: ItemSimilarity.allCases, [8, 80])
  func aCheckerboardIsCompleted(similarity: ItemSimilarity, size: Int) throws {
    let customers = (0..<size).map { user in
      (0..<size).filter { $0 % 2 == user % 2 && $0 != user }
    }
    let dataset = DatasetFixture.interactions(itemCount: size, customers: customers)
    var configuration = ItemCooccurrenceConfiguration(minimumCointeractionCount: 1)
    configuration.similarity = similarity
    configuration.targetNormalization = 1
    let model = try ItemCooccurrenceRecommender(
      trainedOn: dataset, configuration: configuration, threadCount: 2)
    for item in 0..<size {
      let neighbours = model.similar.range(of: item).map { Int(model.similar.neighbours[$0]) }
      #expect(neighbours == (0..<size).filter { $0 % 2 == item % 2 && $0 != item })
    }
    let ranking = CustomerRanking(
      dataset: dataset,
      scorer: model.scorer(for: dataset, targetMonth: Month(year: 2015, month: 2)))
    let lists = ranking.topItems(
      customers: (0..<size).map { UInt32($0) }, count: 1, threadCount: 1)
    for user in 0..<size {
      #expect(Array(lists[user]) == [UInt32(user)])
      #expect(abs(lists.scores(of: user)[0] - 1) < 1e-5)
    }
  }
}
