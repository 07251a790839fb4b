/// The text exposition format of Prometheus, version 0.0.4.
///
/// See "Exposition formats", prometheus.io/docs/instrumenting/exposition_formats: a `# HELP` and a
/// `# TYPE` line for each family, then a line for each sample.
public enum MetricText {
  /// The media type of the format.
  public static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// Writes families in the order given.
  public static func format(_ families: [MetricFamily]) -> String {
    var text = ""
    for family in families where !family.samples.isEmpty {
      if !family.help.isEmpty { text += "# HELP \(family.name) \(escapedHelp(family.help))\n" }
      text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
      for sample in family.samples {
        text += sample.name
        if !sample.labels.isEmpty {
          let labels = sample.labels.map { "\($0.name)=\"\(escapedValue($0.value))\"" }
          text += "{" + labels.joined(separator: ",") + "}"
        }
        text += " " + number(sample.value) + "\n"
      }
    }
    return text
  }

  /// A number as short as it can be read back: whole ones without a point.
  public static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    // Beyond 2^53 not every whole number is a Double.
    if value.rounded() == value, abs(value) < 9_007_199_254_740_992 { return "\(Int64(value))" }
    return "\(value)"
  }

  private static func escapedHelp(_ text: String) -> String {
    escaped(text, quotes: false)
  }

  private static func escapedValue(_ text: String) -> String {
    escaped(text, quotes: true)
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
