internal import EventLog
internal import InteractionData
internal import TensorFiles

/// The dataset's catalogue with what was said of items since: its columns go on over the items that
/// were put, and what is new of them gets columns of its own.
enum GrownCatalogue {
  /// The column of a product's category.
  static let category = "CATEGORY"
  /// The column of a product's price.
  static let price = "PRICE"

  /// Makes the catalogue.
  ///
  /// - Parameters:
  ///   - items: the dataset's.
  ///   - described: items of the dataset that were described anew, by index.
  ///   - added: items that were put.
  /// - Returns: all of them; columns of equal names, whatever their case, are one.
  static func make(
    _ items: ItemCatalogue, described: [Int: StoredItem], added: [StoredItem]
  ) -> ItemCatalogue {
    let count = items.count + added.count
    var texts: [String: [Int: String]] = [:]
    let said = described.map { ($0, $1) } + added.enumerated().map { (items.count + $0, $1) }
    for (index, item) in said {
      for (name, text) in Self.texts(of: item) { texts[name, default: [:]][index] = text }
    }
    let replaced = Set(described.keys)
    var columns = items.attributes.columns.map { column in
      extend(
        column, count: count, replaced: replaced,
        with: texts.removeValue(forKey: column.name.uppercased()) ?? [:])
    }
    for (name, values) in texts.sorted(by: { $0.key < $1.key }) {
      columns.append(Self.column(name, values, count: count))
    }
    return ItemCatalogue(
      identifiers: IdentifierTable(items.identifiers.all + added.map(\.itemID)),
      attributes: AttributeTable(columns: columns))
  }

  /// What is known of an item, by upper-case name.
  private static func texts(of item: StoredItem) -> [String: String] {
    var texts = Dictionary(
      item.attributes.map { ($0.key.uppercased(), $0.value) }, uniquingKeysWith: { $1 })
    if !item.category.isEmpty { texts[category] = item.category }
    if let price = item.price { texts[Self.price] = "\(price)" }
    return texts
  }

  private static func extend(
    _ column: AttributeColumn, count: Int, replaced: Set<Int>, with texts: [Int: String]
  ) -> AttributeColumn {
    switch column.values {
    case .numeric(let numbers):
      var numbers = numbers.array + [Float](repeating: .nan, count: count - numbers.count)
      for index in replaced { numbers[index] = .nan }
      for (index, text) in texts { numbers[index] = Float(text) ?? .nan }
      return AttributeColumn(name: column.name, values: .numeric(Column(numbers)))
    case .categorical(let codes, let categories):
      let missing = AttributeColumn.missingCode
      var codes = codes.array + [UInt16](repeating: missing, count: count - codes.count)
      for index in replaced { codes[index] = missing }
      return categorical(column.name, &codes, categories, texts)
    }
  }

  /// A column of numbers when every text is one.
  private static func column(
    _ name: String, _ texts: [Int: String], count: Int
  ) -> AttributeColumn {
    if texts.values.allSatisfy({ Float($0)?.isFinite == true }) {
      var numbers = [Float](repeating: .nan, count: count)
      for (index, text) in texts { numbers[index] = Float(text) ?? .nan }
      return AttributeColumn(name: name, values: .numeric(Column(numbers)))
    }
    var codes = [UInt16](repeating: AttributeColumn.missingCode, count: count)
    return categorical(name, &codes, [], texts)
  }

  private static func categorical(
    _ name: String, _ codes: inout [UInt16], _ categories: [String], _ texts: [Int: String]
  ) -> AttributeColumn {
    var categories = categories
    var numbers = Dictionary(
      categories.enumerated().map { ($1, UInt16($0)) }, uniquingKeysWith: { first, _ in first })
    for (index, text) in texts.sorted(by: { $0.key < $1.key }) {
      if numbers[text] == nil, categories.count < AttributeColumn.categoryLimit {
        numbers[text] = UInt16(categories.count)
        categories.append(text)
      }
      codes[index] = numbers[text] ?? AttributeColumn.missingCode
    }
    return AttributeColumn(
      name: name, values: .categorical(codes: Column(codes), categories: categories))
  }
}
