/// What a policy's terms add up to for each customer: all that a bootstrap over customers needs.
struct OffPolicySums: Sendable {
  /// The columns before the slots' weights, weighted rewards and counts.
  enum Column: Int, CaseIterable {
    case answers, reward, weighted, guessed, doublyRobust, unsupportedSlots
  }

  private let slotCount: Int
  private let width: Int
  /// `[customers, width]`
  private var sums: [Double]
  private let customerCount: Int

  init(customerCount: Int, slotCount: Int) {
    self.customerCount = customerCount
    self.slotCount = slotCount
    width = Column.allCases.count + 3 * slotCount
    sums = [Double](repeating: 0, count: customerCount * width)
  }

  /// Adds an answer's terms.
  mutating func add(_ terms: AnswerTerms, of answer: LoggedAnswer) {
    let base = answer.customer * width
    sums[base + Column.answers.rawValue] += 1
    sums[base + Column.reward.rawValue] += answer.reward
    sums[base + Column.weighted.rawValue] += terms.weighted
    sums[base + Column.guessed.rawValue] += terms.guessed
    sums[base + Column.doublyRobust.rawValue] += terms.doublyRobust
    sums[base + Column.unsupportedSlots.rawValue] += terms.unsupportedSlots
    for (slot, pair) in terms.slots.enumerated() {
      let place = base + Column.allCases.count + 3 * slot
      sums[place] += pair.weight
      sums[place + 1] += pair.weightedReward
      sums[place + 2] += 1
    }
  }

  /// What the customers' sums are as means of an answer.
  struct Means {
    var reward = 0.0
    var weighted = 0.0
    var selfNormalized = 0.0
    var guessed = 0.0
    var doublyRobust = 0.0
    var unsupportedSlots = 0.0
  }

  /// The means over the customers as they are, or as a replicate draws them.
  func means(_ sample: BootstrapSample?) -> Means {
    var total = [Double](repeating: 0, count: width)
    for customer in 0..<customerCount {
      let weight = sample?.weight(of: UInt32(customer)) ?? 1
      if weight == 0 { continue }
      let base = customer * width
      for column in 0..<width { total[column] += Double(weight) * sums[base + column] }
    }
    let answers = total[Column.answers.rawValue]
    func mean(_ column: Column) -> Double { total[column.rawValue] / answers }
    // Each slot is normalised by its own weights: NaN where all of them are 0.
    var selfNormalized = 0.0
    for slot in 0..<slotCount {
      let place = Column.allCases.count + 3 * slot
      guard total[place + 2] > 0 else { continue }
      selfNormalized += total[place + 1] / total[place] * total[place + 2] / answers
    }
    return Means(
      reward: mean(.reward), weighted: mean(.weighted), selfNormalized: selfNormalized,
      guessed: mean(.guessed), doublyRobust: mean(.doublyRobust),
      unsupportedSlots: mean(.unsupportedSlots))
  }
}
