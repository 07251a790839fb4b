internal import Testing

@testable internal import OfflineEvaluation

/// A policy given answer by answer.
struct FixedPolicy: TargetPolicy {
  let decide: @Sendable (LoggedAnswer) -> [TargetSlot]?

  func slots(for answer: LoggedAnswer) -> [TargetSlot]? { decide(answer) }
}

/// The estimators against numbers made by hand and by enumeration.
struct EstimatorTests {
  private static func log(_ answers: [LoggedAnswer], customers: Int = 4) -> LoggedAnswers {
    LoggedAnswers(
      answers: answers, customers: (0..<customers).map { "c\($0)" },
      items: (0..<6).map { "i\($0)" })
  }

  private static func answer(
    customer: Int, shown: Int, propensity: Double, reward: Double, menu: [(Int, Double)]
  ) -> LoggedAnswer {
    LoggedAnswer(
      customer: customer, explorationWeight: 0.3,
      slots: [
        .init(item: 5, propensity: 1, reward: 0),
        .init(item: shown, propensity: propensity, reward: reward),
      ],
      menu: menu.map { .init(item: $0.0, probability: $0.1) })
  }

  /// Three answers with weights 5/6, 2.5, 0 of a policy that draws evenly from the first two items.
  @Test func threeAnswersByHand() throws {
    let menu = [(0, 0.6), (1, 0.2), (2, 0.2)]
    let answers = [
      Self.answer(customer: 0, shown: 0, propensity: 0.6, reward: 1, menu: menu),
      Self.answer(customer: 1, shown: 1, propensity: 0.2, reward: 1, menu: menu),
      Self.answer(customer: 1, shown: 2, propensity: 0.2, reward: 1, menu: menu),
    ]
    let policy = FixedPolicy { answer in
      answer.slots(last: .chances([ItemChance(0, 0.5), ItemChance(1, 0.5)]))
    }
    let evaluator = try OffPolicyEvaluator(Self.log(answers))
    let figures = evaluator.figures(of: policy, name: "even")
    let estimates = try #require(figures.estimates)
    let weights = [0.5 / 0.6, 2.5, 0]
    #expect(abs(estimates.inversePropensity.estimate - (weights[0] + weights[1]) / 3) < 1e-12)
    // Both rewards of the last slot are 1, so is their weighted mean; the slot above brings nothing.
    #expect(abs(try #require(estimates.selfNormalized).estimate - 1) < 1e-12)
    let diagnostics = try #require(figures.diagnostics)
    let sum = weights.reduce(0, +)
    let squares = weights.reduce(0) { $0 + $1 * $1 }
    #expect(abs(diagnostics.effectiveAnswers - sum * sum / squares) < 1e-12)
    #expect(diagnostics.largestWeight == 2.5)
    #expect(diagnostics.clippedShare == 0)
    #expect(diagnostics.unsupportedShare == 0)
    #expect(abs(diagnostics.meanWeight - sum / 3) < 1e-12)
    #expect(figures.bounds == nil)
    #expect(evaluator.served.estimate == 1)

    var settings = OffPolicyEvaluator.Settings()
    settings.clip = 2
    let clipped = try OffPolicyEvaluator(Self.log(answers), settings: settings)
      .figures(of: policy, name: "even")
    #expect(abs(try #require(clipped.diagnostics).clippedShare - 1.0 / 3) < 1e-12)
    #expect(
      abs(try #require(clipped.estimates).inversePropensity.estimate - (weights[0] + 2) / 3)
        < 1e-12)
  }

