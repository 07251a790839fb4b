/// When a cold product is known well enough to leave the buffer, and when it comes back.
///
/// Beliefs differ between customers; the rule looks at their averages over the product's latest
/// ``memory`` showings.
public struct GraduationRule: Sendable, Equatable, Codable {
  /// The fewest showings after which a product may graduate.
  public var leastShowings = 100
  /// The fewest showings after which a product may be given up.
  public var leastShowingsToGiveUp = 50
  /// It graduates when the deviation of its log-odds is at most this: its chance is known within a
  /// third.
  public var graduationDeviation = 0.3
  /// A graduated product comes back when the deviation has grown above this and by ``returnGrowth``,
  /// as after a change of its customers. Above ``graduationDeviation``, so that it does not go to and
  /// fro.
  public var returnDeviation = 0.45
  /// How many times as large as when it graduated the deviation must be for the product to come back.
  public var returnGrowth = 1.5
  /// It is given up when even this many deviations above its mean it stays below what it would
  /// replace. Matching shrinks deviations to less than half: it would hardly be tried any more.
  public var giveUpDeviations = 0.7
  /// Past this age, counted from when the product came into the catalogue, it graduates at its first
  /// showing from ``leastShowings`` on, however vague what is known of it: the count is all that is
  /// asked. Age alone graduates nothing. In milliseconds.
  ///
  /// Two things follow. The rule is looked at when a product is shown, so one that is not shown stays
  /// in the buffer at any age; and one of this age that comes back for ``returnDeviation`` leaves again
  /// at its next showing, for its showings go on counting.
  public var ageLimitMilliseconds: Int64 = 30 * 86_400_000
  /// What was given up is tried again after this time, nine tenths of it forgotten: customers
  /// change. In milliseconds.
  public var restMilliseconds: Int64 = 90 * 86_400_000

  /// The number of showings that averages are over.
  static let memory = 50

  /// Makes the default rule.
  public init() {}
}

/// Where a cold product stands.
public enum ColdState: UInt8, Sendable, CaseIterable, Codable {
  /// In the buffer: tried where it may be better than what would be shown.
  case exploring = 1
  /// Known well enough: shown where it is believed better, and never tried.
  case graduated = 2
  /// Known to be worse than what it would replace: not shown.
  case givenUp = 3
}

/// How far a cold product has come.
public struct ColdProgress: Sendable, Equatable, Codable {
  /// Where it stands.
  public internal(set) var state = ColdState.exploring
  /// How often it was shown since it came into the buffer.
  public internal(set) var showings = 0
  /// How often it was accepted of those.
  public internal(set) var acceptances = 0
  /// The mean log-odds of acceptance, over the latest showings.
  public internal(set) var logit = 0.0
  /// The deviation of the log-odds, over the latest showings.
  public internal(set) var deviation = 0.0
  /// The log-odds of what it stood in the place of, over the latest showings that tried it.
  public internal(set) var rivalLogit = 0.0
  private var rivalCount = 0
  private var graduationDeviation = 0.0
  private var changedMilliseconds: Int64 = 0

  /// Makes the progress of a product that nobody has seen.
  public init() {}

  /// The most showings that can be counted.
  private static let countLimit = 1 << 53

  /// Whether what was read can be gone on with.
  var holdsTogether: Bool {
    [showings, acceptances, rivalCount].allSatisfy { (0...Self.countLimit).contains($0) }
      && ClockRange.milliseconds.contains(changedMilliseconds)
  }

  /// Takes a showing in.
  ///
  /// - Returns: whether the state has changed.
  mutating func observe(
    _ showing: Showing, belief: (mean: Double, variance: Double), rule: GraduationRule
  ) -> Bool {
    showings += 1
    if showing.response == .accepted { acceptances += 1 }
    let share = 1 / Double(min(showings, GraduationRule.memory))
    logit += (belief.mean - logit) * share
    deviation += (belief.variance.squareRoot() - deviation) * share
    if let rival = showing.rivalLogit {
      rivalCount += 1
      rivalLogit += (rival - rivalLogit) / Double(min(rivalCount, GraduationRule.memory))
    }
    let next = nextState(rule, ageMilliseconds: showing.ageMilliseconds)
    guard next != state else { return false }
    state = next
    graduationDeviation = deviation
    changedMilliseconds = showing.timeMilliseconds
    return true
  }

  private func nextState(_ rule: GraduationRule, ageMilliseconds: Int64) -> ColdState {
    if showings >= rule.leastShowingsToGiveUp, rivalCount > 0,
      logit + rule.giveUpDeviations * deviation < rivalLogit
    {
      return .givenUp
    }
    switch state {
    case .exploring where showings < rule.leastShowings: return .exploring
    case .exploring:
      let isOld = ageMilliseconds > rule.ageLimitMilliseconds
      return isOld || deviation <= rule.graduationDeviation ? .graduated : .exploring
    case .graduated:
      let limit = max(rule.returnDeviation, rule.returnGrowth * graduationDeviation)
      return deviation > limit ? .exploring : .graduated
    // A showing decided before it was given up, which the rule now sees otherwise.
    case .givenUp: return .exploring
    }
  }

  /// Whether a product that was given up has rested for long enough.
  func hasRested(_ rule: GraduationRule, atMilliseconds now: Int64) -> Bool {
    state == .givenUp && now - changedMilliseconds >= rule.restMilliseconds
  }
}

/// One showing of a cold product, as its progress sees it.
struct Showing {
  let response: Response
  /// The log-odds of what it stood in the place of; nil when it was believed best.
  let rivalLogit: Double?
  let timeMilliseconds: Int64
  let ageMilliseconds: Int64
}

/// A cold product that changed its state.
public struct ColdTransition: Sendable, Equatable {
  /// The product.
  public let item: Int
  /// Its progress, the new state in it.
  public let progress: ColdProgress
}
