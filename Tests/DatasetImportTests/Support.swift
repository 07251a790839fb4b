internal import Foundation
internal import InteractionData
internal import TensorFiles

@testable internal import DatasetImport

/// The public files that some tests read; they may not be copied into the package.
enum SharedData {
  static let santander: String = {
    var root = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { root.deleteLastPathComponent() }
    return root.deletingLastPathComponent().appendingPathComponent("shared/data/santander").path
  }()
  static var isPresent: Bool { FileManager.default.fileExists(atPath: santander) }
}

/// A folder that vanishes with the test.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "dataset-import-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String, _ text: String) throws -> String {
    try file(name, Data(text.utf8))
  }

  func file(_ name: String, _ data: Data) throws -> String {
    let path = "\(self.path)/\(name)"
    try data.write(to: URL(fileURLWithPath: path))
    return path
  }
}

/// A dataset in a form that compares and prints.
struct DatasetText: Equatable {
  var customers: [String]
  var items: [String]
  var names: [String]
  var events: [String]
  var months: [String]
  var attributes: [String]

  init(_ dataset: Dataset) {
    customers = dataset.customers.all
    items = dataset.items.identifiers.all
    names = dataset.items.names
    events = []
    months = []
    let table = dataset.interactions
    for customer in customers.indices {
      for row in table.rows(of: customer) {
        events.append(
          "\(customers[customer]) \(table.timestamps[row]) "
            + "\(table.eventTypeNames[Int(table.eventTypes[row])]) "
            + items[Int(table.itemIndexes[row])])
      }
      guard let panel = dataset.panel else { continue }
      for row in panel.rows(of: customer) {
        months.append(
          "\(customers[customer]) \(panel.firstMonth.advanced(by: Int(panel.monthIndexes[row]))) "
            + "\(String(panel.held[row], radix: 2)) \(panel.flags[row])")
      }
    }
    attributes = dataset.customerAttributes.columns.map { column in
      switch column.values {
      case .categorical(let codes, let categories):
        "\(column.name) \(codes.array) \(categories)"
      case .numeric(let numbers):
        "\(column.name) \(numbers.array)"
      }
    }
  }
}

extension Dataset {
  /// A text attribute of each customer, nil where it is not known.
  func texts(_ name: String) -> [String?] {
    guard case .categorical(let codes, let categories)? = customerAttributes.column(name)?.values
    else { return [] }
    return codes.array.map { $0 == AttributeColumn.missingCode ? nil : categories[Int($0)] }
  }

  /// A number attribute of each customer, nil where it is not known.
  func numbers(_ name: String) -> [Float?] {
    guard case .numeric(let numbers)? = customerAttributes.column(name)?.values else { return [] }
    return numbers.array.map { $0.isNaN ? nil : $0 }
  }
}
