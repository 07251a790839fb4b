internal import InteractionData

/// Counts rejected rows and keeps the first reasons.
struct RejectionLog {
  private(set) var count = 0
  private(set) var reasons: [String] = []

  mutating func add(_ reader: RecordReader, column: String, reason: String) {
    count += 1
    guard reasons.count < ImportReport.reasonLimit else { return }
    reasons.append("\(reader.path):\(reader.line): \(column): \(reason)")
  }

  /// Rejects a record whose form is wrong; whether it was.
  mutating func rejectsForm(of reader: RecordReader) -> Bool {
    if case .textAfterQuote(let column) = reader.fault {
      let name = column < reader.names.count ? reader.names[column] : "column \(column + 1)"
      add(reader, column: name, reason: "text follows the closing quote")
      return true
    }
    guard reader.count != reader.names.count else { return false }
    add(
      reader, column: "column \(min(reader.count, reader.names.count) + 1)",
      reason: "the row has \(reader.count) fields, the header \(reader.names.count)")
    return true
  }

  /// Rejects a record whose identifier cannot be one; whether it was.
  mutating func rejectsIdentifier(
    _ identifier: UnsafeBufferPointer<UInt8>, _ reader: RecordReader, column: String
  ) -> Bool {
    let limit = IdentifierTable.identifierByteLimit
    if identifier.isEmpty {
      add(reader, column: column, reason: "the identifier is empty")
    } else if identifier.count > limit {
      add(
        reader, column: column,
        reason: "the identifier has \(identifier.count) bytes, at most \(limit) are accepted")
    } else if !Self.isUTF8(identifier) {
      add(reader, column: column, reason: "the identifier is not valid UTF-8")
    } else {
      return false
    }
    return true
  }

  private static func isUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var all: UInt8 = 0
    for byte in bytes { all |= byte }
    return all < 0x80 || String(validating: bytes, as: UTF8.self) != nil
  }
}

/// Reads whole seconds since 1970.
enum TimestampText {
  /// Larger numbers are milliseconds: as seconds they would lie beyond the year 5138.
  static let limit: Double = 100_000_000_000

  /// The seconds, or why the text is none.
  static func seconds(
    _ text: UnsafeBufferPointer<UInt8>
  ) -> (seconds: Int64, reason: String?) {
    guard let base = text.baseAddress else { return (0, "the time is empty") }
    var start = base
    var end = base + text.count
    FieldText.trim(&start, &end)
    guard let value = FieldText.decimal(start, end), value == value.rounded(), value >= 0 else {
      let shown = String(decoding: text.prefix(40), as: UTF8.self)
      return (0, "\"\(shown)\" is no whole number of seconds since 1970")
    }
    guard value <= limit else {
      return (0, "\(Int64(min(value, 9e18))) are milliseconds, expected seconds since 1970")
    }
    return (Int64(value), nil)
  }
}
