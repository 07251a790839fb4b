internal import Foundation
internal import TensorFiles

/// Where commands print: results on stdout, everything passing on stderr.
enum CommandOutput {
  /// Prints a line of results.
  ///
  /// A reader that has gone away, as `head` does, is no reason to stop what is under way.
  static func line(_ text: String = "") {
    try? FileHandle.standardOutput.write(contentsOf: Data((text + "\n").utf8))
  }

  /// Prints a line about what goes on.
  static func note(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
  }

  /// Prints one JSON object on a line of its own, keys in alphabetical order.
  static func json(_ object: [String: Any]) throws {
    let data = try JSONSerialization.data(
      withJSONObject: object.mapValues(finite), options: [.sortedKeys, .withoutEscapingSlashes])
    do {
      try FileHandle.standardOutput.write(contentsOf: data + Data("\n".utf8))
    } catch {
      throw TensorFileError.unwritable(
        path: "standard output", reason: error.localizedDescription)
    }
  }

  /// JSON has no infinity and no NaN.
  private static func finite(_ value: Any) -> Any {
    if let number = value as? Double, !number.isFinite { return NSNull() }
    if let object = value as? [String: Any] { return object.mapValues(finite) }
    return value
  }

  /// A number with thousands set apart.
  static func grouped(_ number: Int) -> String {
    var digits = String(abs(number))
    var groups: [String] = []
    while digits.count > 3 {
      groups.insert(String(digits.suffix(3)), at: 0)
      digits.removeLast(3)
    }
    groups.insert(digits, at: 0)
    return (number < 0 ? "-" : "") + groups.joined(separator: ",")
  }

  /// A number with a fixed number of decimals.
  static func fixed(_ number: Double, _ decimals: Int) -> String {
    String(format: "%.\(decimals)f", number)
  }

  /// A number with three significant digits, for what may be as small as a millionth.
  static func significant(_ number: Double) -> String { String(format: "%.3g", number) }
}
