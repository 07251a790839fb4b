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
    #expect((10...30).contains(split.customers.count))
    for (position, customer) in split.customers.enumerated() {
      #expect(split.training.interactions.rows(of: Int(customer)).isEmpty)
      // The newest 2 of 20.
      #expect(split.visible.interactions.rows(of: Int(customer)).count == 18)
      #expect(split.relevantOffsets[position + 1] - split.relevantOffsets[position] == 2)
    }
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
