internal import Exploration

/// What a policy would have done in the place of the one that answered.
public protocol TargetPolicy: Sendable {
  /// What the policy does with each slot of an answer, given the items that the log has in the slots
  /// above, as long as the policy might have shown those; from the first slot on where it could not,
  /// what it would show.
  ///
  /// - Parameter answer: an answer of the log.
  /// - Returns: as many slots as the answer has; nil when the log does not say enough.
  func slots(for answer: LoggedAnswer) -> [TargetSlot]?
}

/// What a policy does with a slot.
public enum TargetSlot: Sendable, Equatable {
  /// The same as the policy that served, whatever that was.
  case asServed
  /// Shows items with chances that sum to 1.
  case chances([ItemChance])
}

/// An item and its chance to stand in a slot.
public struct ItemChance: Sendable, Equatable {
  /// The item.
  public var item: Int
  /// The chance, 0...1.
  public var probability: Double

  /// Makes a chance.
  public init(_ item: Int, _ probability: Double) {
    self.item = item
    self.probability = probability
  }
}

extension LoggedAnswer {
  /// The slots above the last as they were served, and a last one.
  func slots(last: TargetSlot) -> [TargetSlot] {
    slots.isEmpty ? [] : [TargetSlot](repeating: .asServed, count: slots.count - 1) + [last]
  }
}

/// The policy that served.
public struct ServedPolicy: TargetPolicy {
  /// Makes a policy.
  public init() {}

  /// All slots as they were served; see `TargetPolicy`.
  public func slots(for answer: LoggedAnswer) -> [TargetSlot]? { answer.slots(last: .asServed) }
}

/// Another exploration weight in the place of the one that was served.
///
/// The log's menu has the probability of each alternative before the weight cut it, from which the
/// propensities at any other weight follow exactly. Where only the propensities were logged, they
/// follow as long as the weight did not cut them, or the other weight is no larger.
public struct ReweightedPolicy: TargetPolicy {
  private let weight: Double

  /// Makes a policy.
  ///
  /// - Parameter weight: the exploration weight, 0...1.
  public init(weight: Double) { self.weight = weight }

  /// The slots as served, the last with the chances at the policy's weight; see `TargetPolicy`.
  public func slots(for answer: LoggedAnswer) -> [TargetSlot]? {
    if let served = answer.explorationWeight, abs(served - weight) < Self.weightTolerance {
      return answer.slots(last: .asServed)
    }
    guard let menu = answer.knownMenu else { return nil }
    guard menu.count > 1 else { return answer.slots(last: .asServed) }
    guard weight > 0 else { return answer.slots(last: .chances([ItemChance(menu[0].item, 1)])) }
    guard let matching = Self.matching(menu, logged: answer.explorationWeight, asked: weight)
    else { return nil }
    let table = MenuProbabilities(
      weight: weight, alternativeCount: matching.count, matchingTotal: matching.reduce(0, +))
    let chances = zip(menu.dropFirst(), matching).map {
      ItemChance($0.item, table.propensity(matching: $1))
    }
    let rest = chances.reduce(1) { $0 - $1.probability }
    return answer.slots(last: .chances([ItemChance(menu[0].item, rest)] + chances))
  }

  /// Weights that differ by less are the same: they are logged in 32 bits.
  private static let weightTolerance = 1e-6
  /// How close to its weight the sum of a menu's probabilities may come before it counts as cut.
  private static let cutMargin = 1e-4

  /// The alternatives' probabilities of being the best, up to a factor that does not matter at the
  /// weight that is asked for.
  private static func matching(
    _ menu: [LoggedAnswer.Choice], logged: Double?, asked: Double
  ) -> [Double]? {
    let alternatives = menu.dropFirst()
    let known = alternatives.map(\.matchingProbability)
    if !known.contains(where: \.isNaN) { return known }
    guard let logged, logged > 0 else { return nil }
    let served = MenuProbabilities(
      weight: logged, alternativeCount: alternatives.count, matchingTotal: 0)
    let cut = alternatives.map { max(0, served.matching(propensity: $0.probability)) }
    let wasCut = cut.reduce(0, +) > logged - cutMargin
    return wasCut && asked > logged ? nil : cut
  }
}

/// The last slot drawn evenly from the menu, the slots above as served.
public struct UniformPolicy: TargetPolicy {
  /// Makes a policy.
  public init() {}

  /// The slots as served, the last with equal chances; see `TargetPolicy`.
  public func slots(for answer: LoggedAnswer) -> [TargetSlot]? {
    guard let menu = answer.knownMenu else { return nil }
    guard menu.count > 1 else { return answer.slots(last: .asServed) }
    return answer.slots(
      last: .chances(menu.map { ItemChance($0.item, 1 / Double(menu.count)) }))
  }
}

extension LoggedAnswer {
  /// The menu, where it can be relied on: an empty one says that there was nothing else to draw,
  /// but not with exploration turned off, for then none is made, and not where something was drawn.
  fileprivate var knownMenu: [Choice]? {
    guard let menu,
      Self.tellsMenu(choiceCount: menu.count, propensity: slots.last?.propensity)
    else { return slots.isEmpty ? [] : nil }
    return menu.count < 2 && explorationWeight == 0 ? nil : menu
  }
}
