internal import InteractionData
internal import OfflineEvaluation
internal import TestSupport
internal import Testing

struct YardstickTests {
  /// Item 1 follows item 0, item 2 is taken by those without anything, the last month is held out.
  private let panel = DatasetFixture.panel(
    itemCount: 4,
    customers: [
      [0b0001, 0b0011, 0b0011, 0b0011],
      [0b0001, 0b0011, 0b0011, 0b0011],
      [0b0000, 0b0000, 0b0100, 0b0100],
      [0b0001, 0b0001, 0b0001, 0b0011],
      [0b0000, 0b0000, 0b0000, 0b0100],
    ])

  private func first(_ yardstick: Yardstick) throws -> EvaluationFigures {
    let split = try EvaluationSplit.nextMonth(of: panel)
    let scorer = try yardstick.scorer(for: split, seed: 1, threadCount: 1)
    return try Evaluator(split: split, threadCount: 1).result(of: scorer).figures
  }

  @Test func markovAndBayesKnowWhatFollows() throws {
    // Customer 3 holds item 0: item 1 first. Bayes gives customer 4, who holds nothing, item 2.
    #expect(try first(.markov)[.recall, 1] >= 0.5)
    #expect(try first(.naiveBayes)[.recall, 1] == 1)
  }

  @Test func popularityCountsWhatItSays() throws {
    // Held in the last training month: item 0 three times, item 1 twice, item 2 once. Customer 3
    // finds item 1 first (0 is held), customer 4 finds item 2 third.
    #expect(try first(.heldPopularity)[.recall, 1] == 0.5)
    // Only item 2 was taken in the last training month.
    #expect(try first(.lastMonthPopularity)[.recall, 1] == 0.5)
    // No April before: item 1 twice, item 2 once, then by index.
    #expect(try first(.calendarPopularity)[.recall, 1] == 0.5)
  }

  @Test func bayesNeedsAPanel() throws {
    let split = try EvaluationSplit.leaveLastOut(
      of: DatasetFixture.interactions(itemCount: 3, customers: [[0, 1], [1, 2]]))
    #expect(throws: EvaluationError.needsPanel(yardstick: "naive-bayes")) {
      try Yardstick.naiveBayes.scorer(for: split, seed: 1, threadCount: 1)
    }
  }

  @Test func groupsPartTheCustomers() throws {
    let split = try EvaluationSplit.nextMonth(of: panel)
    #expect(throws: EvaluationError.unknownAttribute(name: "age", available: [])) {
      try CustomerGroups(attribute: "age", of: split)
    }
  }
}
