public import Exploration

/// How a service explores.
public struct ExplorationConfiguration: Sendable {
  /// The range of ``itemAgeCutOffDays``.
  public static let itemAgeRange = 1...3650
  /// The range of ``responseWindowSeconds``.
  public static let responseWindowRange = 1...2_592_000

  /// The most that goes to cold products in the last place of an answer whose request says nothing
  /// of it, 0...1; 0 explores nothing.
  public var weight: Float
  /// Products younger than this are cold however often they were taken, in days.
  public var itemAgeCutOffDays: Int
  /// How long a product that was shown may wait for a response before silence is one, in seconds of
  /// the events' own times.
  public var responseWindowSeconds: Int
  /// What draws depend on, together with each answer's identifier.
  public var seed: UInt64

  /// Makes a configuration; what is not given is the default.
  public init(
    weight: Float = 0.3, itemAgeCutOffDays: Int = 30, responseWindowSeconds: Int = 3600,
    seed: UInt64 = 1
  ) {
    self.weight = weight
    self.itemAgeCutOffDays = itemAgeCutOffDays
    self.responseWindowSeconds = responseWindowSeconds
    self.seed = seed
  }

  /// A service that explores nothing unless a request asks for it.
  public static let off = ExplorationConfiguration(weight: 0)

  /// Checks every setting.
  ///
  /// - Throws: `ExplorationError.invalidSetting`.
  public func validate() throws(ExplorationError) {
    try settings.validate()
    let ranges = [
      ("item_age_cut_off", itemAgeCutOffDays, Self.itemAgeRange),
      ("response_window", responseWindowSeconds, Self.responseWindowRange),
    ]
    for (name, value, range) in ranges where !range.contains(value) {
      throw .invalidSetting(
        name: name, value: Double(value),
        expected: "from \(range.lowerBound) to \(range.upperBound)")
    }
  }

  static let millisecondsPerDay: Int64 = 86_400_000

  var itemAgeCutOffMilliseconds: Int64 { Int64(itemAgeCutOffDays) * Self.millisecondsPerDay }
  var responseWindowMilliseconds: Int64 { Int64(responseWindowSeconds) * 1000 }

  /// The policy's settings.
  var settings: ExplorationSettings {
    var settings = ExplorationSettings()
    settings.explorationWeight = Double(weight)
    var rule = GraduationRule()
    rule.ageLimitMilliseconds = itemAgeCutOffMilliseconds
    settings.graduation = rule
    return settings
  }
}

extension AppealPrior {
  /// The bias and the weights.
  var values: [Double] { [logit] + weights }

  /// A prior that was stored, with the deviations of the defaults; the default one where nothing was.
  init(values: [Double]) {
    self.init()
    guard let logit = values.first else { return }
    self.logit = logit
    weights = Array(values.dropFirst())
  }
}
