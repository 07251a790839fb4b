internal import ArgumentParser
internal import Foundation
internal import InteractionData
internal import LinearAlgebra
internal import RecommenderModels
internal import TensorFiles

/// How a batch of recommendations is written.
enum BatchFormat: String, CaseIterable, ExpressibleByArgument {
  case kaggle, csv, jsonl

  /// The most items a customer can get.
  static let kLimit = 500
}

/// An item whose identifier a format cannot tell from its neighbours.
struct UnseparableItem: Error, CustomStringConvertible {
  let item: String

  var description: String {
    "item \"\(item)\" has a space, comma, quote or line break in its identifier: "
      + "write --format csv or jsonl instead of kaggle"
  }
}

/// Writes ranked items of every customer, part by part, so that memory stays bounded.
struct BatchWriter {
  /// The customers ranked between two writes.
  private static let partSize = 1 << 16

  let path: String
  let format: BatchFormat
  let dataset: Dataset
  let k: Int

  func write(
    ranking: CustomerRanking, threadCount: Int, progress: (Double) -> Void
  ) throws {
    if format == .kaggle { try checkIdentifiers() }
    let temporary = "\(path).partial-\(getpid())"
    guard FileManager.default.createFile(atPath: temporary, contents: nil),
      let file = FileHandle(forWritingAtPath: temporary)
    else {
      throw TensorFileError.unwritable(path: path, reason: String(cString: strerror(errno)))
    }
    defer { try? FileManager.default.removeItem(atPath: temporary) }
    do {
      try file.write(contentsOf: Data(header.utf8))
      var text: [UInt8] = []
      for part in Parallel.chunks(of: dataset.customers.count, chunkSize: Self.partSize) {
        let lists = ranking.topItems(
          customers: part.map { UInt32($0) }, count: min(k, dataset.items.count),
          threadCount: threadCount)
        text.removeAll(keepingCapacity: true)
        for (position, customer) in part.enumerated() {
          append(
            customer: customer, items: lists[position], scores: lists.scores(of: position),
            to: &text)
        }
        try file.write(contentsOf: text)
        progress(Double(part.upperBound) / Double(dataset.customers.count))
      }
      try file.synchronize()
      try file.close()
    } catch {
      throw TensorFileError.unwritable(path: path, reason: error.localizedDescription)
    }
    guard rename(temporary, path) == 0 else {
      throw TensorFileError.unwritable(path: path, reason: String(cString: strerror(errno)))
    }
  }

  /// Kaggle's format sets items apart by spaces and quotes nothing.
  private func checkIdentifiers() throws {
    let separators: Set<UInt8> = [0x20, 0x2C, 0x22, 0x0A, 0x0D]
    for item in 0..<dataset.items.count
    where dataset.items.identifiers.utf8(at: item).contains(where: separators.contains) {
      throw UnseparableItem(item: dataset.items.identifiers[item])
    }
  }

  private var header: String {
    switch format {
    case .kaggle: "ncodpers,added_products\n"
    case .csv: "user_id,item_id,rank,score\n"
    case .jsonl: ""
    }
  }

  /// Adds the lines of one customer.
  private func append(
    customer: Int, items: UnsafeBufferPointer<UInt32>, scores: UnsafeBufferPointer<Float>,
    to text: inout [UInt8]
  ) {
    switch format {
    case .kaggle:
      text += Self.csv(dataset.customers[customer]).utf8
      text.append(0x2C)
      for (rank, item) in items.enumerated() {
        if rank > 0 { text.append(0x20) }
        text += dataset.items.identifiers.utf8(at: Int(item))
      }
      text.append(0x0A)
    case .csv:
      let identifier = Self.csv(dataset.customers[customer])
      for (rank, item) in items.enumerated() {
        let itemID = Self.csv(dataset.items.identifiers[Int(item)])
        text += "\(identifier),\(itemID),\(rank + 1),\(scores[rank])\n".utf8
      }
    case .jsonl:
      let object: [String: Any] = [
        "user_id": dataset.customers[customer],
        "items": items.map { dataset.items.identifiers[Int($0)] },
        "scores": scores.map { Double($0) },
      ]
      let options: JSONSerialization.WritingOptions = [.sortedKeys, .withoutEscapingSlashes]
      text += (try? JSONSerialization.data(withJSONObject: object, options: options)) ?? Data()
      text.append(0x0A)
    }
  }

  /// A field, quoted where a comma, a quote or a line break in it asks for that.
  private static func csv(_ field: String) -> String {
    let isPlain = !field.utf8.contains { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }
    return isPlain ? field : "\"" + field.replacing("\"", with: "\"\"") + "\""
  }
}
