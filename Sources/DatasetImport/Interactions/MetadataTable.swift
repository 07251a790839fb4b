internal import InteractionData
internal import TensorFiles

/// The columns of a users or items file beside the identifier, before their types are known.
struct MetadataTable {
  let names: [String]
  /// The texts of each column.
  private var texts: [TextInterner]
  /// For each column the text of each of the file's rows.
  private var codes: [[UInt32]]
  /// The identifier, as a number of the joint interner, of each row.
  private(set) var identifiers: [Int] = []

  init(names: [String]) {
    self.names = names
    texts = names.map { _ in TextInterner() }
    codes = names.map { _ in [] }
  }

  mutating func add(identifier: Int, fields: [UnsafeBufferPointer<UInt8>]) {
    identifiers.append(identifier)
    for (column, field) in fields.enumerated() {
      codes[column].append(UInt32(texts[column].index(of: field)))
    }
  }

  /// The text of a column in a row.
  func text(column: Int, row: Int) -> ArraySlice<UInt8> { texts[column][Int(codes[column][row])] }

  /// The columns, a value for each identifier in its final order.
  ///
  /// A column is numeric when every value that is not empty is a number, else categorical.
  func columns(
    excluding excluded: Set<Int>, positions: [Int], warnings: inout [String], file: String
  ) -> [AttributeColumn] {
    var columns: [AttributeColumn] = []
    for (column, name) in names.enumerated() where !excluded.contains(column) {
      if let numbers = numbers(of: column) {
        columns.append(
          AttributeColumn(
            name: name, values: .numeric(spread(column, numbers, missing: .nan, positions))))
      } else if texts[column].count - 1 > AttributeColumn.categoryLimit {
        warnings.append(
          "\(file): column \(name) has more than \(AttributeColumn.categoryLimit) different values "
            + "and was left out")
      } else {
        columns.append(categorical(column, positions))
      }
    }
    return columns
  }

  /// The number of each text; nil when some text is none, or all are empty.
  private func numbers(of column: Int) -> [Float]? {
    var numbers: [Float] = []
    var isKnown = false
    for index in 0..<texts[column].count {
      let text = Array(texts[column][index])
      if text.isEmpty {
        numbers.append(.nan)
        continue
      }
      let number = text.withUnsafeBufferPointer { text -> Double? in
        guard let base = text.baseAddress else { return nil }
        var start = base
        var end = base + text.count
        FieldText.trim(&start, &end)
        return FieldText.decimal(start, end)
      }
      guard let number else { return nil }
      numbers.append(Float(number))
      isKnown = true
    }
    return isKnown ? numbers : nil
  }

  private func categorical(_ column: Int, _ positions: [Int]) -> AttributeColumn {
    let interner = texts[column]
    let sorted = (0..<interner.count).filter { !interner[$0].isEmpty }
      .sorted { interner[$0].lexicographicallyPrecedes(interner[$1]) }
    var final = [UInt16](repeating: AttributeColumn.missingCode, count: interner.count)
    for (code, index) in sorted.enumerated() { final[index] = UInt16(code) }
    return AttributeColumn(
      name: names[column],
      values: .categorical(
        codes: spread(column, final, missing: AttributeColumn.missingCode, positions),
        categories: sorted.map { String(decoding: interner[$0], as: UTF8.self) }))
  }

  private func spread<Value: BitwiseCopyable & Sendable>(
    _ column: Int, _ values: [Value], missing: Value, _ positions: [Int]
  ) -> Column<Value> {
    Column(count: positions.count) { destination in
      destination.update(repeating: missing)
      for (row, identifier) in identifiers.enumerated() {
        destination[positions[identifier]] = values[Int(codes[column][row])]
      }
    }
  }
}
