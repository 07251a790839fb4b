import Testing

@testable import RecommenderModels

@Suite struct HRNNConfigurationTests {
  @Test func everySettingGoesThroughTheManifest() throws {
    var settings = HRNNConfiguration()
    settings.hiddenDimension = 128
    settings.learningRate = 0.01
    settings.sessionGapSeconds = 60
    settings.userPropagation = .all
    settings.recencyMask.toggle()
    #expect(try HRNNConfiguration(values: settings.values) == settings)
    #expect(settings.values.count == HRNNConfiguration.settingNames.count)
    #expect(settings.values["hidden_dimension"] == .integer(128))
    #expect(settings.values["user_propagation"] == .text("all"))
    #expect(try HRNNConfiguration(values: ["unrelated": .text("x")]) == HRNNConfiguration())
  }

  @Test(arguments: [
    ("hidden_dimension", 31), ("hidden_dimension", 257), ("bptt", 1), ("bptt", 33),
    ("batch_size", 15), ("epochs", 0),
  ])
  func limitsOfWholeNumbers(name: String, value: Int) {
    let error = #expect(throws: ModelError.self) {
      try HRNNConfiguration(values: [name: .integer(value)])
    }
    guard case .invalidSetting(name, "\(value)", _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(arguments: [("hidden_dimension", 32), ("hidden_dimension", 256), ("bptt", 2), ("bptt", 32)])
  func limitsAreAllowed(name: String, value: Int) throws {
    #expect(try HRNNConfiguration(values: [name: .integer(value)]).values[name] == .integer(value))
  }

  @Test(arguments: [
    ("dropout", ConfigurationValue.number(0.91)), ("dropout", .number(.nan)),
    ("learning_rate", .number(0)), ("epochs", .text("many")), ("epochs", .number(1.5)),
    ("min_user_history_length_percentile", .number(1.01)), ("levels", .integer(3)),
    ("user_propagation", .text("some")), ("user_propagation", .integer(1)),
    ("recency_mask", .integer(1)),
  ])
  func otherValuesAreRefused(name: String, value: ConfigurationValue) {
    #expect(throws: ModelError.self) { try HRNNConfiguration(values: [name: value]) }
  }

  @Test func settingsThatContradictEachOther() {
    var settings = HRNNConfiguration()
    settings.minUserHistoryLengthPercentile = 0.9
    settings.maxUserHistoryLengthPercentile = 0.5
    #expect(throws: ModelError.self) { try settings.validate() }
    settings = HRNNConfiguration()
    settings.rankingLossWeight = 0
    settings.hazardLossWeight = 0
    #expect(throws: ModelError.self) { try settings.validate() }
  }

  @Test func fewerCustomersAreRegularisedMore() throws {
    let limit = HRNNConfiguration.smallCustomerCount
    var expected = HRNNConfiguration()
    expected.weightDecay = 0.5
    expected.epochs = 12
    #expect(HRNNConfiguration.suggested(customers: limit) == expected)
    #expect(HRNNConfiguration.suggested(customers: 150_000).weightDecay == 0.1)
    let small = HRNNConfiguration.suggested(customers: limit - 1)
    #expect(small.dropout == 0.5 && small.hiddenDimension == 32)
    #expect(HRNNConfiguration.suggested(customers: 5000).weightDecay == 3)
    #expect(small.seeds == 3 && small.epochs == 8)
    let large = HRNNConfiguration.largeCustomerCount
    #expect(HRNNConfiguration.suggested(customers: large - 1).epochs == 12)
    #expect(HRNNConfiguration.suggested(customers: large).epochs == 8)
    for customers in [0, 1, limit - 1, limit, .max] {
      try HRNNConfiguration.suggested(customers: customers).validate()
    }
  }
}
