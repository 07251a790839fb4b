internal import InteractionData

/// A guess of what an item brings in a slot, for the direct method and the doubly robust one.
///
///     r̂(slot, item, score) = m_slot · b_band(score) · l_item
///
/// with the slot's mean reward `m`, the lift `b` of the tenth of all scores that the score lies in,
/// and the item's lift `l`. A lift is what was observed, `O`, over what the factors before it expect,
/// `E`, drawn towards 1: `(O + κ) / (E + κ)`, where `1 / κ` is by how much lifts vary beyond chance,
/// `Σ((O - E)² - φE) / ΣE²` with `φ = Σr² / Σr`, 1 where a reward is 0 or 1 (the moments of compound
/// Poisson counts with gamma rates). A doubly robust estimate needs no more than this: it stays
/// unbiased however bad the guess is, and is the less noisy the better it is.
///
/// Customers are parted into ``foldCount`` folds, and those of a fold are guessed by what the others
/// did: a guess that has seen the reward it is compared with would hide its errors (Chernozhukov et
/// al. 2018, doi:10.1111/ectj.12097).
struct RewardModel: Sendable {
  /// The parts of the customers.
  static let foldCount = 5
  /// The parts of the scores; those without a score are one more.
  static let bandCount = 10

  private struct Factors {
    var slots: [Double]
    var items: [Double]
    var bands: [Double]
  }

  /// An item shown, as the model sees it.
  private struct Showing {
    // Narrow, for there is one for each slot of each answer: a fold is below ``foldCount``, a slot
    // below `LoggedAnswers.slotLimit`, a band at most ``bandCount``.
    let fold: UInt8
    let band: UInt8
    let slot: UInt16
    let item: Int32
    let reward: Double
  }

  private let folds: [Factors]
  private let bounds: [Double]
  private let limit: Double
  private let seed: UInt64

  /// Fits the folds.
  ///
  /// - Parameters:
  ///   - log: the answers.
  ///   - seed: what parts the customers.
  init(_ log: LoggedAnswers, seed: UInt64) {
    self.seed = seed
    limit = log.rewardLimit
    let scores = log.answers.flatMap { $0.slots.map(\.score) }.filter { !$0.isNaN }.sorted()
    let bounds =
      scores.isEmpty
      ? [] : (1..<Self.bandCount).map { scores[scores.count * $0 / Self.bandCount] }
    self.bounds = bounds
    let showings = log.answers.flatMap { answer in
      let fold = Self.fold(of: answer.customer, seed: seed)
      return answer.slots.enumerated().map { slot, shown in
        Showing(
          fold: UInt8(fold), band: UInt8(Self.band(shown.score, bounds)), slot: UInt16(slot),
          item: Int32(shown.item), reward: shown.reward)
      }
    }
    let slotCount = log.answers.map(\.slots.count).max() ?? 0
    let itemCount = log.items.count
    folds = (0..<Self.foldCount).map { fold in
      var factors = Factors(
        slots: [Double](repeating: 0, count: slotCount),
        items: [Double](repeating: 1, count: itemCount),
        bands: [Double](repeating: 1, count: Self.bandCount + 1))
      var counts = [Double](repeating: 0, count: slotCount)
      for showing in showings where Int(showing.fold) != fold {
        factors.slots[Int(showing.slot)] += showing.reward
        counts[Int(showing.slot)] += 1
      }
      for slot in 0..<slotCount where counts[slot] > 0 { factors.slots[slot] /= counts[slot] }
      factors.bands = Self.lifts(showings, without: fold, factors, count: Self.bandCount + 1) {
        Int($0.band)
      }
      factors.items = Self.lifts(showings, without: fold, factors, count: itemCount) {
        Int($0.item)
      }
      return factors
    }
  }

  private static func lifts(
    _ showings: [Showing], without fold: Int, _ factors: Factors, count: Int,
    _ place: (Showing) -> Int
  ) -> [Double] {
    var observed = [Double](repeating: 0, count: count)
    var expected = observed
    var (rewards, squares) = (0.0, 0.0)
    for showing in showings where Int(showing.fold) != fold {
      observed[place(showing)] += showing.reward
      rewards += showing.reward
      squares += showing.reward * showing.reward
      expected[place(showing)] +=
        factors.slots[Int(showing.slot)] * factors.items[Int(showing.item)]
        * factors.bands[Int(showing.band)]
    }
    let pairs = Array(zip(observed, expected))
    let dispersion = rewards > 0 ? squares / rewards : 1
    let beyondChance = pairs.reduce(0) {
      $0 + ($1.0 - $1.1) * ($1.0 - $1.1) - dispersion * $1.1
    }
    guard beyondChance > 0 else { return [Double](repeating: 1, count: count) }
    let prior = pairs.reduce(0) { $0 + $1.1 * $1.1 } / beyondChance
    return pairs.map { ($0 + prior) / ($1 + prior) }
  }

  /// The fold of a customer.
  func fold(of customer: Int) -> Int { Self.fold(of: customer, seed: seed) }

  private static func fold(of customer: Int, seed: UInt64) -> Int {
    var generator = SeededGenerator(seed: seed, stream: UInt64(customer))
    return generator.nextIndex(below: foldCount)
  }

  /// The part of the scores that a score lies in; the last is for none.
  private static func band(_ score: Double, _ bounds: [Double]) -> Int {
    score.isNaN ? bandCount : bounds.count { $0 <= score }
  }

  /// The guess for items of one answer.
  func guesses(for answer: LoggedAnswer) -> Guesses {
    Guesses(model: self, fold: Self.fold(of: answer.customer, seed: seed), answer: answer)
  }

  /// What the model says of one answer.
  struct Guesses {
    fileprivate let model: RewardModel
    fileprivate let fold: Int
    fileprivate let answer: LoggedAnswer

    /// The guess for an item in a slot; `place` is where to look first for it in the menu.
    func reward(of item: Int, slot: Int, near place: Int = 0) -> Double {
      let factors = model.folds[fold]
      let band = RewardModel.band(score(of: item, near: place), model.bounds)
      let guess = factors.slots[slot] * factors.items[item] * factors.bands[band]
      return min(guess, model.limit)
    }

    private func score(of item: Int, near place: Int) -> Double {
      if let shown = answer.slots.first(where: { $0.item == item }) { return shown.score }
      return answer.choice(of: item, near: place)?.score ?? .nan
    }
  }
}
