internal import InteractionData

/// What to do with each column of one file.
struct SantanderLayout {
  enum Kind: UInt8 { case skipped, date, customer, categorical, numeric, product }

  struct Action {
    var kind: Kind
    /// The index of the attribute among its kind, or the product's bit.
    var operand: UInt8
  }

  let columnNames: [String]
  let actions: [Action]
  /// The first column from which on all columns are products.
  let productTail: Int
  /// Products by bit, in the order of the first file.
  let products: [String]

  /// Matches a header by name; `first` is the first file's layout and name, whose products every
  /// other file must have.
  init(
    header: [UInt8], file: String, first: (layout: SantanderLayout, file: String)?
  ) throws(ImportError) {
    let names = try HeaderLine.names(header, file: file)
    let found = names.filter(SantanderColumns.isProduct)
    for required in [SantanderColumns.date, SantanderColumns.customer]
    where !names.contains(required) {
      throw .missingColumn(file: file, column: required)
    }
    guard !found.isEmpty else { throw .noProducts(file: file) }
    guard found.count <= HoldingsPanel.itemLimit else {
      throw .tooManyItems(file: file, actual: found.count, limit: HoldingsPanel.itemLimit)
    }
    let products = first?.layout.products ?? found
    if let first, let column = Set(found).symmetricDifference(products).min() {
      throw .productMismatch(file: file, column: column, firstFile: first.file)
    }
    actions = names.map { Self.action($0, products: products) }
    var tail = actions.count
    while tail > 0 && actions[tail - 1].kind == .product { tail -= 1 }
    productTail = tail
    columnNames = names
    self.products = products
  }

  private static func action(_ name: String, products: [String]) -> Action {
    if name == SantanderColumns.date { return Action(kind: .date, operand: 0) }
    if name == SantanderColumns.customer { return Action(kind: .customer, operand: 0) }
    if let index = SantanderColumns.categorical.firstIndex(where: { $0.name == name }) {
      return Action(kind: .categorical, operand: UInt8(index))
    }
    if let index = SantanderColumns.numeric.firstIndex(of: name) {
      return Action(kind: .numeric, operand: UInt8(index))
    }
    if let index = products.firstIndex(of: name) {
      return Action(kind: .product, operand: UInt8(index))
    }
    return Action(kind: .skipped, operand: 0)
  }
}
