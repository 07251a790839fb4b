internal import Foundation
internal import InteractionData
internal import TensorFiles

/// Similarity by metadata by its definition: sets of strings, every pair, no index.
struct NaiveMetadata {
  let texts: [[String?]]
  let numbers: [[Float]]
  let itemCounts: [UInt32]

  private var itemCount: Int { itemCounts.count }

  private func set(_ text: String?) -> Set<String> {
    Set(
      (text ?? "").split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        .filter { !$0.isEmpty })
  }

  /// What each column says of a pair; nil where it says nothing of the first.
  private func match(texts column: [String?], _ first: Int, _ second: Int) -> Double? {
    let sets = column.map(set)
    let known = sets.count { !$0.isEmpty }
    var counts: [String: Int] = [:]
    for category in sets.joined() { counts[category, default: 0] += 1 }
    guard counts.values.contains(where: { $0 > 1 && $0 < known }) else { return nil }
    func weight(_ categories: Set<String>) -> Double {
      categories.reduce(0) { $0 + log(Double(known) / Double(counts[$1] ?? 1)) }
    }
    guard weight(sets[first]) > 0 else { return nil }
    let union = weight(sets[first].union(sets[second]))
    return sets[second].isEmpty
      ? 0 : weight(sets[first].intersection(sets[second])) / union
  }

  private func match(numbers column: [Float], _ first: Int, _ second: Int) -> Double? {
    let known = column.filter(\.isFinite).map { Double($0) }
    guard known.count > 1, column[first].isFinite else { return nil }
    let mean = known.reduce(0, +) / Double(known.count)
    let variance = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(known.count)
    guard variance > 0 else { return nil }
    guard column[second].isFinite else { return 0 }
    return 1 / (1 + abs(Double(column[first]) - Double(column[second])) / variance.squareRoot())
  }

  /// The similarity of an item to another.
  func similarity(_ first: Int, _ second: Int) -> Double {
    let matches =
      texts.compactMap { match(texts: $0, first, second) }
      + numbers.compactMap { match(numbers: $0, first, second) }
    return matches.isEmpty ? 0 : matches.reduce(0, +) / Double(matches.count)
  }

  /// The most alike items, best first.
  func best(_ item: Int, limit: Int) -> [(item: Int, weight: Float)] {
    let all = (0..<itemCount).filter { $0 != item }.map {
      (item: $0, weight: Float(similarity(item, $0)))
    }
    return Array(
      all.filter { $0.weight > 0 }.sorted {
        ($1.weight, itemCounts[$1.item], $0.item) < ($0.weight, itemCounts[$0.item], $1.item)
      }.prefix(limit))
  }
}
