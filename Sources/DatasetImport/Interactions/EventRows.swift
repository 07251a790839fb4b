internal import InteractionData

/// The rows of an interactions file in file order.
struct EventRows {
  var users = TextInterner()
  var items = TextInterner()
  private(set) var types = TextInterner()
  private(set) var userIndexes: [UInt32] = []
  private(set) var itemIndexes: [UInt32] = []
  private(set) var timestamps: [Int64] = []
  /// The text of each row's event type.
  private(set) var typeIndexes: [UInt32] = []
  private(set) var values: [Float] = []
  private(set) var hasValues = false

  private static let defaultType = "interaction"

  var count: Int { timestamps.count }

  private struct Columns {
    let user: Int
    let item: Int
    let timestamp: Int
    let type: Int?
    let value: Int?

    init(_ reader: RecordReader) throws(ImportError) {
      let names = reader.names.map { $0.uppercased() }
      func required(_ name: String) throws(ImportError) -> Int {
        guard let index = names.firstIndex(of: name) else {
          throw .missingColumn(file: reader.path, column: name)
        }
        return index
      }
      user = try required("USER_ID")
      item = try required("ITEM_ID")
      timestamp = try required("TIMESTAMP")
      type = names.firstIndex(of: "EVENT_TYPE")
      value = names.firstIndex(of: "EVENT_VALUE")
    }
  }

  /// Reads all rows of a file.
  mutating func read(
    path: String, log: inout RejectionLog, blockSize: Int,
    progress: (ImportProgress) -> Void
  ) throws(ImportError) {
    let reader = try RecordReader(path: path, blockSize: blockSize)
    let columns = try Columns(reader)
    var reported = 0
    while try reader.next() {
      if reader.bytesRead != reported {
        reported = reader.bytesRead
        progress(
          ImportProgress(bytesRead: reported, totalBytes: reader.byteCount, rows: count))
      }
      if log.rejectsForm(of: reader)
        || log.rejectsIdentifier(reader[columns.user], reader, column: "USER_ID")
        || log.rejectsIdentifier(reader[columns.item], reader, column: "ITEM_ID")
      {
        continue
      }
      add(reader, columns, &log)
    }
    guard count < Int(UInt32.max) else {
      throw .tooManyRows(actual: count, limit: Int(UInt32.max) - 1)
    }
  }

  private mutating func add(
    _ reader: RecordReader, _ columns: Columns, _ log: inout RejectionLog
  ) {
    let time = TimestampText.seconds(reader[columns.timestamp])
    if let reason = time.reason {
      return log.add(reader, column: "TIMESTAMP", reason: reason)
    }
    var value = Float.nan
    if let column = columns.value, let base = reader[column].baseAddress, !reader[column].isEmpty {
      guard let number = FieldText.decimal(base, base + reader[column].count) else {
        let text = String(decoding: reader[column].prefix(40), as: UTF8.self)
        return log.add(reader, column: "EVENT_VALUE", reason: "\"\(text)\" is no number")
      }
      value = Float(number)
      hasValues = true
    }
    if let column = columns.type, !reader[column].isEmpty {
      typeIndexes.append(UInt32(types.index(of: reader[column])))
    } else {
      var name = Self.defaultType
      typeIndexes.append(UInt32(name.withUTF8 { types.index(of: $0) }))
    }
    userIndexes.append(UInt32(users.index(of: reader[columns.user])))
    itemIndexes.append(UInt32(items.index(of: reader[columns.item])))
    timestamps.append(time.seconds)
    values.append(value)
  }
}
