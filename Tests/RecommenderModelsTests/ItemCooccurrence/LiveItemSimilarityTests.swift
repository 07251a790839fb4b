internal import InteractionData
internal import TensorFiles
internal import TestSupport
internal import Testing

@testable internal import RecommenderModels

struct LiveItemSimilarityTests {
  private let attributes = { (itemCount: Int) in
    AttributeTable(columns: [
      DatasetFixture.categories("KIND", (0..<itemCount).map { "k\($0 % 5)" }),
      // Distances are all different, so that nothing is equally alike.
      DatasetFixture.numbers("SIZE", (0..<itemCount).map { Float($0 * $0) / 7 }),
    ])
  }

  private func dataset(_ customers: [[Int]], itemCount: Int) -> Dataset {
    DatasetFixture.interactions(
      itemCount: itemCount, customers: customers, attributes: attributes(itemCount))
  }

  private func model(
    _ dataset: Dataset, _ configuration: ItemCooccurrenceConfiguration
  ) throws -> ItemCooccurrenceRecommender {
    try ItemCooccurrenceRecommender(trainedOn: dataset, configuration: configuration)
  }

  /// What a service answers from: the lists made anew over those of the training.
  private func lists(
    _ model: ItemCooccurrenceRecommender, _ live: [Int: SimilarItemList] = [:]
  ) -> [SimilarItemList] {
    (0..<model.itemCount).map { item in
      if let list = live[item] { return list }
      let isByMetadata = model.similar.range(of: item).isEmpty
      let lists = isByMetadata ? model.metadata : model.similar
      return SimilarItemList(
        item: item, neighbours: Array(lists.neighbours.slice(lists.range(of: item))),
        weights: Array(lists.weights.slice(lists.range(of: item))), isByMetadata: isByMetadata)
    }
  }

  private func settings(_ similarity: ItemSimilarity) -> ItemCooccurrenceConfiguration {
    var configuration = ItemCooccurrenceConfiguration(
      popularityDiscountFactor: 0.3, minimumCointeractionCount: 2, neighbourLimit: 7)
    configuration.similarity = similarity
    return configuration
  }

  /// Random interactions of old and new customers, against training on all of them.
  @Test(arguments: ItemSimilarity.allCases, [20, 64, 65, 90])
  func listsAreThoseOfTrainingAnew(similarity: ItemSimilarity, itemCount: Int) throws {
    for seed in [UInt64(21), 22] {
      var generator = SeededGenerator(seed: seed)
      func item() -> Int {
        min(generator.nextIndex(below: itemCount), generator.nextIndex(below: itemCount))
      }
      var customers = (0..<30).map { _ in (0..<generator.nextIndex(below: 6)).map { _ in item() } }
      let before = dataset(customers, itemCount: itemCount)
      let trained = try model(before, settings(similarity))
      let live = try LiveItemSimilarity(trained, dataset: before)
      #expect(live.staleCount == 0)
      var anew: [Int: SimilarItemList] = [:]
      customers += [[Int]](repeating: [], count: 10)
      for round in 0..<5 {
        for _ in 0..<40 {
          let customer = generator.nextIndex(below: customers.count)
          let item = item()
          let isNew = live.record(item: item, customer: customer)
          #expect(isNew == !customers[customer].contains(item), "seed \(seed)")
          customers[customer].append(item)
          for list in live.rebuild(listLimit: 3) { anew[list.item] = list }
        }
        for list in live.rebuild(listLimit: .max) { anew[list.item] = list }
        #expect(live.staleCount == 0)
        let expected = lists(
          try model(dataset(customers, itemCount: itemCount), settings(similarity)))
        #expect(lists(trained, anew) == expected, "seed \(seed), round \(round)")
      }
    }
  }

