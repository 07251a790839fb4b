internal import InteractionData
internal import OfflineEvaluation
internal import TestSupport
internal import Testing

struct EvaluationSplitTests {
  @Test func nextMonthHoldsOutTheLast() throws {
    let dataset = DatasetFixture.panel(
      itemCount: 4,
      customers: [
        [0b0001, 0b0001, 0b0111],  // takes items 1 and 2
        [0b0011, 0b0011, 0b0001],  // gives item 1 up: nothing to find
        [0b0001, nil, 0b0011],  // missing before the last month: not evaluated
        [nil, 0b1000, 0b1001],  // takes item 0
        [0b0001, 0b0001, nil],  // missing in the last month: not evaluated
        [nil, nil, 0b1111],  // new in the last month: opening stock, not evaluated
      ])
    let split = try EvaluationSplit.nextMonth(of: dataset)
    #expect(split.targetMonth == Month(year: 2015, month: 3))
    #expect(split.trainedThrough == Month(year: 2015, month: 2))
    #expect(split.customers == [0, 1, 3])
    #expect(split.relevantOffsets == [0, 2, 2, 3])
    #expect(split.relevantItems == [1, 2, 0])
    #expect(split.adderCount == 2)
    #expect(split.exclusions == [Exclusion(reason: .notSeenBefore, count: 3)])
    #expect(split.training.lastMonth == Month(year: 2015, month: 2))
  }

  @Test func oneMonthCannotBeSplit() {
    let dataset = DatasetFixture.panel(itemCount: 1, customers: [[1]])
    #expect(throws: EvaluationError.tooFewMonths(count: 1, needed: 2)) {
      try EvaluationSplit.nextMonth(of: dataset)
    }
  }

  @Test func nobodyInBothMonthsIsAnError() {
    let dataset = DatasetFixture.panel(itemCount: 1, customers: [[1, nil], [nil, 1]])
    #expect(throws: EvaluationError.self) { try EvaluationSplit.nextMonth(of: dataset) }
  }

  @Test func leaveLastOutSkipsRepeats() throws {
    let dataset = DatasetFixture.interactions(
      itemCount: 4, customers: [[0, 1], [2, 3, 2], [1], [3, 0]])
    let split = try EvaluationSplit.leaveLastOut(of: dataset)
    // Customer 1 ends with an item had before: it would be left out of the ranking.
    #expect(split.customers == [0, 3])
    #expect(split.relevantItems == [1, 0])
    #expect(split.trainedThrough == nil)
    #expect(
      split.exclusions == [
        Exclusion(reason: .tooLittleHistory, count: 1), Exclusion(reason: .hadBefore, count: 1),
      ])
  }
}
