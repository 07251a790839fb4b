internal import Foundation
public import InteractionData

/// A number for each of some customers and every item of a catalogue, read from a file.
///
/// The file is CSV: a header of any word and then identifiers of items, and lines of a customer's
/// identifier and a number for each of those items. Items that the header does not name have 0.
public struct CustomerItemTable: Sendable {
  /// What a number may be.
  public enum Range: Sendable {
    /// From 0 to 1.
    case probability
    /// Any finite number.
    case score
  }

  /// The customers, as indexes of the dataset, in the order of the file.
  public let customers: [UInt32]
  /// The numbers. `[customers, items]`, row-major
  public let values: [Float]
  /// The size of the catalogue.
  public let itemCount: Int
  /// Where each customer of the dataset stands in ``customers``; -1 for those who do not.
  let places: [Int32]

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - dataset: whose customers and items it speaks of.
  ///   - range: what its numbers may be.
  /// - Throws: ``EvaluationError`` with the line that cannot be used.
  public init(path: String, dataset: Dataset, range: Range) throws(EvaluationError) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw .unreadableFile(path: path)
    }
    var reader = Reader(path: path, dataset: dataset, range: range)
    var number = 0
    var failure: EvaluationError?
    data.withUnsafeBytes { bytes in
      for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
        number += 1
        let text = String(decoding: line, as: UTF8.self).trimmingCharacters(in: .whitespaces)
        if text.isEmpty { continue }
        do throws(EvaluationError) {
          try reader.read(text, line: number)
        } catch {
          failure = error
          return
        }
      }
    }
    if let failure { throw failure }
    guard !reader.customers.isEmpty else { throw .nobodyToEvaluate(reason: "\(path) has no rows") }
    customers = reader.customers
    values = reader.values
    itemCount = dataset.items.count
    places = reader.places
  }

  /// The numbers of the customer at a place of ``customers``.
  func row(_ place: Int) -> ArraySlice<Float> {
    values[place * itemCount..<(place + 1) * itemCount]
  }
}

extension CustomerItemTable {
  private struct Reader {
    let path: String
    let dataset: Dataset
    let range: Range
    var columns: [Int]?
    var customers: [UInt32] = []
    var values: [Float] = []
    var places: [Int32]

    init(path: String, dataset: Dataset, range: Range) {
      self.path = path
      self.dataset = dataset
      self.range = range
      places = [Int32](repeating: -1, count: dataset.customers.count)
    }

    mutating func read(_ text: String, line: Int) throws(EvaluationError) {
      let fields = text.split(separator: ",", omittingEmptySubsequences: false)
      guard let columns else {
        columns = try header(fields.dropFirst(), line: line)
        return
      }
      guard fields.count == columns.count + 1 else {
        throw .malformedLine(
          path: path, line: line,
          reason: "\(fields.count) fields, the header has \(columns.count + 1)")
      }
      guard let customer = dataset.customers.index(of: String(fields[0])) else {
        throw .unknownCustomer(path: path, line: line, customer: String(fields[0]))
      }
      guard places[customer] < 0 else {
        throw .malformedLine(
          path: path, line: line, reason: "customer \"\(fields[0])\" has a line already")
      }
      places[customer] = Int32(customers.count)
      customers.append(UInt32(customer))
      let base = values.count
      values.append(contentsOf: repeatElement(0, count: dataset.items.count))
      for (column, item) in columns.enumerated() {
        values[base + item] = try value(fields[column + 1], line: line)
      }
    }

    private func header(
      _ names: ArraySlice<Substring>, line: Int
    ) throws(EvaluationError) -> [Int] {
      var columns: [Int] = []
      for name in names {
        guard let item = dataset.items.identifiers.index(of: String(name)) else {
          throw .unknownItem(path: path, line: line, item: String(name), others: 0)
        }
        guard !columns.contains(item) else {
          throw .malformedLine(path: path, line: line, reason: "item \"\(name)\" has two columns")
        }
        columns.append(item)
      }
      guard !columns.isEmpty else {
        throw .malformedLine(path: path, line: line, reason: "the header names no item")
      }
      return columns
    }

    private func value(_ field: Substring, line: Int) throws(EvaluationError) -> Float {
      let number = Float(field)
      switch range {
      case .probability:
        if let number, number >= 0, number <= 1 { return number }
      case .score:
        if let number, number.isFinite { return number }
      }
      throw .malformedLine(
        path: path, line: line,
        reason: "\"\(field)\" is no "
          + (range == .probability ? "probability from 0 to 1" : "finite number"))
    }
  }
}
