/// The first line of a CSV file.
enum HeaderLine {
  /// A line without its byte order mark and carriage return.
  static func trimmed(_ line: [UInt8]) -> [UInt8] {
    var line = line[...]
    if line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
    while let last = line.last, last == 0x0D || last == 0x0A { line = line.dropLast() }
    return Array(line)
  }

  /// The names of the columns, without quotes and surrounding spaces.
  ///
  /// - Throws: ``ImportError/tooManyColumns(file:actual:limit:)``,
  ///   ``ImportError/repeatedColumn(file:column:)``.
  static func names(_ line: [UInt8], file: String) throws(ImportError) -> [String] {
    var names: [String] = []
    var field: [UInt8] = []
    var quoted = false
    for byte in line {
      if byte == 0x22 {
        quoted.toggle()
      } else if byte == 0x2C && !quoted {
        names.append(name(field))
        field.removeAll(keepingCapacity: true)
      } else {
        field.append(byte)
      }
    }
    names.append(name(field))
    guard names.count <= InputLimits.columns else {
      throw .tooManyColumns(file: file, actual: names.count, limit: InputLimits.columns)
    }
    var seen: Set<String> = []
    for name in names where !name.isEmpty && !seen.insert(name).inserted {
      throw .repeatedColumn(file: file, column: name)
    }
    return names
  }

  private static func name(_ field: [UInt8]) -> String {
    var field = field[...]
    while field.first == 0x20 { field = field.dropFirst() }
    while field.last == 0x20 { field = field.dropLast() }
    return String(decoding: field, as: UTF8.self)
  }
}
