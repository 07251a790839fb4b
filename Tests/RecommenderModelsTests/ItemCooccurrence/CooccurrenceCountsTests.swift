internal import InteractionData
internal import RecommenderModels
internal import TensorFiles
internal import TestSupport
internal import Testing

struct CooccurrenceCountsTests {
  @Test func eachCustomerCountsOnce() {
    var counts = CooccurrenceCounts(itemCount: 3)
    let news = [(2, 5), (0, 5), (2, 5), (0, 0)].map { counts.record(item: $0, customer: $1) }
    #expect(news == [true, true, false, true])
    #expect(counts.customerCount == 2)
    #expect(counts.itemCounts == [2, 0, 1])
    #expect(counts.count(of: 0, and: 2) == 1)
    #expect(counts.count(of: 2, and: 0) == 1)
    #expect(counts.count(of: 0, and: 1) == 0)
    #expect(counts.count(of: 0, and: 0) == 2)
  }

  /// Interactions in any order, with repetitions, against counting all of them anew after each part.
  @Test(arguments: [UInt64(11), 12, 13, 14], [20, 90])
  func incrementalEqualsRecount(seed: UInt64, itemCount: Int) throws {
    var generator = SeededGenerator(seed: seed)
    var customers = [[Int]](repeating: [], count: 40)
    var counts = CooccurrenceCounts(itemCount: itemCount)
    for _ in 0..<4 {
      for _ in 0..<150 {
        let customer = generator.nextIndex(below: customers.count)
        let item = min(
          generator.nextIndex(below: itemCount), generator.nextIndex(below: itemCount))
        let isNew = counts.record(item: item, customer: customer)
        #expect(isNew == !customers[customer].contains(item), "seed \(seed)")
        customers[customer].append(item)
      }
      let dataset = DatasetFixture.interactions(itemCount: itemCount, customers: customers)
      // Equal whatever the order: the recount goes customer by customer.
      #expect(counts == CooccurrenceCounts(counting: dataset), "seed \(seed)")
      let sets = customers.map { Set($0) }
      for first in 0..<itemCount {
        for second in 0..<itemCount {
          let both = sets.count { $0.contains(first) && $0.contains(second) }
          #expect(counts.count(of: first, and: second) == both, "seed \(seed)")
        }
      }
      try expectSameModel(counts, dataset, seed)
    }
  }

  private func expectSameModel(
    _ counts: CooccurrenceCounts, _ dataset: Dataset, _ seed: UInt64
  ) throws {
    for similarity in ItemSimilarity.allCases {
      var configuration = ItemCooccurrenceConfiguration(
        popularityDiscountFactor: 0.3, minimumCointeractionCount: 2, neighbourLimit: 6)
      configuration.similarity = similarity
      let kept = try ItemCooccurrenceRecommender(counts: counts, configuration: configuration)
      let anew = try ItemCooccurrenceRecommender(
        trainedOn: dataset, configuration: configuration, threadCount: 2)
      #expect(kept.similar.neighbours.array == anew.similar.neighbours.array, "seed \(seed)")
      #expect(kept.similar.weights.array == anew.similar.weights.array, "seed \(seed)")
      #expect(kept.sources.weights.array == anew.sources.weights.array, "seed \(seed)")
      #expect(kept.biases.array == anew.biases.array, "seed \(seed)")
      #expect(kept.itemCounts.array == anew.itemCounts.array, "seed \(seed)")
    }
  }

  @Test func settingsThatNeedHistoriesAreRefused() throws {
    var counts = CooccurrenceCounts(itemCount: 2)
    #expect(throws: ModelError.self) { try ItemCooccurrenceRecommender(counts: counts) }
    counts.record(item: 1, customer: 0)
    _ = try ItemCooccurrenceRecommender(counts: counts)
    for (name, value) in [
      ("profile", ConfigurationValue.text("aws")), ("direction", .text("after")),
      ("history_length_discount", .number(0.5)), ("recency_half_life_days", .number(1)),
      ("event_weights", .text("acquired=2")),
    ] {
      #expect(throws: ModelError.self) {
        try ItemCooccurrenceRecommender(
          counts: counts, configuration: ItemCooccurrenceConfiguration(values: [name: value]))
      }
    }
  }
}