  /// Two customers in each other's folds: the guess for one is what the other did.
  @Test func doublyRobustCorrectsTheGuessByHand() throws {
    let menu = [(0, 0.5), (1, 0.5)]
    // A seed that puts both customers in different folds.
    let seed = try #require(
      (1...50).first { seed in
        let log = Self.log([Self.answer(customer: 0, shown: 0, propensity: 1, reward: 0, menu: [])])
        let model = RewardModel(log, seed: UInt64(seed))
        return model.fold(of: 0) != model.fold(of: 1)
      })
    let answers = [
      Self.answer(customer: 0, shown: 0, propensity: 0.5, reward: 1, menu: menu),
      Self.answer(customer: 1, shown: 1, propensity: 0.5, reward: 0, menu: menu),
    ]
    var settings = OffPolicyEvaluator.Settings()
    settings.seed = UInt64(seed)
    let evaluator = try OffPolicyEvaluator(Self.log(answers), settings: settings)
    let policy = FixedPolicy { $0.slots(last: .chances([ItemChance(0, 1)])) }
    let estimates = try #require(evaluator.figures(of: policy, name: "first").estimates)
    // Customer 0 is guessed by customer 1, who took nothing: 0 everywhere. Customer 1 is guessed by
    // customer 0: the slot's mean is 1, and one reward tells of no lift beyond chance.
    #expect(abs(estimates.directMethod.estimate - (0 + 1) / 2.0) < 1e-12)
    // 0 + 2·(1 - 0) and 1 + 0·(0 - 1).
    #expect(abs(estimates.doublyRobust.estimate - (2 + 1) / 2.0) < 1e-12)
    #expect(abs(estimates.inversePropensity.estimate - 1) < 1e-12)
    #expect(abs(estimates.difference.estimate - (1.5 - 0.5)) < 1e-12)
  }

  /// Two items of 100 showings each, taken 30 and 10 times by the others: E = 20, so that
  /// `Σ((O - E)² - E) / ΣE² = (100 - 20 + 100 - 20) / 800 = .2`, κ = 5, and lifts 35/25 and 15/25.
  @Test func liftsAreDrawnTowardsOneByHand() throws {
    let probe = Self.log([Self.answer(customer: 0, shown: 0, propensity: 1, reward: 0, menu: [])])
    let seed = try #require(
      (1...50).first { seed in
        let model = RewardModel(probe, seed: UInt64(seed))
        return model.fold(of: 0) != model.fold(of: 1)
      })
    var answers = (0..<200).map { number in
      LoggedAnswer(
        customer: 0,
        slots: [
          .init(
            item: number % 2, propensity: 1,
            reward: number / 2 < (number % 2 == 0 ? 30 : 10) ? 1 : 0)
        ])
    }
    answers.append(LoggedAnswer(customer: 1, slots: [.init(item: 0, propensity: 1)]))
    let guesses = RewardModel(Self.log(answers), seed: UInt64(seed)).guesses(for: answers[200])
    #expect(abs(guesses.reward(of: 0, slot: 0) - 0.2 * 35 / 25) < 1e-12)
    #expect(abs(guesses.reward(of: 1, slot: 0) - 0.2 * 15 / 25) < 1e-12)
    // Never shown: the slot's mean.
    #expect(abs(guesses.reward(of: 2, slot: 0) - 0.2) < 1e-12)
  }

  /// Every slate of a tiny world, each as often as the log would have it: the sums are the value.
  @Test func expectationsAreTheValueInAWorldThatIsEnumerated() throws {
    let logged: [[Double]] = [[0.2, 0.5, 0.3], [0.5, 0.25, 0.25]]
    let asked: [[Double]] = [[0.6, 0.1, 0.3], [0.2, 0.2, 0.6]]
    // The second item's chance depends on the first; so does its reward.
    @Sendable func chances(_ table: [[Double]], after first: Int) -> [ItemChance] {
      let others = (0..<3).filter { $0 != first }
      let total = others.reduce(0) { $0 + table[1][$1] }
      return others.map { ItemChance($0, table[1][$0] / total) }
    }
    func reward(_ first: Int, _ second: Int?) -> Double {
      guard let second else { return [0.3, 0.1, 0.7][first] }
      return 0.1 + 0.2 * Double(first) + 0.15 * Double(second)
    }
    let policy = FixedPolicy { answer in
      [
        .chances((0..<3).map { ItemChance($0, asked[0][$0]) }),
        .chances(chances(asked, after: answer.slots[0].item)),
      ]
    }
    var value = 0.0
    var (weighted, doublyRobust, mass) = (0.0, 0.0, 0.0)
    for first in 0..<3 {
      for second in chances(logged, after: first) {
        let answer = LoggedAnswer(
          customer: 0,
          slots: [
            .init(item: first, propensity: logged[0][first], reward: reward(first, nil)),
            .init(
              item: second.item, propensity: second.probability,
              reward: reward(first, second.item)),
          ])
        let probability = logged[0][first] * second.probability
        // A model that knows nothing of this answer: any guess must do.
        let other = LoggedAnswer(
          customer: 1, slots: [.init(item: 1, propensity: 1, reward: 0.4)])
        let log = Self.log([answer, other])
        let terms = AnswerTerms(
          answer, target: try #require(policy.slots(for: answer)),
          guesses: RewardModel(log, seed: 3).guesses(for: answer), clip: .infinity)
        weighted += probability * terms.weighted
        doublyRobust += probability * terms.doublyRobust
        mass += probability * terms.weight
      }
      for second in chances(asked, after: first) {
        value +=
          asked[0][first] * second.probability
          * (reward(first, nil) + reward(first, second.item))
      }
    }
    #expect(abs(weighted - value) < 1e-12)
    #expect(abs(mass - 1) < 1e-12)
    #expect(abs(doublyRobust - value) < 1e-12)
  }

  @Test func whatTheLogCannotShowIsBoundedOrRefused() throws {
    let menu = [(0, 0.5), (1, 0.5)]
    let answers = (0..<40).map { number in
      Self.answer(
        customer: number % 4, shown: number % 2, propensity: 0.5, reward: number % 2 == 0 ? 1 : 0,
        menu: menu)
    }
    let evaluator = try OffPolicyEvaluator(Self.log(answers))
    func figures(missing: Double) -> OffPolicyFigures {
      evaluator.figures(
        of: FixedPolicy {
          $0.slots(last: .chances([ItemChance(0, 1 - missing), ItemChance(4, missing)]))
        }, name: "other")
    }
    let little = figures(missing: 0.0499)
    #expect(little.estimates != nil)
    #expect(abs(try #require(little.diagnostics).unsupportedShare - 0.0499) < 1e-12)
    let bounds = try #require(little.bounds)
    // All but .0499 of what is supported takes it always, and perhaps all of the rest.
    #expect(bounds.lowerBound <= 0.9501 && bounds.upperBound >= 1)
    let much = figures(missing: 0.0501)
    #expect(much.estimates == nil)
    #expect(much.bounds != nil)
    let all = figures(missing: 1)
    #expect(try #require(all.diagnostics).effectiveAnswers == 0)
    #expect(all.bounds == 0...1)
  }

  @Test func aPolicyTheLogDoesNotTellIsCounted() throws {
    let answers = (0..<3).map { number in
      Self.answer(
        customer: number, shown: 0, propensity: 0.5, reward: 0, menu: [(0, 0.5), (1, 0.5)])
    }
    let figures = try OffPolicyEvaluator(Self.log(answers)).figures(
      of: FixedPolicy { $0.customer == 1 ? nil : $0.slots(last: .asServed) }, name: "some")
    #expect(figures.unknownAnswers == 1)
    #expect(figures.estimates == nil && figures.diagnostics == nil && figures.bounds == nil)
  }

  /// Weights 2 and 0 in equal numbers average to 1; items drawn otherwise than logged do not.
  @Test func wrongPropensitiesShowInTheMeanWeight() throws {
    func deviations(every period: Int) throws -> Double {
      let answers = (0..<400).map { number in
        Self.answer(
          customer: number % 4, shown: number % period == 0 ? 0 : 1, propensity: 0.5, reward: 0,
          menu: [(0, 0.5), (1, 0.5)])
      }
      let policy = FixedPolicy { $0.slots(last: .chances([ItemChance(0, 1)])) }
      let figures = try OffPolicyEvaluator(Self.log(answers)).figures(of: policy, name: "first")
      return try #require(figures.diagnostics).meanWeightDeviations
    }
    #expect(try deviations(every: 2) == 0)
    #expect(try deviations(every: 5) < -OffPolicyFigures.meanWeightLimit)
  }

  @Test func settingsOutsideTheirRangesAreRefused() throws {
    let log = Self.log([Self.answer(customer: 0, shown: 0, propensity: 1, reward: 0, menu: [])])
    var settings = OffPolicyEvaluator.Settings()
    for (clip, replicates) in [(0.99, 1000), (.nan, 1000), (1, 99), (1, 10_001)] {
      settings.clip = clip
      settings.replicateCount = replicates
      #expect(throws: EvaluationError.self) { try OffPolicyEvaluator(log, settings: settings) }
    }
    (settings.clip, settings.replicateCount) = (1, 100)
    _ = try OffPolicyEvaluator(log, settings: settings)
  }

  @Test func theNumberOfThreadsChangesNothing() throws {
    let answers = (0..<60).map { number in
      Self.answer(
        customer: number % 4, shown: number % 3 % 2, propensity: 0.5,
        reward: Double(number % 5) / 4, menu: [(0, 0.5), (1, 0.5)])
    }
    let policy = FixedPolicy { $0.slots(last: .chances([ItemChance(0, 0.7), ItemChance(1, 0.3)])) }
    let figures = try [1, 3].map { threads in
      var settings = OffPolicyEvaluator.Settings()
      settings.threadCount = threads
      return try #require(
        OffPolicyEvaluator(Self.log(answers), settings: settings)
          .figures(of: policy, name: "").estimates)
    }
    #expect(figures[0].doublyRobust == figures[1].doublyRobust)
    #expect(figures[0].selfNormalized == figures[1].selfNormalized)
    #expect(figures[0].difference.low < figures[0].difference.high)
  }
}
