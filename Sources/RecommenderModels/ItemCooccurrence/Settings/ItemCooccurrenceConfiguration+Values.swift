extension ItemCooccurrenceConfiguration {
  /// The names of all settings in snake case.
  public static let settingNames = [
    "profile", "similarity", "popularity_discount_factor", "min_cointeraction_count",
    "neighbour_limit", "min_user_history_length_percentile",
    "max_user_history_length_percentile", "min_item_interaction_count_percentile",
    "max_item_interaction_count_percentile", "history_length_discount", "target_normalization",
    "mean_centring", "recency_half_life_days", "event_weights", "direction",
  ]

  /// Reads settings by their snake-case names; one that is not given keeps its profile's default.
  ///
  /// `event_weights` is text like `view=0.1,purchase=1`.
  ///
  /// - Parameter values: the settings; other names are left alone.
  /// - Throws: ``ModelError/invalidSetting(name:value:expected:)``.
  public init(values: [String: ConfigurationValue]) throws(ModelError) {
    self.init(profile: try Self.choice("profile", values) ?? .bank)
    similarity = try Self.choice("similarity", values) ?? similarity
    direction = try Self.choice("direction", values) ?? direction
    minimumCointeractionCount =
      try values.integer("min_cointeraction_count") ?? minimumCointeractionCount
    neighbourLimit = try values.integer("neighbour_limit") ?? neighbourLimit
    for (name, path) in Self.numbers {
      if let number = try values.number(name) { self[keyPath: path] = number }
    }
    if let value = values["mean_centring"] {
      guard case .flag(let flag) = value else {
        throw .invalidSetting(
          name: "mean_centring", value: value.description, expected: "true or false")
      }
      isMeanCentred = flag
    }
    if let value = values["event_weights"] { eventWeights = try Self.weights(value) }
    try validate()
  }

  /// All settings by name, such that reading them gives these settings again.
  var values: [String: ConfigurationValue] {
    var values: [String: ConfigurationValue] = [
      "profile": .text(profile.rawValue), "similarity": .text(similarity.rawValue),
      "direction": .text(direction.rawValue), "mean_centring": .flag(isMeanCentred),
      "min_cointeraction_count": .integer(minimumCointeractionCount),
      "neighbour_limit": .integer(neighbourLimit),
    ]
    for (name, path) in Self.numbers { values[name] = .number(self[keyPath: path]) }
    if !eventWeights.isEmpty {
      let pairs = eventWeights.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      values["event_weights"] = .text(pairs.joined(separator: ","))
    }
    return values
  }

  private static var numbers: [(String, WritableKeyPath<Self, Double>)] {
    [
      ("popularity_discount_factor", \.popularityDiscountFactor),
      ("min_user_history_length_percentile", \.minimumUserHistoryLengthPercentile),
      ("max_user_history_length_percentile", \.maximumUserHistoryLengthPercentile),
      ("min_item_interaction_count_percentile", \.minimumItemInteractionCountPercentile),
      ("max_item_interaction_count_percentile", \.maximumItemInteractionCountPercentile),
      ("history_length_discount", \.historyLengthDiscount),
      ("target_normalization", \.targetNormalization),
      ("recency_half_life_days", \.recencyHalfLifeDays),
    ]
  }

  private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ name: String, _ values: [String: ConfigurationValue]
  ) throws(ModelError) -> Choice? {
    guard let value = values[name] else { return nil }
    guard let choice = Choice(rawValue: value.description) else {
      throw .invalidSetting(
        name: name, value: value.description,
        expected: "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return choice
  }

  private static func weights(_ value: ConfigurationValue) throws(ModelError) -> [String: Double] {
    var weights: [String: Double] = [:]
    for pair in value.description.split(separator: ",") {
      let parts = pair.split(separator: "=")
      guard parts.count == 2, let weight = Double(parts[1]), weight.isFinite else {
        throw .invalidSetting(
          name: "event_weights", value: value.description,
          expected: "pairs like view=0.1,purchase=1")
      }
      weights[String(parts[0])] = weight
    }
    return weights
  }
}
