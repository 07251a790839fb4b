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
    /// The place of each of the dataset's codes, counted from the column's first.
    let places: [Int32]
    let unknownPlace: Int
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
      var places: [Int32] = []
      if case .categorical(let column, let categories)? = table.column(rule.name)?.values {
        let known = Dictionary(
          zip(rule.categories, rule.categories.indices), uniquingKeysWith: { first, _ in first })
        codes = column
        places = categories.map { Int32(known[$0] ?? rule.categories.count) }
      }
      return CategoricalColumn(
        codes: codes, places: places, unknownPlace: rule.categories.count, offset: offset)
    }
    width = offset
  }

  /// Writes a customer's numbers.
  ///
  /// - Parameters:
  ///   - customer: the row of the attributes; nil when nothing is known of the customer.
  ///   - destination: `[width]`; every element is written.
  func encode(_ customer: Int?, into destination: UnsafeMutablePointer<Float>) {
    destination.update(repeating: 0, count: width)
    for column in numeric {
      var value = Float.nan
      if let customer, let values = column.values, customer < values.count {
        value = values[customer]
      }
      Self.encode(value, column.rule, into: destination + column.offset)
    }
    for column in categorical {
      var place = column.unknownPlace
      if let customer, let codes = column.codes, customer < codes.count {
        let code = Int(codes[customer])
        if code < column.places.count { place = Int(column.places[code]) }
      }
      destination[column.offset + place] = 1
    }
  }

  private static func encode(
    _ value: Float, _ rule: AttributeEncoding.Numeric,
    into destination: UnsafeMutablePointer<Float>
  ) {
    guard value.isFinite else {
      destination[2] = 1
      return
    }
    func score(_ value: Float, _ mean: Float, _ scale: Float) -> Float {
      min(max((value - mean) / scale, -scoreLimit), scoreLimit)
    }
    let standard = score(value, rule.mean, rule.scale)
    destination[0] = standard
    destination[1] = min(standard * standard, scoreLimit)
    var next = 3
    if let logarithm = rule.logarithm {
      destination[next] = score(
        AttributeEncoding.signedLogarithm(value), logarithm.mean, logarithm.scale)
      next += 1
    }
    if !rule.bandEdges.isEmpty {
      destination[next + (rule.bandEdges.firstIndex { value < $0 } ?? rule.bandEdges.count)] = 1
    }
  }
}
