internal import DatasetImport
internal import Foundation
internal import InteractionData
internal import TensorFiles

/// A file with a line per user: the user's number, then the numbers of the user's items, all from
/// 0 on and separated by spaces. Published splits of recommendation data come in this form.
struct UserItemLines {
  /// The largest number of a user or an item; memory grows with the largest one in the file.
  static let numberLimit = 10_000_000

  /// The items of each user, in the order of the file. `[users]`
  private(set) var itemsByUser: [[UInt32]] = []
  /// One more than the largest item.
  private(set) var itemCount = 0
  /// The number of user–item pairs.
  private(set) var pairCount = 0

  /// Reads a file.
  ///
  /// - Throws: `ImportError` with file and line.
  init(path: String) throws {
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw ImportError.unreadable(file: path, reason: error.localizedDescription)
    }
    for (index, line) in data.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
      try add(line, number: index + 1, path: path)
    }
    if pairCount == 0 { throw ImportError.emptyFile(file: path) }
  }

  private mutating func add(_ line: Data, number: Int, path: String) throws {
    var user: Int?
    for field in line.split(whereSeparator: { $0 == 32 || $0 == 9 || $0 == 13 }) {
      guard let value = Self.number(field) else {
        throw ImportError.unreadable(
          file: path,
          reason: "line \(number): '\(String(decoding: field, as: UTF8.self))' is no number from 0 "
            + "to \(Self.numberLimit); write a user's number and then item numbers on each line")
      }
      if let user {
        itemsByUser[user].append(UInt32(value))
        itemCount = max(itemCount, value + 1)
        pairCount += 1
      } else {
        user = value
        while itemsByUser.count <= value { itemsByUser.append([]) }
      }
    }
  }

  private static func number(_ field: Data) -> Int? {
    guard field.count <= 8 else { return nil }
    var value = 0
    for byte in field {
      guard (48...57).contains(byte) else { return nil }
      value = value * 10 + Int(byte - 48)
    }
    return value <= numberLimit ? value : nil
  }

  /// The pairs as interactions at one and the same time.
  ///
  /// - Parameter itemCount: the size of the catalogue, at least this file's.
  /// - Returns: the dataset; users and items are named by their numbers.
  func dataset(itemCount: Int) -> Dataset {
    var offsets: [UInt32] = [0]
    for items in itemsByUser { offsets.append(offsets[offsets.count - 1] + UInt32(items.count)) }
    return Dataset(
      customers: IdentifierTable(itemsByUser.indices.map { "\($0)" }),
      items: ItemCatalogue(identifiers: IdentifierTable((0..<itemCount).map { "\($0)" })),
      interactions: InteractionTable(
        offsets: Column(offsets), itemIndexes: Column(itemsByUser.flatMap { $0 }),
        timestamps: Column([Int64](repeating: 0, count: pairCount)),
        eventTypes: Column([UInt8](repeating: EventType.acquired, count: pairCount))),
      panel: nil)
  }
}
