extension HRNNConfiguration {
  /// A setting: its name on the wire, where it lies, and what it may be.
  enum Field {
    case integer(String, WritableKeyPath<HRNNConfiguration, Int>, ClosedRange<Int>)
    case number(
      String, WritableKeyPath<HRNNConfiguration, Double>, ClosedRange<Double>)
    case flag(String, WritableKeyPath<HRNNConfiguration, Bool>)
    /// One of a few words: how to read the setting, and how to set it; false for another word.
    case choice(
      String, words: [String], get: (HRNNConfiguration) -> String,
      set: (inout HRNNConfiguration, String) -> Bool)

    var name: String {
      switch self {
      case .integer(let name, _, _), .number(let name, _, _), .flag(let name, _),
        .choice(let name, _, _, _):
        name
      }
    }

    static func choice<Value: RawRepresentable & CaseIterable>(
      _ name: String, _ path: WritableKeyPath<HRNNConfiguration, Value>
    ) -> Field where Value.RawValue == String {
      .choice(
        name, words: Value.allCases.map(\.rawValue), get: { $0[keyPath: path].rawValue },
        set: { settings, word in
          guard let value = Value(rawValue: word) else { return false }
          settings[keyPath: path] = value
          return true
        })
    }
  }

  /// Every setting, in the order of the declarations.
  static var fields: [Field] {
    [
      .integer("hidden_dimension", \.hiddenDimension, 32...256),
      .integer("session_hidden_dimension", \.sessionHiddenDimension, 8...256),
      .integer("embedding_dimension", \.embeddingDimension, 8...256),
      .integer("attribute_dimension", \.attributeDimension, 4...256),
      .flag("reads_metadata", \.readsMetadata),
      .integer("levels", \.levels, 1...2),
      .choice("user_propagation", \.userPropagation),
      .integer("bptt", \.bptt, 2...32),
      .integer("epochs", \.epochs, 1...1000),
      .integer("batch_size", \.batchSize, 16...8192),
      .number("learning_rate", \.learningRate, 1e-9...1),
      .number("weight_decay", \.weightDecay, 0...100),
      .number("gradient_clip", \.gradientClip, 1e-9...1e9),
      .number("dropout", \.dropout, 0...0.9),
      .number("min_user_history_length_percentile", \.minUserHistoryLengthPercentile, 0...1),
      .number("max_user_history_length_percentile", \.maxUserHistoryLengthPercentile, 0...1),
      .flag("recency_mask", \.recencyMask),
      .number("recency_half_life_months", \.recencyHalfLifeMonths, 0.1...1000),
      .number("validation_share", \.validationShare, 0...0.5),
      .choice("validation_split", \.validationSplit),
      .integer("early_stopping_patience", \.earlyStoppingPatience, 0...1000),
      .integer("seeds", \.seeds, 1...HRNNConfiguration.seedLimit),
      .number("ranking_loss_weight", \.rankingLossWeight, 0...100),
      .number("hazard_loss_weight", \.hazardLossWeight, 0...100),
      .integer("session_gap_seconds", \.sessionGapSeconds, 1...31_536_000),
      .integer("event_limit", \.eventLimit, 2...1000),
      .choice("loss", \.loss),
      .integer("negative_samples", \.negativeSamples, 16...65_536),
      .flag("mixes_transitions", \.mixesTransitions),
    ]
  }

  /// The names of all settings in snake case, in the order of their declarations.
  public static var settingNames: [String] { fields.map(\.name) }

  /// The settings as the manifest shows them.
  public var values: [String: ConfigurationValue] {
    var values: [String: ConfigurationValue] = [:]
    for field in Self.fields {
      switch field {
      case .integer(let name, let path, _): values[name] = .integer(self[keyPath: path])
      case .number(let name, let path, _): values[name] = .number(self[keyPath: path])
      case .flag(let name, let path): values[name] = .flag(self[keyPath: path])
      case .choice(let name, _, let get, _): values[name] = .text(get(self))
      }
    }
    return values
  }

  /// Reads settings by their snake-case names; one that is not given keeps its default.
  ///
  /// Names that are no settings of this recipe are left alone: manifests hold more than settings.
  ///
  /// - Parameter values: the settings.
  /// - Throws: ``ModelError/invalidSetting(name:value:expected:)`` for a wrong type or range.
  public init(values: [String: ConfigurationValue]) throws(ModelError) {
    self.init()
    for field in Self.fields {
      guard let value = values[field.name] else { continue }
      switch field {
      case .integer(let name, let path, let range):
        guard let integer = value.integer else {
          throw Self.invalid(name, value, "a whole number in \(range)")
        }
        self[keyPath: path] = integer
      case .number(let name, let path, let range):
        guard let number = value.number else { throw Self.invalid(name, value, "in \(range)") }
        self[keyPath: path] = number
      case .flag(let name, let path):
        guard case .flag(let flag) = value else {
          throw Self.invalid(name, value, "true or false")
        }
        self[keyPath: path] = flag
      case .choice(let name, let words, _, let set):
        guard case .text(let word) = value, set(&self, word) else {
          throw Self.invalid(name, value, words.joined(separator: " or "))
        }
      }
    }
    try validate()
  }

  /// Checks every setting against its range.
  ///
  /// - Throws: ``ModelError/invalidSetting(name:value:expected:)`` for the first that does not fit.
  public func validate() throws(ModelError) {
    for field in Self.fields {
      switch field {
      case .integer(let name, let path, let range):
        let value = self[keyPath: path]
        if !range.contains(value) { throw Self.invalid(name, .integer(value), "in \(range)") }
      case .number(let name, let path, let range):
        let value = self[keyPath: path]
        if !range.contains(value) { throw Self.invalid(name, .number(value), "in \(range)") }
      case .flag, .choice: continue
      }
    }
    if selectsEpoch && validationShare == 0 {
      throw Self.invalid(
        "validation_share", .number(0), "above 0 where an epoch is chosen by validation")
    }
    if minUserHistoryLengthPercentile > maxUserHistoryLengthPercentile {
      throw Self.invalid(
        "min_user_history_length_percentile", .number(minUserHistoryLengthPercentile),
        "at most max_user_history_length_percentile (\(maxUserHistoryLengthPercentile))")
    }
    if rankingLossWeight == 0 && hazardLossWeight == 0 {
      throw Self.invalid("ranking_loss_weight", .number(0), "above 0 unless hazard_loss_weight is")
    }
  }

  private static func invalid(
    _ name: String, _ value: ConfigurationValue, _ expected: String
  ) -> ModelError {
    let text =
      switch value {
      case .flag(let flag): "\(flag)"
      case .integer(let integer): "\(integer)"
      case .number(let number): "\(number)"
      case .text(let text): "\"\(text)\""
      }
    return .invalidSetting(name: name, value: text, expected: expected)
  }
}
