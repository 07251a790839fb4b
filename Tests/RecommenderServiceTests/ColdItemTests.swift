internal import Exploration
internal import InteractionData
internal import TensorFiles
internal import TestSupport
internal import Testing

@testable internal import RecommenderModels
@testable internal import RecommenderService

struct ColdItemTests {
  @Test func fewInteractionsMakeAnItemCold() {
    // Item 0 is had by ten customers, item 1 by nine, item 2 by none.
    let dataset = DatasetFixture.interactions(
      itemCount: 3, customers: (0..<10).map { $0 < 9 ? [0, 1] : [0] })
    #expect(ColdItems.indexes(of: dataset, itemAgeCutOffMilliseconds: 1) == [1, 2])
  }

  @Test func youngItemsAreCold() {
    let plain = DatasetFixture.interactions(
      itemCount: 2, customers: (0..<10).map { _ in [0, 1] })
    let end = plain.knownThrough
    let day: Int64 = 86_400
    // Item 0 came exactly thirty days before the dataset's end, item 1 a second later.
    let dataset = Dataset(
      customers: plain.customers,
      items: ItemCatalogue(
        identifiers: plain.items.identifiers,
        creationTimes: Column([end - 30 * day, end - 30 * day + 1])),
      interactions: plain.interactions, panel: nil)
    #expect(
      ColdItems.indexes(of: dataset, itemAgeCutOffMilliseconds: 30 * day * 1000) == [1])
  }

  @Test func ofManyThoseWithTheFewestInteractions() {
    let limit = ColdItems.datasetItemLimit
    let dataset = DatasetFixture.interactions(itemCount: limit + 2, customers: [[0, 0], [1]])
    let cold = ColdItems.indexes(of: dataset, itemAgeCutOffMilliseconds: 1)
    #expect(cold == Array(2..<limit + 2))
  }

  @Test func contextsAreQuartersAndFrequentCategories() {
    // Seven segments: the six most frequent are told apart.
    let segments: [String?] =
      (0..<7).flatMap { [String?](repeating: "s\($0)", count: 9 - $0) } + [nil]
    let count = segments.count
    let dataset = DatasetFixture.panel(
      itemCount: 1, customers: [[UInt64?]](repeating: [1, 1], count: count),
      attributes: AttributeTable(columns: [
        DatasetFixture.numbers(
          "age", (0..<count).map { $0 == 0 ? .nan : Float($0) }),
        DatasetFixture.categories("segmento", segments),
        DatasetFixture.categories("renta", [String?](repeating: "same", count: count)),
        DatasetFixture.numbers("else", (0..<count).map { Float($0) }),
      ]))
    let contexts = CustomerContexts(dataset)
    // Preferred names only; one value for all tells nothing.
    #expect(contexts.schema.valueCounts == [5, 7])
    func context(_ customer: Int?) -> [UInt8] {
      var context: [UInt8] = []
      contexts.fill(customer, into: &context)
      return context
    }
    #expect(count == 43)
    #expect(context(0) == [4, 0], "no age")
    // 42 known ages, 1 to 42: quarters begin at 11, 22 and 32.
    #expect(context(10)[0] == 0 && context(11)[0] == 1)
    #expect(context(21)[0] == 1 && context(22)[0] == 2)
    #expect(context(31)[0] == 2 && context(32)[0] == 3)
    #expect(context(41)[1] == 6, "the seventh segment is one of the rest")
    #expect(context(42)[1] == 6, "no segment")
    #expect(context(nil) == [4, 6], "nobody known")
  }

  /// Two products that a fifth and a twentieth take; a third that hardly anybody takes.
  @Test func priorsAreTheAppealOfTheirLikes() throws {
    let fixture = try ExplorationFixture.make()
    let models = try fixture.models(withSimilarity: false)
    let scorer = models.primary.recommender.scorer(
      for: models.dataset, targetMonth: models.targetMonth)
    let table = ScoreTable(dataset: models.dataset, scorer: scorer)
    let contexts = CustomerContexts(models.dataset)
    let priors = ColdPriors(
      models.dataset, table: table, contexts: contexts, coldItems: [4], defaults: .init())
    let alike = { (item: UInt32) in
      SimilarItemList(item: 9, neighbours: [item], weights: [1], isByMetadata: true)
    }
    // Popularity: the scores are the same for everyone who may be offered the product.
    let chances = (0..<4).map { item -> Double in
      (0..<40).lazy.map { customer in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 5) { scratch in
          table.withScores(of: customer, scratch: scratch) { Double($0[item]) }
        }
      }.max() ?? 0
    }
    let best = try #require(chances.indices.max { chances[$0] < chances[$1] })
    let worst = try #require(chances.indices.min { chances[$0] < chances[$1] })
    #expect(chances[best] > chances[worst])
    let high = priors.prior(like: alike(UInt32(best)))
    let low = priors.prior(like: alike(UInt32(worst)))
    let none = priors.prior(like: .empty(of: 9))
    #expect(high.logit > none.logit && none.logit > low.logit)
    #expect(high.weights.count == contexts.schema.featureCount - 1)
    #expect(ScoreLogits.probability(none.logit) < chances[best])
    #expect(ScoreLogits.probability(none.logit) > chances[worst])
  }
}
