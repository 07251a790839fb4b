internal import InteractionData
internal import RecommenderModels
internal import TensorFiles
internal import TestSupport
internal import Testing

/// The fast counting against the definition, on either side of the size where it changes.
struct CooccurrenceDefinitionTests {
  static let configurations: [ItemCooccurrenceConfiguration] = {
    var all: [ItemCooccurrenceConfiguration] = []
    for similarity in ItemSimilarity.allCases {
      for direction in CooccurrenceDirection.allCases {
        var configuration = ItemCooccurrenceConfiguration(
          popularityDiscountFactor: 0.3, minimumCointeractionCount: 2, neighbourLimit: 5)
        configuration.targetNormalization = 1
        configuration.similarity = similarity
        configuration.direction = direction
        all.append(configuration)
        guard similarity == .cosine else { continue }
        configuration.historyLengthDiscount = 0.7
        all.append(configuration)
        configuration.recencyHalfLifeDays = 3
        all.append(configuration)
        configuration.popularityDiscountFactor = 0.5
        all.append(configuration)
      }
    }
    return all
  }()

  static func customers(_ seed: UInt64, itemCount: Int, count: Int = 60) -> [[Int]] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      (0..<generator.nextIndex(below: 14)).map { _ in
        // Low items are common, so that rows are longer than the neighbours kept.
        min(generator.nextIndex(below: itemCount), generator.nextIndex(below: itemCount))
      }
    }
  }

  @Test(arguments: configurations, [(UInt64(1), 40), (2, 64), (3, 65)])
  func agreesWithTheDefinition(
    configuration: ItemCooccurrenceConfiguration, world: (seed: UInt64, itemCount: Int)
  ) throws {
    let customers = Self.customers(world.seed, itemCount: world.itemCount)
    let dataset = DatasetFixture.interactions(itemCount: world.itemCount, customers: customers)
    let model = try ItemCooccurrenceRecommender(
      trainedOn: dataset, configuration: configuration, threadCount: 2)
    let naive = NaiveCooccurrence(
      itemCount: world.itemCount, customers: customers, configuration: configuration)
    for item in 0..<world.itemCount {
      let range = model.similar.range(of: item)
      let expected = naive.best(item, isSource: true)
      try #require(range.count == expected.count, "seed \(world.seed), item \(item)")
      for (position, value) in zip(range, expected) {
        #expect(close(model.similar.weights[position], value), "seed \(world.seed)")
        // Equal similarities may stand in another order; the item must have the one it is given.
        let other = Int(model.similar.neighbours[position])
        #expect(close(model.similar.weights[position], naive.similarity(item, other)))
      }
      let sources = model.sources.range(of: item)
      let best = naive.best(item, isSource: false)
      try #require(sources.count == best.count, "seed \(world.seed), item \(item)")
      let total = best.reduce(0, +)
      for (position, value) in zip(sources, best) {
        #expect(close(model.sources.weights[position], value / total), "seed \(world.seed)")
      }
    }
  }

  private func close(_ actual: Float, _ expected: Double) -> Bool {
    abs(Double(actual) - expected) < 1e-5 * max(1, expected)
  }

  @Test(arguments: configurations)
  func theNumberOfThreadsChangesNothing(configuration: ItemCooccurrenceConfiguration) throws {
    let customers = Self.customers(7, itemCount: 300, count: 500)
    let dataset = DatasetFixture.interactions(itemCount: 300, customers: customers)
    let models = try [1, 2, 5].map {
      try ItemCooccurrenceRecommender(
        trainedOn: dataset, configuration: configuration, threadCount: $0)
    }
    for model in models.dropFirst() {
      #expect(model.similar.offsets.array == models[0].similar.offsets.array)
      #expect(model.similar.neighbours.array == models[0].similar.neighbours.array)
      #expect(model.similar.weights.array == models[0].similar.weights.array)
      #expect(model.sources.neighbours.array == models[0].sources.neighbours.array)
      #expect(model.sources.weights.array == models[0].sources.weights.array)
      #expect(model.biases.array == models[0].biases.array)
    }
  }
}
