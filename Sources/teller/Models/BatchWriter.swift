internal import ArgumentParser
internal import Foundation
internal import InteractionData
internal import LinearAlgebra
internal import RecommenderModels
internal import Synchronization
internal import TensorFiles

/// How a batch of recommendations is written.
enum BatchFormat: String, CaseIterable, ExpressibleByArgument {
  case kaggle, csv, jsonl

  /// The most items a customer can get.
  static let kLimit = 500
}

/// Writes ranked items of every customer, part by part, so that memory stays bounded.
struct BatchWriter {
  /// The customers ranked between two writes.
  private static let partSize = 1 << 16

  let path: String
  let format: BatchFormat
  let dataset: Dataset
  let k: Int

  init(path: String, format: BatchFormat, dataset: Dataset, k: Int) throws {
    self.path = path
    self.format = format
    self.dataset = dataset
    self.k = k
  }

  func write(
    ranking: CustomerRanking, threadCount: Int, progress: (Double) -> Void
  ) throws {
    let temporary = "\(path).partial-\(getpid())"
    guard FileManager.default.createFile(atPath: temporary, contents: nil),
      let file = FileHandle(forWritingAtPath: temporary)
    else {
      throw TensorFileError.unwritable(path: path, reason: String(cString: strerror(errno)))
    }
    defer { try? FileManager.default.removeItem(atPath: temporary) }
    do {
      try file.write(contentsOf: Data(header.utf8))
      for part in Parallel.chunks(of: dataset.customers.count, chunkSize: Self.partSize) {
        let lines = lines(of: part, ranking: ranking, threadCount: threadCount)
        for line in lines { try file.write(contentsOf: Data(line)) }
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

  private var header: String {
    switch format {
    case .kaggle: "ncodpers,added_products\n"
    case .csv: "user_id,item_id,rank,score\n"
    case .jsonl: ""
    }
  }

  /// The text of some customers, in pieces of customer order.
  private func lines(
    of part: Range<Int>, ranking: CustomerRanking, threadCount: Int
  ) -> [[UInt8]] {
    let customers = part.map { UInt32($0) }
    let texts = Mutex([[UInt8]](repeating: [], count: customers.count))
    ranking.forEach(customers: customers, threadCount: threadCount) { position, scores in
      withUnsafeTemporaryAllocation(of: UInt32.self, capacity: min(k, scores.count)) { places in
        let count = TopK.select(UnsafeBufferPointer(scores), into: places)
        let text = text(
          customer: part.lowerBound + position, items: places.prefix(count).map { Int($0) },
          scores: UnsafeBufferPointer(scores))
        texts.withLock { $0[position] = text }
      }
    }
    return texts.withLock { [Array($0.joined())] }
  }

  private func text(
    customer: Int, items: [Int], scores: UnsafeBufferPointer<Float>
  ) -> [UInt8] {
    let identifier = dataset.customers[customer]
    var text: [UInt8] = []
    switch format {
    case .kaggle:
      text += Self.csv(identifier).utf8
      text.append(0x2C)
      for (rank, item) in items.enumerated() {
        if rank > 0 { text.append(0x20) }
        text += dataset.items.identifiers.utf8(at: item)
      }
      text.append(0x0A)
    case .csv:
      for (rank, item) in items.enumerated() {
        let itemID = Self.csv(dataset.items.identifiers[item])
        text += "\(Self.csv(identifier)),\(itemID),\(rank + 1),\(scores[item])\n".utf8
      }
    case .jsonl:
      let object: [String: Any] = [
        "user_id": identifier, "items": items.map { dataset.items.identifiers[$0] },
        "scores": items.map { Double(scores[$0]) },
      ]
      let options: JSONSerialization.WritingOptions = [.sortedKeys, .withoutEscapingSlashes]
      text += (try? JSONSerialization.data(withJSONObject: object, options: options)) ?? Data()
      text.append(0x0A)
    }
    return text
  }

  /// A field, quoted where a comma, a quote or a line break in it asks for that.
  private static func csv(_ field: String) -> String {
    let isPlain = !field.utf8.contains { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }
    return isPlain ? field : "\"" + field.replacing("\"", with: "\"\"") + "\""
  }
}
