internal import InteractionData
internal import RecommenderModels
internal import TensorFiles
internal import TestSupport
internal import Testing

struct CooccurrenceSettingsTests {
  @Test func theBankProfileIsTheDefaultAndKeepsEverything() throws {
    let configuration = try ItemCooccurrenceConfiguration(values: [:])
    #expect(configuration == ItemCooccurrenceConfiguration(profile: .bank))
    #expect(configuration.popularityDiscountFactor == 0.5)
    #expect(configuration.minimumCointeractionCount == 3)
    #expect(configuration.minimumUserHistoryLengthPercentile == 0)
    #expect(configuration.maximumUserHistoryLengthPercentile == 1)
    #expect(configuration.minimumItemInteractionCountPercentile == 0)
    #expect(configuration.maximumItemInteractionCountPercentile == 1)
  }

  @Test func theAWSProfileHasAmazonsDefaultsAndExplicitSettingsOverrideIt() throws {
    let configuration = try ItemCooccurrenceConfiguration(values: [
      "profile": .text("aws"), "max_item_interaction_count_percentile": .integer(1),
    ])
    #expect(configuration.popularityDiscountFactor == 0.5)
    #expect(configuration.minimumCointeractionCount == 3)
    #expect(configuration.minimumUserHistoryLengthPercentile == 0.005)
    #expect(configuration.maximumUserHistoryLengthPercentile == 0.995)
    #expect(configuration.minimumItemInteractionCountPercentile == 0.01)
    #expect(configuration.maximumItemInteractionCountPercentile == 1)
  }

  @Test func everySettingIsReadAndGivenBack() throws {
    let values: [String: ConfigurationValue] = [
      "profile": .text("aws"), "similarity": .text("cosine"), "direction": .text("after"),
      "popularity_discount_factor": .number(0.25), "min_cointeraction_count": .integer(1),
      "neighbour_limit": .integer(7), "min_user_history_length_percentile": .number(0.1),
      "max_user_history_length_percentile": .number(0.9),
      "min_item_interaction_count_percentile": .number(0.2),
      "max_item_interaction_count_percentile": .number(0.8),
      "history_length_discount": .number(0.75), "target_normalization": .number(0.125),
      "mean_centring": .flag(false), "recency_half_life_days": .number(30),
      "event_weights": .text("acquired=2.0,opening=0.5"),
    ]
    #expect(values.keys.sorted() == ItemCooccurrenceConfiguration.settingNames.sorted())
    let dataset = DatasetFixture.interactions(
      itemCount: 3, customers: [[0, 1], [1, 2], [0, 2], [0, 1, 2]])
    let model = try ItemCooccurrenceRecommender(
      trainedOn: dataset, configuration: ItemCooccurrenceConfiguration(values: values))
    #expect(model.configuration == values)
  }

  @Test(arguments: [
    ("profile", ConfigurationValue.text("azure")), ("similarity", .text("euclid")),
    ("direction", .text("before")), ("mean_centring", .integer(1)),
    ("event_weights", .text("view")), ("event_weights", .text("view=many")),
    ("event_weights", .text("view=1001")), ("event_weights", .text("view=-1")),
    ("history_length_discount", .number(1.01)), ("target_normalization", .number(-0.01)),
    ("recency_half_life_days", .number(-1)), ("recency_half_life_days", .number(36_526)),
    ("min_cointeraction_count", .integer(11)), ("min_cointeraction_count", .number(0.5)),
    ("min_user_history_length_percentile", .number(-0.1)),
    ("max_user_history_length_percentile", .number(1.1)),
    ("min_item_interaction_count_percentile", .text("a few")),
    ("max_item_interaction_count_percentile", .number(.infinity)),
  ])
  func valuesOutOfRangeAreErrorsThatNameTheSetting(name: String, value: ConfigurationValue) {
    let error = #expect(throws: ModelError.self) {
      try ItemCooccurrenceConfiguration(values: [name: value])
    }
    guard case .invalidSetting(name, _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(arguments: ["user_history_length_percentile", "item_interaction_count_percentile"])
  func aMinimumAboveTheMaximumIsAnError(name: String) {
    #expect(
      throws: ModelError.invalidSetting(
        name: "min_\(name)", value: "0.6", expected: "at most max_\(name), 0.5")
    ) {
      try ItemCooccurrenceConfiguration(values: [
        "min_\(name)": .number(0.6), "max_\(name)": .number(0.5),
      ])
    }
  }

  @Test func measuresThatCountCustomersTakeNoWeights() {
    #expect(throws: ModelError.self) {
      try ItemCooccurrenceConfiguration(values: [
        "similarity": .text("jaccard"), "history_length_discount": .number(0.5),
      ])
    }
  }

  /// Items 0…9 had by 10, 9, …, 1 customers; customer `u` has items 0…(9 - u). On either side of
  /// the size where counting changes.
  private func staircase(_ itemCount: Int) -> Dataset {
    DatasetFixture.interactions(
      itemCount: itemCount, customers: (0..<10).map { Array(0..<(10 - $0)) } + [[]])
  }

  private func counts(
    _ values: [String: ConfigurationValue], itemCount: Int
  ) throws -> [UInt32] {
    let model = try ItemCooccurrenceRecommender(
      trainedOn: staircase(itemCount),
      configuration: ItemCooccurrenceConfiguration(values: values))
    return Array(model.itemCounts.array.prefix(10))
  }

  @Test(arguments: [10, 100])
  func percentilesCutItemsAndCustomers(itemCount: Int) throws {
    #expect(try counts([:], itemCount: itemCount) == [10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
    // The 0.9 quantile of 1…10 is 9: only the most common item goes.
    #expect(
      try counts(["max_item_interaction_count_percentile": .number(0.9)], itemCount: itemCount)
        == [0, 9, 8, 7, 6, 5, 4, 3, 2, 1])
    // The 0.2 quantile is 2: the rarest goes.
    #expect(
      try counts(["min_item_interaction_count_percentile": .number(0.2)], itemCount: itemCount)
        == [10, 9, 8, 7, 6, 5, 4, 3, 2, 0])
    // Histories of 1…10 items; those of 3…8 stay.
    #expect(
      try counts(
        [
          "min_user_history_length_percentile": .number(0.3),
          "max_user_history_length_percentile": .number(0.8),
        ], itemCount: itemCount) == [6, 6, 6, 5, 4, 3, 2, 1, 0, 0])
    #expect(
      try counts(["profile": .text("aws")], itemCount: itemCount)
        == [0, 9, 8, 7, 6, 5, 4, 3, 2, 1])
  }

  @Test(arguments: [3, 70])
  func aFilterThatLeavesNothingIsAnErrorWithAMend(itemCount: Int) throws {
    // Only the first customer's history is long enough, and only item 2 is common enough.
    let dataset = DatasetFixture.interactions(
      itemCount: itemCount, customers: [[0, 1], [2], [2], [2]])
    let error = #expect(throws: ModelError.self) {
      try ItemCooccurrenceRecommender(
        trainedOn: dataset,
        configuration: ItemCooccurrenceConfiguration(values: [
          "min_item_interaction_count_percentile": .number(1),
          "min_user_history_length_percentile": .number(1),
        ]))
    }
    let text = try #require(error).description
    #expect(text.contains("lower min_user_history_length_percentile"), "\(text)")
  }
}
