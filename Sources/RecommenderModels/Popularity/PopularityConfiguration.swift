internal import InteractionData

/// The settings of the popularity model.
public struct PopularityConfiguration: Sendable, Equatable {
  /// How many of the newest months count as recent.
  public var recentMonths: Int
  /// The share of the same calendar month a year (or years) earlier, where there is one; 0...1.
  public var seasonalShare: Double
  /// The strength of the pull towards the overall rate, in customer-months.
  public var smoothing: Double

  /// Makes settings; the defaults suit a bank's monthly panel.
  public init(recentMonths: Int = 3, seasonalShare: Double = 0.5, smoothing: Double = 200) {
    self.recentMonths = recentMonths
    self.seasonalShare = seasonalShare
    self.smoothing = smoothing
  }

  /// Checks the ranges.
  ///
  /// - Throws: ``ModelError/invalidSetting(name:value:expected:)``.
  public func validate() throws(ModelError) {
    guard (1...HoldingsPanel.monthLimit).contains(recentMonths) else {
      throw .invalidSetting(
        name: "recent_months", value: "\(recentMonths)",
        expected: "from 1 to \(HoldingsPanel.monthLimit)")
    }
    guard (0...1).contains(seasonalShare) else {
      throw .invalidSetting(
        name: "seasonal_share", value: "\(seasonalShare)", expected: "from 0 to 1")
    }
    guard smoothing >= 0, smoothing.isFinite else {
      throw .invalidSetting(name: "smoothing", value: "\(smoothing)", expected: "0 or more")
    }
  }
}

extension PopularityConfiguration {
  /// The names of all settings in snake case.
  public static let settingNames = ["recent_months", "seasonal_share", "smoothing"]

  /// Reads settings by their snake-case names; one that is not given keeps its default.
  ///
  /// - Parameter values: the settings; other names are left alone.
  /// - Throws: ``ModelError/invalidSetting(name:value:expected:)``.
  public init(values: [String: ConfigurationValue]) throws(ModelError) {
    self.init()
    recentMonths = try values.integer("recent_months") ?? recentMonths
    seasonalShare = try values.number("seasonal_share") ?? seasonalShare
    smoothing = try values.number("smoothing") ?? smoothing
    try validate()
  }
}
