internal import ArgumentParser
internal import Foundation
internal import Logging

/// How a log line is written.
enum LogFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
  /// `TIME LEVEL MESSAGE key=value …`
  case text
  /// One JSON object.
  case json
}

/// Writes each event as one line, with its metadata as `key=value` or JSON.
///
/// A line break inside a text is escaped, so that nobody can forge a line by what they send.
struct LineLogHandler: LogHandler {
  var logLevel = Logger.Level.info
  var metadata: Logger.Metadata = [:]
  private let format: LogFormat
  private let nowMilliseconds: @Sendable () -> Int64
  private let write: @Sendable (String) -> Void

  init(
    format: LogFormat, nowMilliseconds: @escaping @Sendable () -> Int64,
    write: @escaping @Sendable (String) -> Void
  ) {
    self.format = format
    self.nowMilliseconds = nowMilliseconds
    self.write = write
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
    let seconds = Double(nowMilliseconds()) / 1000
    let time = Date(timeIntervalSince1970: seconds).formatted(
      Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    switch format {
    case .text:
      let pairs = fields.map { "\($0.key)=\(Self.plain("\($0.value)"))" }
      let message = Self.escaped("\(event.message)")
      write(([time, "\(event.level)", message] + pairs).joined(separator: " "))
    case .json:
      let pairs =
        [("time", time), ("level", "\(event.level)"), ("message", "\(event.message)")]
        + fields.map { ($0.key, "\($0.value)") }
      write(
        "{" + pairs.map { "\(Self.quoted($0)):\(Self.quoted($1))" }.joined(separator: ",") + "}")
    }
  }

  /// A value as it is, or in quotes where its end could not be seen.
  private static func plain(_ value: String) -> String {
    let isPlain = value.unicodeScalars.allSatisfy {
      $0.value > 0x20 && $0 != "\"" && $0 != "=" && $0 != "\\" && $0.value != 0x7F
    }
    return isPlain && !value.isEmpty ? value : quoted(value)
  }

  private static func quoted(_ text: String) -> String { "\"\(escaped(text, quotes: true))\"" }

  /// As in a JSON string.
  private static func escaped(_ text: String, quotes: Bool = false) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\"" where quotes: result += "\\\""
      case "\\" where quotes: result += "\\\\"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        result += "\\u" + String(format: "%04x", scalar.value)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
