internal import InteractionData
internal import OfflineEvaluation
internal import TestSupport
internal import Testing

struct RandomProtocolTests {
  private let dataset = DatasetFixture.interactions(
    itemCount: 40, customers: (0..<200).map { customer in (0..<20).map { ($0 + customer) % 40 } })

  @Test func aHoldoutIsTheShareAndNotInTraining() throws {
    let split = try EvaluationSplit.randomHoldout(of: dataset, share: 0.2, seed: 5)
    #expect(split.customers.count == 200)
    #expect(split.relevantItems.count == 200 * 4)
    #expect(split.training.interactions.count == 200 * 16)
    for (position, customer) in split.customers.enumerated() {
      let range = split.relevantOffsets[position]..<split.relevantOffsets[position + 1]
      let left = Set(split.training.history(of: Int(customer)).itemIndexes)
      #expect(left.isDisjoint(with: split.relevantItems[range]))
    }
    let again = try EvaluationSplit.randomHoldout(of: dataset, share: 0.2, seed: 5)
    #expect(again.relevantItems == split.relevantItems)
    let other = try EvaluationSplit.randomHoldout(of: dataset, share: 0.2, seed: 6)
    #expect(other.relevantItems != split.relevantItems)
    #expect(other.name != split.name)
  }

  @Test(arguments: [0, -0.1, 0.91, .nan])
  func aShareOutsideItsRangeIsAnError(share: Double) {
    #expect(throws: EvaluationError.self) {
      try EvaluationSplit.randomHoldout(of: dataset, share: share, seed: 1)
    }
  }

  @Test func personalizeHidesItsCustomersFromTraining() throws {
    let split = try EvaluationSplit.personalize(of: dataset, seed: 5)
    // Exactly a tenth of 200.
    #expect(split.customers.count == 20)
    #expect(split.training.interactions.count == 180 * 20)
    for (position, customer) in split.customers.enumerated() {
      #expect(split.training.interactions.rows(of: Int(customer)).isEmpty)
      // The newest 2 of 20.
      #expect(split.visible.interactions.rows(of: Int(customer)).count == 18)
      #expect(split.relevantOffsets[position + 1] - split.relevantOffsets[position] == 2)
    }
  }

  @Test(arguments: [(2, 1), (14, 1), (15, 2), (24, 2), (25, 3), (104, 10), (105, 11)])
  func personalizeHoldsOutAnExactTenth(customers: Int, heldOut: Int) throws {
    for seed in UInt64(0)..<5 {
      let dataset = DatasetFixture.interactions(
        itemCount: 3, customers: (0..<customers).map { [$0 % 3, ($0 + 1) % 3] })
      let split = try EvaluationSplit.personalize(of: dataset, seed: seed)
      #expect(split.customers.count == heldOut, "seed \(seed)")
      #expect(split.training.interactions.count == 2 * (customers - heldOut), "seed \(seed)")
    }
  }

  @Test(arguments: [(2, 1), (14, 1), (15, 2), (20, 2), (25, 3), (94, 9), (95, 10)])
  func personalizeHoldsOutTheNewestTenth(interactions: Int, heldOut: Int) throws {
    let items = Array(0..<interactions)
    let dataset = DatasetFixture.interactions(
      itemCount: interactions, customers: [items, items])
    let split = try EvaluationSplit.personalize(of: dataset, seed: 1)
    #expect(split.relevantItems.map(Int.init) == Array(items.suffix(heldOut)))
    let customer = Int(split.customers[0])
    #expect(
      Array(split.visible.history(of: customer).itemIndexes).map(Int.init)
        == Array(items.dropLast(heldOut)))
    // The other customer is learned from, whole.
    #expect(split.training.interactions.rows(of: 1 - customer).count == interactions)
  }

  @Test func personalizeDrawsOtherCustomersForOtherSeeds() throws {
    let drawn = try (UInt64(0)..<4).map {
      try EvaluationSplit.personalize(of: dataset, seed: $0).customers
    }
    #expect(Set(drawn).count == 4)
    // Over many seeds everybody is drawn about as often.
    var times = [Int](repeating: 0, count: 200)
    for seed in UInt64(0)..<200 {
      for customer in try EvaluationSplit.personalize(of: dataset, seed: seed).customers {
        times[Int(customer)] += 1
      }
    }
    // Binomial with mean 20 and deviation 4.2: six deviations.
    #expect(times.allSatisfy { (1...46).contains($0) })
  }

  @Test func personalizeCountsWhomItCannotAsk() throws {
    let dataset = DatasetFixture.interactions(
      itemCount: 3, customers: (0..<30).map { [[0, 1], [2], [1, 1]][$0 % 3] } + [[], []])
    var reasons: Set<String> = []
    for seed in UInt64(0)..<20 {
      guard let split = try? EvaluationSplit.personalize(of: dataset, seed: seed) else { continue }
      let left = split.exclusions.reduce(0) { $0 + $1.count }
      #expect(split.customers.count + left == 3, "seed \(seed)")
      for exclusion in split.exclusions { reasons.insert(exclusion.reason.rawValue) }
    }
    #expect(reasons == ["had_before", "too_little_history"])
  }

  @Test(arguments: [(0.29, 100, 29), (0.2, 4, 1), (0.5, 5, 2), (0.9, 2, 1)])
  func theShareIsThatOfWholeNumbers(share: Double, items: Int, heldOut: Int) throws {
    let dataset = DatasetFixture.interactions(
      itemCount: items, customers: [Array(0..<items), [0]])
    let split = try EvaluationSplit.randomHoldout(of: dataset, share: share, seed: 1)
    #expect(split.relevantItems.count == heldOut)
    #expect(split.exclusions == [Exclusion(reason: .tooLittleHistory, count: 1)])
  }

  @Test func nothingToSplitIsAnError() {
    let poor = DatasetFixture.interactions(itemCount: 2, customers: [[0], [1], []])
    #expect(throws: EvaluationError.self) {
      try EvaluationSplit.randomHoldout(of: poor, seed: 1)
    }
    #expect(throws: EvaluationError.self) { try EvaluationSplit.personalize(of: poor, seed: 1) }
    #expect(throws: EvaluationError.self) { try EvaluationSplit.leaveLastOut(of: poor) }
  }

  @Test func rollingMonthsEndWhereTheyMust() throws {
    let panel = DatasetFixture.panel(itemCount: 2, customers: [[0b00, 0b01, 0b11], [0, 0, 0]])
    let split = try EvaluationSplit.nextMonth(of: panel, monthsBack: 1)
    #expect(split.targetMonth == Month(year: 2015, month: 2))
    #expect(split.relevantItems == [0])
    #expect(split.training.panel?.monthCount == 1)
    #expect(throws: EvaluationError.tooFewMonths(count: 3, needed: 4)) {
      try EvaluationSplit.nextMonth(of: panel, monthsBack: 2)
    }
  }
}
