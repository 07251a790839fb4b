internal import InteractionData
internal import TensorFiles
internal import TestSupport

@testable internal import DatasetImport

/// The plainest reading of a panel file without faulty rows, to compare the fast reader with.
struct NaivePanelReader {
  private struct Row {
    let customer: Int
    let month: Month
    let held: UInt64
    let isActive: Bool
    let fields: [String: String]
  }

  let result: DatasetText

  init(_ text: String) throws {
    let lines = text.split(whereSeparator: \.isNewline).map { Self.fields(String($0)) }
    let header = lines[0]
    let products = header.filter { $0.hasPrefix("ind_") && $0.hasSuffix("_ult1") }
    let rows = lines.dropFirst().map { line -> Row in
      let fields = Dictionary(uniqueKeysWithValues: zip(header, line))
      var held: UInt64 = 0
      for (bit, product) in products.enumerated() where Double(fields[product] ?? "") == 1 {
        held |= 1 << UInt64(bit)
      }
      return Row(
        customer: Int(fields["ncodpers"] ?? "") ?? -1,
        month: Month(fields["fecha_dato"] ?? "") ?? Month(number: 0), held: held,
        isActive: Double(fields["ind_actividad_cliente"] ?? "") == 1, fields: fields)
    }
    let histories = Dictionary(grouping: rows, by: \.customer)
      .mapValues { $0.sorted { $0.month < $1.month } }
    let customers = histories.keys.sorted()
    var events: [String] = []
    var months: [String] = []
    for customer in customers {
      let history = histories[customer] ?? []
      for (index, row) in history.enumerated() {
        months.append(
          "\(customer) \(row.month) \(String(row.held, radix: 2)) \(row.isActive ? 1 : 0)")
        let before = index > 0 ? history[index - 1] : nil
        for (bit, product) in products.enumerated() {
          let now = row.held >> UInt64(bit) & 1 == 1
          let was = (before?.held ?? 0) >> UInt64(bit) & 1 == 1
          let gained = before == nil ? "opening" : "acquired"
          let type = now && !was ? gained : was && !now ? "dropped" : nil
          if let type {
            events.append("\(customer) \(row.month.secondsSince1970(day: 28)) \(type) \(product)")
          }
        }
      }
    }
    let known = customers.map { histories[$0] ?? [] }.map { Self.newest($0.map(\.fields)) }
    var text = DatasetText(
      Dataset(
        customers: IdentifierTable(customers.map(String.init)),
        items: ItemCatalogue(identifiers: IdentifierTable(products)),
        interactions: InteractionTable(
          offsets: .init([UInt32](repeating: 0, count: customers.count + 1)),
          itemIndexes: .init([]), timestamps: .init([]), eventTypes: .init([])),
        panel: nil))
    text.names = products.map(SantanderColumns.displayName)
    text.events = events
    text.months = months
    text.attributes = Self.attributes(header, known)
    result = text
  }

  /// The newest known text of each column.
  private static func newest(_ rows: [[String: String]]) -> [String: String] {
    var known: [String: String] = [:]
    for row in rows {
      for (name, value) in row where !value.isEmpty && value != "NA" {
        if name == "antiguedad" && (Double(value) ?? 0) < 0 { continue }
        known[name] = value
      }
    }
    return known
  }

  private static func attributes(_ header: [String], _ known: [[String: String]]) -> [String] {
    var lines: [String] = []
    for column in SantanderColumns.categorical where header.contains(column.name) {
      let values = known.map { customer in
        customer[column.name].map {
          column.isNumberCode && $0.hasSuffix(".0") ? String($0.dropLast(2)) : $0
        }
      }
      let categories = Set(values.compactMap { $0 }).sorted {
        $0.utf8.lexicographicallyPrecedes($1.utf8)
      }
      let codes = values.map { value in
        value.flatMap { categories.firstIndex(of: $0) }.map { UInt16($0) }
          ?? AttributeColumn.missingCode
      }
      lines.append("\(column.name) \(codes) \(categories)")
    }
    for name in SantanderColumns.numeric where header.contains(name) {
      let values = known.map { customer in
        if name == "fecha_alta" {
          return customer[name].flatMap { Month($0) }.map { Float($0.number) } ?? .nan
        }
        return customer[name].flatMap { Double($0) }.map { Float($0) } ?? .nan
      }
      lines.append("\(name) \(values)")
    }
    return lines
  }

  private static func fields(_ line: String) -> [String] {
    csvFields(line).map { field in
      var field = Substring(field)
      while field.first == " " { field = field.dropFirst() }
      while field.last == " " { field = field.dropLast() }
      return String(field)
    }
  }
}
