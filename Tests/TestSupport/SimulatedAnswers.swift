public import InteractionData

/// Answers in a world whose appeals are known, each drawn with the chances it tells.
///
/// Nine products: of the first five, which are established, the best two stand on top; what is drawn
/// for the last slot comes from the third best, the four cold ones, and the next two established.
public struct SimulatedAnswers: Sendable {
  /// A product that might stand in the last slot.
  public struct Choice: Sendable {
    /// The product.
    public let item: Int
    /// Its chance.
    public let probability: Double
    /// Its chance of being the best, 0 when established; nil for what is believed best.
    public let matching: Double?
    /// What is believed of it.
    public let score: Double
  }

  /// One answer.
  public struct Answer: Sendable {
    /// The number of the customer.
    public let customer: Int
    /// The customer's kind, which decides what appeals.
    public let kind: Int
    /// The products, from the top.
    public let slate: [Int]
    /// The chance of each.
    public let propensities: [Double]
    /// What the last was drawn from, what is believed best first.
    public let menu: [Choice]
    /// Whether each was taken.
    public let isAccepted: [Bool]
  }

  /// The number of products.
  public static let itemCount = 9
  private static let kindCount = 4
  private static let examinations = [1.0, 0.7, 0.5]

  /// The exploration weight.
  public let weight: Double
  /// The appeal of each product. `[kinds, items]`
  private let appeals: [[Double]]

  /// Makes a world.
  ///
  /// - Parameters:
  ///   - seed: what appeals are drawn from.
  ///   - weight: the exploration weight, above 0.
  public init(seed: UInt64, weight: Double) {
    self.weight = weight
    var generator = SeededGenerator(seed: seed)
    appeals = (0..<Self.kindCount).map { _ in
      (0..<Self.itemCount).map { _ in 0.1 + 0.7 * generator.nextUnitDouble() }
    }
  }

  /// The chance that a product in a slot is taken.
  public func chance(kind: Int, item: Int, slot: Int) -> Double {
    Self.examinations[slot] * appeals[kind][item]
  }

  /// The chances of a menu at any weight, written out from the definition.
  ///
  /// - Parameters:
  ///   - matching: of the alternatives to what is believed best.
  ///   - weight: the exploration weight.
  /// - Returns: those of what is believed best and the alternatives.
  public static func probabilities(matching: [Double], weight: Double) -> [Double] {
    let total = matching.reduce(0, +)
    let alternatives = matching.map { probability in
      (1 - weight / 30) * probability * min(1, total > 0 ? weight / total : 1)
        + weight / 30 / Double(matching.count)
    }
    return [1 - alternatives.reduce(0, +)] + alternatives
  }

  /// Draws an answer and what came of it.
  public func answer(
    customer: Int, kind: Int, using generator: inout SeededGenerator
  ) -> Answer {
    let established = (0..<5).sorted { appeals[kind][$0] > appeals[kind][$1] }
    var matching = (0..<4).map { _ in generator.nextUnitDouble() * 0.2 }
    matching += [0, 0]
    let items = [established[2]] + Array(5..<9) + established[3...]
    let probabilities = Self.probabilities(matching: matching, weight: weight)
    let menu = items.indices.map { place in
      Choice(
        item: items[place], probability: probabilities[place],
        matching: place == 0 ? nil : matching[place - 1],
        score: appeals[kind][items[place]] + 0.1 * generator.nextGaussian())
    }
    var draw = generator.nextUnitDouble()
    let place = menu.indices.first { place in
      draw -= menu[place].probability
      return draw < 0
    }
    let drawn = menu[place ?? 0]
    let slate = [established[0], established[1], drawn.item]
    return Answer(
      customer: customer, kind: kind, slate: slate, propensities: [1, 1, drawn.probability],
      menu: menu,
      isAccepted: slate.enumerated().map { slot, item in
        generator.nextUnitDouble() < chance(kind: kind, item: item, slot: slot)
      })
  }

  /// Answers to customers who come back: customer and kind of each are drawn.
  public func answers(count: Int, customers: Int, seed: UInt64) -> [Answer] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in
      let customer = generator.nextIndex(below: customers)
      return answer(customer: customer, kind: customer % Self.kindCount, using: &generator)
    }
  }

  /// What an answer would bring on average were its last slot drawn with other chances.
  public func value(of answer: Answer, last chances: [Double]) -> Double {
    let above = (0..<2).reduce(0) {
      $0 + chance(kind: answer.kind, item: answer.slate[$1], slot: $1)
    }
    return zip(answer.menu, chances).reduce(above) {
      $0 + $1.1 * chance(kind: answer.kind, item: $1.0.item, slot: 2)
    }
  }
}
