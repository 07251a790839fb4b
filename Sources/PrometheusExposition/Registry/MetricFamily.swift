/// What kind of numbers a family has.
public enum MetricKind: String, Sendable {
  /// Only grows, from 0 at the start.
  case counter
  /// Goes up and down.
  case gauge
  /// Counts of observations by size.
  case histogram
}

/// A name and a value that tell one series of a family from another.
public struct MetricLabel: Hashable, Comparable, Sendable {
  /// The name.
  public var name: String
  /// The value, any text.
  public var value: String

  /// Makes a label.
  public init(name: String, value: String) {
    self.name = name
    self.value = value
  }

  /// By name, then by value.
  public static func < (left: MetricLabel, right: MetricLabel) -> Bool {
    (left.name, left.value) < (right.name, right.value)
  }
}

/// One number of one series.
public struct MetricSample: Hashable, Sendable {
  /// The family's name, for a histogram with `_bucket`, `_sum` or `_count` behind it.
  public var name: String
  /// What tells it from others, by name.
  public var labels: [MetricLabel]
  /// The number.
  public var value: Double

  /// Makes a sample.
  public init(name: String, labels: [MetricLabel], value: Double) {
    self.name = name
    self.labels = labels
    self.value = value
  }
}

/// Everything of one name.
public struct MetricFamily: Hashable, Sendable {
  /// The name.
  public var name: String
  /// What it is, in a line; empty when nobody said.
  public var help: String
  /// What kind of numbers it has.
  public var kind: MetricKind
  /// Its numbers.
  public var samples: [MetricSample]

  /// Makes a family.
  public init(name: String, help: String, kind: MetricKind, samples: [MetricSample]) {
    self.name = name
    self.help = help
    self.kind = kind
    self.samples = samples
  }
}

/// Names as Prometheus allows them.
enum MetricName {
  /// `[a-zA-Z_:][a-zA-Z0-9_:]*`; whatever else is in a name becomes `_`.
  static func family(_ name: String) -> String { clean(name, allowsColon: true) }

  /// `[a-zA-Z_][a-zA-Z0-9_]*`.
  static func label(_ name: String) -> String { clean(name, allowsColon: false) }

  private static func clean(_ name: String, allowsColon: Bool) -> String {
    var bytes = name.utf8.map { byte -> UInt8 in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        byte
      case UInt8(ascii: ":") where allowsColon: byte
      default: UInt8(ascii: "_")
      }
    }
    if bytes.first.map({ $0 <= UInt8(ascii: "9") }) ?? true {
      bytes.insert(UInt8(ascii: "_"), at: 0)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
