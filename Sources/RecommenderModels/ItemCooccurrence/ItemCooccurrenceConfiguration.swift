/// The settings of item-to-item similarity.
public struct ItemCooccurrenceConfiguration: Sendable, Equatable {
  /// How much an item's popularity counts against it: 0 ranks the most often seen together first,
  /// 1 the most exclusively seen together; 0...1.
  public var popularityDiscountFactor: Double
  /// The least number of customers who had both items, for the pair to be similar at all.
  public var minimumCointeractionCount: Int
  /// The most neighbours kept an item.
  public var neighbourLimit: Int

  /// The range of ``neighbourLimit``.
  public static let neighbourLimitRange = 1...1000

  /// Makes settings.
  public init(
    popularityDiscountFactor: Double = 0.5, minimumCointeractionCount: Int = 3,
    neighbourLimit: Int = 100
  ) {
    self.popularityDiscountFactor = popularityDiscountFactor
    self.minimumCointeractionCount = minimumCointeractionCount
    self.neighbourLimit = neighbourLimit
  }

  /// Checks the ranges.
  ///
  /// - Throws: ``ModelError/invalidSetting(name:value:expected:)``.
  public func validate() throws(ModelError) {
    guard (0...1).contains(popularityDiscountFactor) else {
      throw .invalidSetting(
        name: "popularity_discount_factor", value: "\(popularityDiscountFactor)",
        expected: "from 0 to 1")
    }
    guard (0...10).contains(minimumCointeractionCount) else {
      throw .invalidSetting(
        name: "min_cointeraction_count", value: "\(minimumCointeractionCount)",
        expected: "from 0 to 10")
    }
    guard Self.neighbourLimitRange.contains(neighbourLimit) else {
      throw .invalidSetting(
        name: "neighbour_limit", value: "\(neighbourLimit)", expected: "from 1 to 1000")
    }
  }
}

extension ItemCooccurrenceConfiguration {
  /// The names of all settings in snake case.
  public static let settingNames = [
    "popularity_discount_factor", "min_cointeraction_count", "neighbour_limit",
  ]

  /// Reads settings by their snake-case names; one that is not given keeps its default.
  ///
  /// - Parameter values: the settings; other names are left alone.
  /// - Throws: ``ModelError/invalidSetting(name:value:expected:)``.
  public init(values: [String: ConfigurationValue]) throws(ModelError) {
    self.init()
    popularityDiscountFactor =
      try values.number("popularity_discount_factor") ?? popularityDiscountFactor
    minimumCointeractionCount =
      try values.integer("min_cointeraction_count") ?? minimumCointeractionCount
    neighbourLimit = try values.integer("neighbour_limit") ?? neighbourLimit
    try validate()
  }
}
