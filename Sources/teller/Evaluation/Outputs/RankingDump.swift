internal import Foundation
internal import InteractionData
internal import OfflineEvaluation

/// The rankings of one model on one split, kept so that anyone can recompute the metrics.
final class RankingDump: @unchecked Sendable {
  private let name: String
  private let split: EvaluationSplit
  private let length: Int
  private let items: UnsafeMutableBufferPointer<UInt32>
  private let counts: UnsafeMutableBufferPointer<UInt32>

  init(name: String, split: EvaluationSplit, length: Int) {
    self.name = name
    self.split = split
    self.length = min(length, max(split.visible.items.count, 1))
    items = .allocate(capacity: split.customers.count * self.length)
    items.initialize(repeating: 0)
    counts = .allocate(capacity: split.customers.count)
    counts.initialize(repeating: 0)
  }

  deinit {
    items.deallocate()
    counts.deallocate()
  }

  /// Keeps a list; different positions may be kept from different threads.
  var keep: @Sendable (Int, UnsafeBufferPointer<UInt32>) -> Void {
    { [self] position, list in
      let count = min(list.count, length)
      counts[position] = UInt32(count)
      for rank in 0..<count { items[position * length + rank] = list[rank] }
    }
  }

  /// Writes JSON lines: `model`, `target_month`, `user_id`, `items` (best first), `relevant`.
  func write(to file: FileHandle) throws {
    let identifiers = split.visible.items.identifiers.all.map { Self.quoted($0) }
    let head = "{\"model\":\(Self.quoted(name)),\"target_month\":\"\(split.targetMonth)\","
    var text: [UInt8] = []
    for (position, customer) in split.customers.enumerated() {
      let user = Self.quoted(split.visible.customers[Int(customer)])
      let start = position * length
      let ranked = items[start..<start + Int(counts[position])]
      let range = split.relevantOffsets[position]..<split.relevantOffsets[position + 1]
      text += "\(head)\"user_id\":\(user),\"items\":[".utf8
      text += ranked.map { identifiers[Int($0)] }.joined(separator: ",").utf8
      text += "],\"relevant\":[".utf8
      text += split.relevantItems[range].map { identifiers[Int($0)] }.joined(separator: ",").utf8
      text += "]}\n".utf8
      if text.count > 1 << 20 {
        try file.write(contentsOf: text)
        text.removeAll(keepingCapacity: true)
      }
    }
    try file.write(contentsOf: text)
  }

  /// A JSON string.
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
