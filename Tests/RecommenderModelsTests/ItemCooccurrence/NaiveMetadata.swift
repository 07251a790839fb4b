internal import Foundation
internal import InteractionData
internal import TensorFiles

/// Similarity by metadata by its definition: sets of strings, every pair, no index.
struct NaiveMetadata {
  let itemCounts: [UInt32]
  private let sets: [[Set<String>]]
  private let numbers: [[Float]]

  init(texts: [[String?]], numbers: [[Float]], itemCounts: [UInt32]) {
    self.itemCounts = itemCounts
    self.numbers = numbers
    sets = texts.map { column in
      column.map { text in
        Set(
          (text ?? "").split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty })
      }
    }
  }

  private var itemCount: Int { itemCounts.count }

  /// What each column says of a pair; nil where it says nothing of the first.
  private func match(sets: [Set<String>], _ first: Int, _ second: Int) -> Double? {
    let known = sets.count { !$0.isEmpty }
    func count(_ category: String) -> Int { sets.count { $0.contains(category) } }
    func weight(_ categories: Set<String>) -> Double {
      categories.reduce(0) { $0 + log(Double(known) / Double(count($1))) }
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
      sets.compactMap { match(sets: $0, first, second) }
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
