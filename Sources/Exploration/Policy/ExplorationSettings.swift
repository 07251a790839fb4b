/// How much and how a policy explores.
public struct ExplorationSettings: Sendable, Equatable {
  /// The largest share of a slate's last slot that goes to products believed second best, 0...1.
  /// 0 explores nothing: every propensity is 1.
  public var explorationWeight = 0.3
  /// What posterior deviations are multiplied by before matching, above 0 and at most 4. Below 1
  /// explores less than Thompson sampling, which is too curious within any finite time (Chapelle and
  /// Li 2011).
  public var deviationScale = 0.45
  /// What is believed of a cold product before it is shown.
  public var prior = AppealPrior()
  /// The probability that each slot is looked at, from the first on; slots after the last of these
  /// count as it does.
  public var examinations = [1.0, 0.7, 0.5, 0.4, 0.3]

  /// When a product leaves the buffer; nil keeps every one in it.
  public var graduation: GraduationRule?

  /// Makes the default settings.
  public init() {}

  /// These settings with another weight.
  func with(explorationWeight weight: Double?) -> ExplorationSettings {
    guard let weight else { return self }
    var settings = self
    settings.explorationWeight = weight
    return settings
  }

  /// The probability that a slot, counted from 0, is looked at.
  func examination(of slot: Int) -> Double { examinations[min(slot, examinations.count - 1)] }

  /// Checks every setting.
  ///
  /// - Throws: ``ExplorationError/invalidSetting(name:value:expected:)``.
  public func validate() throws(ExplorationError) {
    try Self.check("exploration_weight", explorationWeight, 0...1, "from 0 to 1")
    try Self.check("deviation_scale", deviationScale, 1e-6...4, "above 0 and at most 4")
    try Self.check("prior_logit", prior.logit, -20...20, "from -20 to 20")
    try Self.check("prior_bias_deviation", prior.biasDeviation, 1e-6...10, "above 0, at most 10")
    try Self.check(
      "prior_weight_deviation", prior.weightDeviation, 1e-6...10, "above 0, at most 10")
    guard !examinations.isEmpty else {
      throw .invalidSetting(name: "examinations", value: 0, expected: "one a slot, at least one")
    }
    for value in examinations {
      try Self.check("examinations", value, 1e-6...1, "above 0 and at most 1")
    }
  }

  private static func check(
    _ name: String, _ value: Double, _ range: ClosedRange<Double>, _ expected: String
  ) throws(ExplorationError) {
    guard range.contains(value) else {
      throw .invalidSetting(name: name, value: value, expected: expected)
    }
  }
}
