internal import Foundation
internal import InteractionData

/// Customers whose wishes are known: those of a truth file, who want what they take in the month
/// after the last, and cold products that everybody wants alike.
struct SimulatedBank {
  /// The probability that a customer takes a product of the truth file who looks at it.
  static let wantedChance = 0.25
  /// The probability of any other product of the dataset.
  static let otherChance = 0.02
  /// The probability that a product is looked at, by slot; later slots count as the last.
  static let examinations = [1.0, 0.7, 0.5, 0.4, 0.3]
  /// The probability that a product is turned down that was looked at and not taken.
  static let dismissalChance = 0.2

  /// A truth file that cannot be used.
  struct BadTruth: Error, CustomStringConvertible {
    let path: String
    let line: Int
    let reason: String
    var description: String { "\(path):\(line): \(reason)" }
  }

  /// What a customer did with a product.
  enum Reaction {
    case accepted, dismissed, silence
  }

  /// Identifiers of the customers, in the order of the file.
  let customers: [String]
  private let wanted: [Set<String>]
  private var taken: [Set<String>]
  private var chances: [String: Double] = [:]

  /// Reads a truth file as `teller generate --truth` writes it.
  ///
  /// - Throws: ``BadTruth``.
  init(truth path: String) throws {
    let text: String
    do {
      text = try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw BadTruth(path: path, line: 0, reason: "cannot be read: \(error.localizedDescription)")
    }
    var customers: [String] = []
    var wanted: [Set<String>] = []
    let lines = text.split(separator: "\n")
    guard lines.first == "ncodpers,added_products" else {
      throw BadTruth(path: path, line: 1, reason: "the first line is not ncodpers,added_products")
    }
    for (number, line) in lines.enumerated().dropFirst() {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      guard fields.count == 2, !fields[0].isEmpty else {
        throw BadTruth(path: path, line: number + 1, reason: "\(fields.count) fields, not 2")
      }
      customers.append(String(fields[0]))
      wanted.append(Set(fields[1].split(separator: " ").map(String.init)))
    }
    guard !customers.isEmpty else {
      throw BadTruth(path: path, line: 1, reason: "no customers; generate a bank with more")
    }
    self.customers = customers
    self.wanted = wanted
    taken = [Set<String>](repeating: [], count: customers.count)
  }

  /// Lets a cold product into the world.
  mutating func add(_ product: SimulatedProduct) { chances[product.itemID] = product.chance }

  /// The probability that a customer takes a product who looks at it.
  func chance(of item: String, customer: Int) -> Double {
    if taken[customer].contains(item) { return 0 }
    if let chance = chances[item] { return chance }
    return wanted[customer].contains(item) ? Self.wantedChance : Self.otherChance
  }

  /// The best slate that could be shown: products and chances, best first. What is neither wanted nor
  /// cold is named by an empty text.
  func bestSlate(customer: Int, count: Int) -> [(item: String, chance: Double)] {
    let special = wanted[customer].union(chances.keys).subtracting(taken[customer]).sorted()
    let others = [(item: "", chance: Self.otherChance)]
    let all =
      special.map { (item: $0, chance: chance(of: $0, customer: customer)) }
      + repeatElement(others[0], count: count)
    let best = all.enumerated().sorted {
      ($1.element.chance, $0.offset) < ($0.element.chance, $1.offset)
    }
    return best.prefix(count).map(\.element)
  }

  /// What the customer does with a product in a slot, counted from 0.
  mutating func react(
    to item: String, slot: Int, customer: Int, _ generator: inout SeededGenerator
  ) -> Reaction {
    // Drawn whatever comes of it, so that the luck of later customers does not depend on it.
    let draws = (0..<3).map { _ in generator.nextUnitDouble() }
    guard draws[0] < Self.examination(of: slot) else { return .silence }
    if draws[1] < chance(of: item, customer: customer) {
      taken[customer].insert(item)
      return .accepted
    }
    return draws[2] < Self.dismissalChance ? .dismissed : .silence
  }

  static func examination(of slot: Int) -> Double {
    examinations[min(slot, examinations.count - 1)]
  }
}
