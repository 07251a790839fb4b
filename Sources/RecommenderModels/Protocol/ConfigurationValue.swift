/// One setting of a model, as it stands in the manifest's JSON.
public enum ConfigurationValue: Codable, Equatable, Sendable {
  /// A switch.
  case flag(Bool)
  /// A whole number.
  case integer(Int)
  /// A number.
  case number(Double)
  /// Text.
  case text(String)

  /// Whether two values mean the same: JSON does not tell 200 from 200.0, so neither does this.
  public static func == (left: ConfigurationValue, right: ConfigurationValue) -> Bool {
    switch (left, right) {
    case (.flag(let left), .flag(let right)): left == right
    case (.text(let left), .text(let right)): left == right
    default: left.number != nil && left.number == right.number
    }
  }

  /// Reads a JSON scalar.
  ///
  /// - Parameter decoder: the decoder.
  /// - Throws: what the decoder throws for anything but a scalar.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let flag = try? container.decode(Bool.self) {
      self = .flag(flag)
    } else if let integer = try? container.decode(Int.self) {
      self = .integer(integer)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else {
      self = .text(try container.decode(String.self))
    }
  }

  /// Writes a JSON scalar.
  ///
  /// - Parameter encoder: the encoder.
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .flag(let flag): try container.encode(flag)
    case .integer(let integer): try container.encode(integer)
    case .number(let number): try container.encode(number)
    case .text(let text): try container.encode(text)
    }
  }

  /// The value as a number; nil for text and switches.
  public var number: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    case .flag, .text: nil
    }
  }

  /// The value as a whole number; nil for anything else.
  public var integer: Int? {
    switch self {
    case .integer(let integer): integer
    case .number(let number): Int(exactly: number)
    case .flag, .text: nil
    }
  }
}

extension ConfigurationValue: CustomStringConvertible {
  /// The value as text.
  public var description: String {
    switch self {
    case .flag(let flag): "\(flag)"
    case .integer(let integer): "\(integer)"
    case .number(let number): "\(number)"
    case .text(let text): text
    }
  }

  /// Reads what a user typed: a whole number, a number, `true` or `false`, or text.
  public init(typed text: String) {
    if let integer = Int(text) {
      self = .integer(integer)
    } else if let number = Double(text) {
      self = .number(number)
    } else if let flag = Bool(text) {
      self = .flag(flag)
    } else {
      self = .text(text)
    }
  }
}

extension [String: ConfigurationValue] {
  /// The whole number of a setting; nil when it is not given.
  func integer(_ name: String) throws(ModelError) -> Int? {
    guard let value = self[name] else { return nil }
    guard let integer = value.integer else {
      throw .invalidSetting(name: name, value: value.description, expected: "a whole number")
    }
    return integer
  }

  /// The number of a setting; nil when it is not given.
  func number(_ name: String) throws(ModelError) -> Double? {
    guard let value = self[name] else { return nil }
    guard let number = value.number, number.isFinite else {
      throw .invalidSetting(name: name, value: value.description, expected: "a number")
    }
    return number
  }
}