  @Test func aStaleListIsMadeAnewOnceHoweverManyInteractions() throws {
    let dataset = dataset([[0, 1], [0, 1], [2, 3]], itemCount: 6)
    let live = try LiveItemSimilarity(
      try model(dataset, settings(.cosine)), dataset: dataset)
    #expect(live.record(item: 4, customer: 0))
    #expect(!live.record(item: 4, customer: 0))
    #expect(live.record(item: 4, customer: 1))
    // Item 4 itself, and items 0 and 1, which it was had with.
    #expect(live.staleCount == 3)
    #expect(live.rebuild(listLimit: 2).map(\.item) == [4, 0])
    #expect(live.rebuild(listLimit: 2).map(\.item) == [1])
    #expect(live.rebuild(listLimit: 2).isEmpty)
  }

  /// A list at the limit of all entries is made anew, one entry less and it stays as it is.
  @Test(arguments: [(3, [1, 0]), (2, [1])])
  func listsHaveALimitInAll(limit: Int, items: [Int]) throws {
    let dataset = DatasetFixture.interactions(itemCount: 3, customers: [[0], [0, 2], [1]])
    let live = try LiveItemSimilarity(
      try model(dataset, ItemCooccurrenceConfiguration(minimumCointeractionCount: 1)),
      dataset: dataset, listEntryLimit: limit)
    // Item 1 with item 0 alone; item 0 then with items 1 and 2.
    live.record(item: 1, customer: 0)
    #expect(live.rebuild(listLimit: 10).map(\.item) == items)
  }

  /// Small catalogues are counted in a matrix of fixed size, whatever the number of interactions.
  @Test(arguments: [(65, 4, true), (65, 3, false), (64, 3, true)])
  func interactionsOfLargeCataloguesHaveALimit(
    itemCount: Int, limit: Int, isTaken: Bool
  ) throws {
    let dataset = dataset([[0, 1], [0, 1]], itemCount: itemCount)
    let trained = try model(dataset, settings(.cosine))
    let live = try? LiveItemSimilarity(trained, dataset: dataset, interactionLimit: limit)
    #expect((live != nil) == isTaken)
  }

  @Test(arguments: [(2, true), (1, false)])
  func pairsHaveALimit(limit: Int, isCounted: Bool) throws {
    let dataset = DatasetFixture.interactions(itemCount: 4, customers: [[0, 1], [2]])
    let live = try LiveItemSimilarity(
      try model(dataset, ItemCooccurrenceConfiguration(minimumCointeractionCount: 1)),
      dataset: dataset, pairLimit: limit)
    // Two pairs: item 3 with items 0 and 1.
    #expect(live.record(item: 3, customer: 0) == isCounted)
    #expect((live.staleCount > 0) == isCounted)
  }

  /// Items 0…9 had by 10, …, 1 customers; the training leaves out item 0 and the longest history.
  @Test(arguments: [10, 100])
  func percentilesStayAsTrained(itemCount: Int) throws {
    let dataset = dataset((0..<10).map { Array(0..<(10 - $0)) }, itemCount: itemCount)
    var configuration = ItemCooccurrenceConfiguration(minimumCointeractionCount: 1)
    configuration.maximumItemInteractionCountPercentile = 0.9
    configuration.maximumUserHistoryLengthPercentile = 0.9
    let live = try LiveItemSimilarity(try model(dataset, configuration), dataset: dataset)
    #expect(!live.record(item: 0, customer: 11))
    #expect(!live.record(item: itemCount - 1, customer: 0))
    // The next longest is counted, without item 0: items 1…8 of customer 1.
    #expect(live.record(item: 9, customer: 1))
    let list = try #require(live.rebuild(listLimit: 1).first)
    #expect(Set(list.neighbours) == Set(1...8))
    #expect(!list.isByMetadata)
  }

  @Test func settingsThatNeedMoreThanCountsAreRefused() throws {
    let dataset = dataset([[0, 1], [1, 2]], itemCount: 4)
    for (name, value) in [
      ("direction", ConfigurationValue.text("after")), ("history_length_discount", .number(0.5)),
      ("recency_half_life_days", .number(1)), ("event_weights", .text("interaction=2")),
    ] {
      let trained = try model(dataset, ItemCooccurrenceConfiguration(values: [name: value]))
      #expect(throws: ModelError.self, "\(name)") {
        try LiveItemSimilarity(trained, dataset: dataset)
      }
    }
  }
}
