internal import InteractionData
internal import TensorFiles

/// Customers of a split parted by an attribute.
public struct CustomerGroups: Sendable {
  /// The most groups: the smaller categories beyond are put together.
  public static let groupLimit = 60
  /// The bands of a number, of about equal numbers of customers.
  public static let bandCount = 6

  /// The attribute.
  public let attribute: String
  /// The groups' names.
  public let names: [String]
  /// The group of each of the split's customers.
  public let codes: [UInt16]

  /// Parts customers by an attribute: a category each, or ``bandCount`` bands of a number.
  ///
  /// Bands are cut at quantiles of the dataset's customers, so that they are the same for every
  /// split of it; equal numbers are never parted. Customers of whom nothing is known are a group.
  ///
  /// - Parameters:
  ///   - attribute: the attribute's name.
  ///   - split: the split.
  /// - Throws: ``EvaluationError/unknownAttribute(name:available:)``.
  public init(attribute: String, of split: EvaluationSplit) throws(EvaluationError) {
    let table = split.visible.customerAttributes
    guard let column = table.column(attribute) else {
      throw .unknownAttribute(name: attribute, available: table.columns.map(\.name))
    }
    self.attribute = attribute
    switch column.values {
    case .categorical(let codes, let categories):
      var sizes = [Int](repeating: 0, count: categories.count)
      for code in codes.buffer where code != AttributeColumn.missingCode { sizes[Int(code)] += 1 }
      let bySize = sizes.indices.sorted { (sizes[$1], $0) < (sizes[$0], $1) }
      let kept = bySize.prefix(Self.groupLimit - 2).sorted {
        Self.isBefore(categories[$0], categories[$1])
      }
      var groupOfCode = [UInt16](repeating: UInt16(kept.count), count: categories.count)
      for (group, code) in kept.enumerated() { groupOfCode[code] = UInt16(group) }
      names = kept.map { categories[$0] } + ["(other)", "(unknown)"]
      let unknown = UInt16(kept.count + 1)
      self.codes = split.customers.map { customer in
        let code = codes[Int(customer)]
        return code == AttributeColumn.missingCode ? unknown : groupOfCode[Int(code)]
      }
    case .numeric(let values):
      let known = values.buffer.filter { !$0.isNaN }.sorted()
      var starts: [Float] = []
      for band in 0..<Self.bandCount where !known.isEmpty {
        let start = known[band * known.count / Self.bandCount]
        if starts.last != start { starts.append(start) }
      }
      names =
        starts.enumerated().map { band, start in
          band + 1 < starts.count
            ? "\(Self.text(start)) to under \(Self.text(starts[band + 1]))"
            : "\(Self.text(start)) and more"
        } + ["(unknown)"]
      let unknown = UInt16(starts.count)
      codes = split.customers.map { customer in
        let value = values[Int(customer)]
        return value.isNaN
          ? unknown : UInt16(max(0, (starts.firstIndex { $0 > value } ?? starts.count) - 1))
      }
    }
  }

  /// Numbers by their value and before words, words by their letters.
  private static func isBefore(_ first: String, _ second: String) -> Bool {
    switch (Int(first), Int(second)) {
    case (let one?, let other?) where one != other: one < other
    case (.some, nil): true
    case (nil, .some): false
    default: first < second
    }
  }

  private static func text(_ value: Float) -> String {
    Int(exactly: value).map { "\($0)" } ?? "\(value)"
  }
}
