internal import InteractionData
internal import TensorFiles

/// An encoding bound to the columns of one dataset.
///
/// A column that the dataset lacks, or has with another type, counts as missing for everyone.
struct AttributeEncoder: Sendable {
  private struct NumericColumn {
    let rule: AttributeEncoding.Numeric
    let values: Column<Float>?
    let offset: Int
  }

  private struct CategoricalColumn {
    let codes: Column<UInt16>?
    /// The places of each of the dataset's codes, counted from the column's first; at last the
    /// place of what is not known.
    let places: [[Int32]]
    let offset: Int
  }

  let width: Int
  private let numeric: [NumericColumn]
  private let categorical: [CategoricalColumn]

  /// The farthest a standard score goes.
  static let scoreLimit: Float = 5

  init(_ encoding: AttributeEncoding, table: AttributeTable) {
    var offset = 0
    numeric = encoding.numeric.map { rule in
      defer { offset += rule.width }
      var values: Column<Float>?
      if case .numeric(let column)? = table.column(rule.name)?.values { values = column }
      return NumericColumn(rule: rule, values: values, offset: offset)
    }
    categorical = encoding.categorical.map { rule in
      defer { offset += rule.width }
      var codes: Column<UInt16>?
      let unknown = Int32(rule.categories.count)
      var places = [[unknown]]
      if case .categorical(let column, let categories)? = table.column(rule.name)?.values {
        let known = Dictionary(
          zip(rule.categories, rule.categories.indices), uniquingKeysWith: { first, _ in first })
        codes = column
        places = categories.map { text in
          let parts = rule.isSplit == true ? AttributeEncoding.split(text) : [text]
          let found = Set(parts.map { known[$0].map { Int32($0) } ?? unknown })
          return found.isEmpty ? [unknown] : found.sorted()
        }
        places.append([unknown])
      }
      return CategoricalColumn(codes: codes, places: places, offset: offset)
    }
    width = offset
  }

  /// Writes a row's numbers.
  ///
  /// - Parameters:
  ///   - row: the row of the attributes, a customer's or an item's; nil when nothing is known of it.
  ///   - destination: `[width]`; every element is written.
  func encode(_ row: Int?, into destination: UnsafeMutablePointer<Float>) {
    destination.update(repeating: 0, count: width)
    forEachNumber(of: row) { destination[$0] = $1 }
  }

  /// Calls `write` with the place and the value of each number that may not be 0.
  @inline(__always)
  func forEachNumber(of row: Int?, _ write: (Int, Float) -> Void) {
    for column in numeric {
      var value = Float.nan
      if let row, let values = column.values, row < values.count { value = values[row] }
      Self.encode(value, column.rule) { write(column.offset + $0, $1) }
    }
    for column in categorical {
      var code = column.places.count - 1
      if let row, let codes = column.codes, row < codes.count { code = min(code, Int(codes[row])) }
      let places = column.places[code]
      let share = 1 / Float(places.count).squareRoot()
      for place in places { write(column.offset + Int(place), share) }
    }
  }

  @inline(__always)
  private static func encode(
    _ value: Float, _ rule: AttributeEncoding.Numeric, _ write: (Int, Float) -> Void
  ) {
    guard value.isFinite else {
      write(2, 1)
      return
    }
    func score(_ value: Float, _ mean: Float, _ scale: Float) -> Float {
      min(max((value - mean) / scale, -scoreLimit), scoreLimit)
    }
    let standard = score(value, rule.mean, rule.scale)
    write(0, standard)
    write(1, min(standard * standard, scoreLimit))
    var next = 3
    if let logarithm = rule.logarithm {
      let number = AttributeEncoding.signedLogarithm(value)
      write(next, score(number, logarithm.mean, logarithm.scale))
      next += 1
    }
    if !rule.bandEdges.isEmpty {
      write(next + (rule.bandEdges.firstIndex { value < $0 } ?? rule.bandEdges.count), 1)
    }
  }
}
