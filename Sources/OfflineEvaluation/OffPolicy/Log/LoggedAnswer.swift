/// One answer as it was given, with the chances it had and what came of it.
public struct LoggedAnswer: Sendable, Equatable {
  /// One slot of the answer.
  public struct Slot: Sendable, Equatable {
    /// The item shown, as an index of ``LoggedAnswers/items``.
    public var item: Int
    /// The probability with which the item came to this slot, given the slots above; above 0.
    public var propensity: Double
    /// The score the item had; NaN when it had none.
    public var score: Double
    /// What the item brought.
    public var reward: Double

    /// Makes a slot.
    public init(item: Int, propensity: Double, score: Double = .nan, reward: Double = 0) {
      self.item = item
      self.propensity = propensity
      self.score = score
      self.reward = reward
    }
  }

  /// One item that might have stood in the last slot.
  public struct Choice: Sendable, Equatable {
    /// The item.
    public var item: Int
    /// The probability with which it was drawn.
    public var probability: Double
    /// The probability of it being the best of the slot, before the exploration weight cuts it; NaN
    /// when it was not logged.
    public var matchingProbability: Double
    /// The score the item had; NaN when it had none.
    public var score: Double

    /// Makes a choice.
    public init(
      item: Int, probability: Double, matchingProbability: Double = .nan, score: Double = .nan
    ) {
      self.item = item
      self.probability = probability
      self.matchingProbability = matchingProbability
      self.score = score
    }
  }

  /// The customer, as an index of ``LoggedAnswers/customers``.
  public var customer: Int
  /// When it was given, in milliseconds since 1970.
  public var timeMilliseconds: Int64
  /// The exploration weight it was given with; nil when it was not logged.
  public var explorationWeight: Double?
  /// The experiment that ran; nil when none did, or its name was not logged.
  public var experiment: String?
  /// The arm of an experiment the customer was in; nil outside experiments.
  public var arm: String?
  /// The slots, from the top.
  public var slots: [Slot]
  /// What the last slot was drawn from, what was believed best first; nil when it was not logged.
  public var menu: [Choice]?

  /// Makes an answer.
  public init(
    customer: Int, timeMilliseconds: Int64 = 0, explorationWeight: Double? = nil,
    experiment: String? = nil, arm: String? = nil, slots: [Slot], menu: [Choice]? = nil
  ) {
    self.customer = customer
    self.timeMilliseconds = timeMilliseconds
    self.explorationWeight = explorationWeight
    self.experiment = experiment
    self.arm = arm
    self.slots = slots
    self.menu = menu
  }

  /// How far probabilities that must be equal may differ: they are logged as they went over the wire,
  /// in 32 bits.
  static let propensityTolerance = 1e-4

  /// Whether a log says what a last slot was drawn from: it has a menu, which is empty only where
  /// nothing was drawn.
  ///
  /// - Parameters:
  ///   - choiceCount: the items of the menu; nil without one.
  ///   - propensity: of what was shown in the last slot; nil where none was logged.
  /// - Returns: whether it does.
  public static func tellsMenu(choiceCount: Int?, propensity: Double?) -> Bool {
    guard let choiceCount else { return false }
    return choiceCount > 0 || propensity ?? 1 >= 1 - propensityTolerance
  }

  /// What all slots brought together.
  public var reward: Double { slots.reduce(0) { $0 + $1.reward } }

  /// The probability with which an item came to a slot, given the slots above; 0 where the log does
  /// not say that it could have. `place` is where to look first in the menu.
  func loggedProbability(of item: Int, slot: Int, near place: Int) -> Double {
    if slots[slot].item == item { return slots[slot].propensity }
    guard slot == slots.count - 1 else { return 0 }
    return choice(of: item, near: place)?.probability ?? 0
  }

  /// An item of the menu. Policies mostly give their chances in the menu's order: the place of one is
  /// where to look first, and a long menu is not searched for each.
  func choice(of item: Int, near place: Int) -> Choice? {
    guard let menu else { return nil }
    if place < menu.count && menu[place].item == item { return menu[place] }
    return menu.first { $0.item == item }
  }
}
