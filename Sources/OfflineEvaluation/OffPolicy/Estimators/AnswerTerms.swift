/// What one answer of the log says of another policy.
///
/// The reward of a slot is taken to depend on the customer and on the items from the top down to
/// that slot, not on what stands below (a cascade). Its weight is then the product of the ratios of
/// both policies' chances over those slots (McInerney et al. 2020, doi:10.1145/3394486.3403229),
/// which varies less than that of the whole slate, and is right where a single slot's ratio is not.
/// The doubly robust terms are those of Kiyohara et al. 2022 (doi:10.1145/3488560.3498380) with a
/// guess of the slot's own reward.
struct AnswerTerms {
  /// Σ over slots of weight × reward.
  var weighted = 0.0
  /// Σ over slots of what is guessed of the other policy's items.
  var guessed = 0.0
  /// That guess, corrected by the weighted error of the guess of what was shown.
  var doublyRobust = 0.0
  /// The weight of each slot, and the same times its reward.
  var slots: [(weight: Double, weightedReward: Double)] = []
  /// The weight of the whole slate, as it would be without a limit.
  var weight = 1.0
  /// The chance of showing something on the way down the slate that the log could not have shown.
  var unsupported = 0.0
  /// The same summed over slots: how many slots' rewards the log says nothing of.
  var unsupportedSlots = 0.0
  /// Whether any slot's weight was cut to the limit.
  var isClipped = false

  /// Sums up an answer.
  ///
  /// - Parameters:
  ///   - answer: the answer.
  ///   - target: what the other policy does with its slots.
  ///   - guesses: the reward model's.
  ///   - clip: the largest weight.
  init(
    _ answer: LoggedAnswer, target: [TargetSlot], guesses: RewardModel.Guesses, clip: Double
  ) {
    for (slot, shown) in answer.slots.enumerated() {
      let before = min(weight, clip)
      let guessOfShown = guesses.reward(of: shown.item, slot: slot)
      var expected = guessOfShown
      if case .chances(let chances) = target[slot] {
        expected = 0
        var ratio = 0.0
        var missing = 0.0
        for (place, chance) in chances.enumerated() where chance.probability > 0 {
          expected +=
            chance.probability * guesses.reward(of: chance.item, slot: slot, near: place)
          let logged = answer.loggedProbability(of: chance.item, slot: slot, near: place)
          if logged == 0 { missing += chance.probability }
          if chance.item == shown.item { ratio = chance.probability / shown.propensity }
        }
        unsupported += weight * missing
        weight *= ratio
      }
      let used = min(weight, clip)
      if used < weight { isClipped = true }
      guessed += expected
      weighted += used * shown.reward
      doublyRobust += before * expected + used * (shown.reward - guessOfShown)
      slots.append((used, used * shown.reward))
      unsupportedSlots += unsupported
    }
  }
}
