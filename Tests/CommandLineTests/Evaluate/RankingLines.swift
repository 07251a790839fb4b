internal import Foundation
internal import Testing

/// One line of `teller evaluate --dump`.
struct RankingLine: Decodable {
  let model: String
  let targetMonth: String
  let userId: String
  let items: [String]
  let relevant: [String]

  /// Reads a dump.
  static func read(_ path: String) throws -> [RankingLine] {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
      try decoder.decode(RankingLine.self, from: Data($0.utf8))
    }
  }
}

/// The metrics once more, from nothing but a dump's lines of one model.
struct RecomputedFigures {
  private let lines: [RankingLine]
  private let adders: [RankingLine]

  init(_ lines: [RankingLine]) {
    self.lines = lines
    adders = lines.filter { !$0.relevant.isEmpty }
  }

  /// A figure by its name in the JSON object; nil where the name is not one of a metric's.
  func value(_ name: String) -> Double? {
    let parts = name.components(separatedBy: "_at_")
    guard parts.count == 2, let k = Int(parts[1]) else { return nil }
    let sum = adders.reduce(0) { $0 + Self.value(parts[0], $1, k) }
    return sum / Double(max(parts[0] == "map" ? lines.count : adders.count, 1))
  }

  /// The share of a catalogue that stands in somebody's first k places.
  func coverage(k: Int, catalogue: Int) -> Double {
    Double(Set(lines.flatMap { $0.items.prefix(k) }).count) / Double(catalogue)
  }

  /// Of all first k places, the share of each item.
  func exposure(k: Int) -> [String: Double] {
    let shown = lines.flatMap { $0.items.prefix(k) }
    return Dictionary(grouping: shown) { $0 }.mapValues { Double($0.count) / Double(shown.count) }
  }

  private static func value(_ kind: String, _ line: RankingLine, _ k: Int) -> Double {
    let isHit = line.items.prefix(k).map { line.relevant.contains($0) }
    let ranks = isHit.indices.filter { isHit[$0] }.map { $0 + 1 }
    let relevant = line.relevant.count
    func gain(_ rank: Int) -> Double { log(2) / log(Double(rank) + 1) }
    return switch kind {
    case "map", "adders_map":
      ranks.enumerated().reduce(0) { $0 + Double($1.offset + 1) / Double($1.element) }
        / Double(min(k, relevant))
    case "recall": Double(ranks.count) / Double(relevant)
    case "precision": Double(ranks.count) / Double(k)
    case "hit_rate": ranks.isEmpty ? 0 : 1
    case "mrr": ranks.first.map { 1 / Double($0) } ?? 0
    case "ndcg":
      ranks.reduce(0) { $0 + gain($1) } / (1...min(k, relevant)).reduce(0) { $0 + gain($1) }
    default: .nan
    }
  }
}
