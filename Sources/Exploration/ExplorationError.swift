/// What exploration refuses.
public enum ExplorationError: Error, Equatable, CustomStringConvertible {
  /// A context schema with too many attributes, or one with no or too many values.
  case invalidSchema(valueCounts: [Int])
  /// A setting outside its range.
  case invalidSetting(name: String, value: Double, expected: String)
  /// A request that does not fit the schema or a limit.
  case invalidRequest(String)
  /// What was learned is of another policy, or damaged.
  case unusableBeliefs

  /// One line that says what is wrong and what would be right.
  public var description: String {
    switch self {
    case .invalidSchema(let valueCounts):
      "a context of attributes with \(valueCounts) values; at most "
        + "\(ContextSchema.attributeLimit) attributes of 1 to \(ContextSchema.valueLimit) values"
    case .invalidSetting(let name, let value, let expected):
      "\(name) is \(value); it must be \(expected)"
    case .invalidRequest(let reason): reason
    case .unusableBeliefs: "what was learned is of another policy, or damaged"
    }
  }
}
