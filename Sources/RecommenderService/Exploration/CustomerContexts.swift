internal import Exploration
internal import InteractionData
internal import TensorFiles

/// What exploration knows of a customer: a few attributes of the dataset, each as one of a few
/// values.
///
/// Of a bank's panel these are age, segment, activity and income; of other datasets the first
/// attributes of the users file. A number becomes its quarter among the customers, a category one of
/// the ``categoryLimit`` most frequent; all that is rarer, missing, or of a customer the dataset does
/// not know is one more value. Few values keep the beliefs small and let responses count.
struct CustomerContexts: Sendable {
  /// The most attributes.
  static let attributeLimit = 4
  /// The most categories of an attribute that are told apart.
  static let categoryLimit = 6
  /// The attributes that are taken first.
  static let preferredNames = ["age", "segmento", "ind_actividad_cliente", "renta"]

  fileprivate enum Attribute {
    /// The value of each code.
    case categorical(codes: AttributeColumn, values: [UInt8])
    /// The three bounds between quarters.
    case numeric(numbers: AttributeColumn, bounds: [Float])
  }

  let schema: ContextSchema
  private let valueCounts: [Int]
  /// What `fill` answers for the customers of the dataset, found out once. `[customers, attributes]`
  private let values: [UInt8]

  /// Chooses the attributes of a dataset.
  init(_ dataset: Dataset) {
    let columns = dataset.customerAttributes.columns
    let preferred = Self.preferredNames.compactMap { dataset.customerAttributes.column($0) }
    let others = columns.filter { !Self.preferredNames.contains($0.name) }
    var attributes: [Attribute] = []
    var counts: [Int] = []
    let chosen = preferred.isEmpty ? others : preferred
    for column in chosen where attributes.count < Self.attributeLimit {
      guard let (attribute, count) = Self.attribute(column) else { continue }
      attributes.append(attribute)
      counts.append(count + 1)
    }
    valueCounts = counts
    let customerCount = dataset.customers.count
    values = [UInt8](unsafeUninitializedCapacity: customerCount * counts.count) { values, count in
      for (place, attribute) in attributes.enumerated() {
        attribute.forEach(customerCount, unknown: UInt8(counts[place] - 1)) { customer, value in
          values[customer * counts.count + place] = value
        }
      }
      count = customerCount * counts.count
    }
    guard let schema = try? ContextSchema(valueCounts: counts) else {
      preconditionFailure("\(counts) values of \(Self.attributeLimit) attributes fit every schema")
    }
    self.schema = schema
  }

  /// Nil when the column tells no customers apart.
  private static func attribute(_ column: AttributeColumn) -> (Attribute, count: Int)? {
    switch column.values {
    case .categorical(let codes, let categories):
      var counts = [Int](repeating: 0, count: categories.count)
      for code in codes.buffer where Int(code) < counts.count { counts[Int(code)] += 1 }
      let frequent = counts.indices.filter { counts[$0] > 0 }
        .sorted { (counts[$1], $0) < (counts[$0], $1) }.prefix(categoryLimit)
      guard frequent.count > 1 else { return nil }
      var values = [UInt8](repeating: UInt8(frequent.count), count: categories.count)
      for (value, code) in frequent.enumerated() { values[code] = UInt8(value) }
      return (.categorical(codes: column, values: values), frequent.count)
    case .numeric(let numbers):
      let known = numbers.buffer.filter { $0.isFinite }.sorted()
      guard let first = known.first, let last = known.last, first < last else { return nil }
      let bounds = (1...3).map { known[known.count * $0 / 4] }
      return (.numeric(numbers: column, bounds: bounds), 4)
    }
  }

  /// Fills in what is known of a customer; nil for one the dataset does not know.
  func fill(_ customer: Int?, into context: inout [UInt8]) {
    context.removeAll(keepingCapacity: true)
    for place in valueCounts.indices {
      context.append(
        customer.map { values[$0 * valueCounts.count + place] } ?? UInt8(valueCounts[place] - 1))
    }
  }
}

extension CustomerContexts.Attribute {
  /// Tells the value of every customer.
  fileprivate func forEach(
    _ customerCount: Int, unknown: UInt8, _ body: (_ customer: Int, _ value: UInt8) -> Void
  ) {
    switch self {
    case .categorical(let column, let values):
      guard case .categorical(let codes, _) = column.values else { return }
      for customer in 0..<customerCount {
        let code = Int(codes[customer])
        body(customer, code < values.count ? values[code] : unknown)
      }
    case .numeric(let column, let bounds):
      guard case .numeric(let numbers) = column.values else { return }
      for customer in 0..<customerCount {
        let number = numbers[customer]
        body(customer, number.isFinite ? UInt8(bounds.count { $0 <= number }) : unknown)
      }
    }
  }
}
