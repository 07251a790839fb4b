internal import InteractionData
internal import RecommenderModels
internal import TensorFiles
internal import TestSupport
internal import Testing

struct PopularityRecommenderTests {
  /// Four customers, three months; item 1 is taken once by one of three who lack it, and once by
  /// one of two; item 0 is held by all from the start.
  private let dataset = DatasetFixture.panel(
    itemCount: 3,
    customers: [
      [0b011, 0b011, 0b011], [0b001, 0b011, 0b011], [0b001, 0b001, 0b011],
      [0b001, 0b001, 0b001],
    ])

  @Test func scoresAreAddRatesOfNonHolders() throws {
    let model = try PopularityRecommender(
      trainedOn: dataset,
      configuration: PopularityConfiguration(recentMonths: 1, seasonalShare: 0, smoothing: 0))
    // Month 3: two customers lack item 1, one of them takes it.
    #expect(model.rates.slice(0..<3).elementsEqual([0, 0.5, 0]))
  }

  @Test func seasonIsTheSameCalendarMonth() throws {
    let model = try PopularityRecommender(
      trainedOn: dataset,
      configuration: PopularityConfiguration(recentMonths: 1, seasonalShare: 1, smoothing: 0))
    // February (index 1): three lacked item 1, one took it. January has no month before it, so
    // there is no season and the recent rate stands in.
    #expect(model.rates[3 + 1] == Float(1.0 / 3))
    #expect(model.rates[1] == 0.5)
  }

  @Test func smoothingPullsTowardsTheOverallRate() throws {
    let model = try PopularityRecommender(
      trainedOn: dataset,
      configuration: PopularityConfiguration(recentMonths: 1, seasonalShare: 0, smoothing: 2))
    // Overall: 2 taken of 5 exposed, plus one customer-month of nothing: 2/6. Recent: 1 of 2.
    #expect(abs(model.rates[1] - Float((1 + 2 * (2.0 / 6)) / 4)) < 1e-7)
  }

  @Test func everyoneGetsTheSameScores() throws {
    let model = try PopularityRecommender(trainedOn: dataset)
    let scorer = model.scorer(for: dataset, targetMonth: Month(year: 2015, month: 4))
    var scores = [Float](repeating: -1, count: 6)
    let histories = [dataset.history(of: 0), CustomerHistory()]
    scores.withUnsafeMutableBufferPointer { scorer.score(histories, into: $0) }
    #expect(scores[0..<3] == scores[3..<6])
    #expect(scores[1] > scores[0])
  }

  @Test func withoutAPanelCustomersAreCounted() throws {
    let events = DatasetFixture.interactions(itemCount: 3, customers: [[0, 1, 0], [1], []])
    let model = try PopularityRecommender(trainedOn: events)
    #expect(model.rates.slice(12..<15).elementsEqual([Float(1.0 / 3), Float(2.0 / 3), 0]))
  }

  @Test(arguments: [
    PopularityConfiguration(recentMonths: 0), PopularityConfiguration(recentMonths: 256),
    PopularityConfiguration(seasonalShare: 1.01), PopularityConfiguration(smoothing: -1),
  ])
  func settingsOutOfRangeAreErrors(configuration: PopularityConfiguration) {
    #expect(throws: ModelError.self) {
      try PopularityRecommender(trainedOn: dataset, configuration: configuration)
    }
  }

  @Test func settingsAtTheirLimitsAreTaken() throws {
    for months in [1, 255] {
      _ = try PopularityRecommender(
        trainedOn: dataset, configuration: PopularityConfiguration(recentMonths: months))
    }
  }
}
