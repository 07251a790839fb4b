internal import OfflineEvaluation
internal import TestSupport
internal import Testing

struct BootstrapTests {
  private func results(threadCount: Int) throws -> [EvaluationResult] {
    let dataset = DatasetFixture.interactions(
      itemCount: 30,
      customers: (0..<300).map { customer in [customer % 10, 10 + customer % 10, customer % 3] })
    let split = try EvaluationSplit.leaveLastOut(of: dataset)
    let evaluator = try Evaluator(split: split, threadCount: threadCount)
    return try [Yardstick.heldPopularity, .random].map {
      evaluator.result(of: try $0.scorer(for: split, seed: 3, threadCount: threadCount))
    }
  }

  @Test func intervalsHoldTheFigureAndKnowTheBetterModel() throws {
    let intervals = try BootstrapIntervals(
      results: try results(threadCount: 1), replicateCount: 500, seed: 1, threadCount: 1)
    let metric = RankingMetric(.recall, at: 5)
    let own = try #require(intervals.interval(model: 1, metric: metric))
    #expect(own.low < own.estimate && own.estimate < own.high)
    // Recall of a 0/1 outcome over n customers: standard error √(p(1-p)/n).
    let count = Double(try results(threadCount: 1)[1].figures.adders)
    let width = 2 * 1.96 * (own.estimate * (1 - own.estimate) / count).squareRoot()
    #expect(abs((own.high - own.low) / width - 1) < 0.2)
    let difference = try #require(intervals.difference(model: 0, from: 1, metric: metric))
    #expect(difference.sign == 1)
    let reverse = try #require(intervals.difference(model: 1, from: 0, metric: metric))
    #expect(reverse.sign == -1)
    let same = try #require(intervals.difference(model: 0, from: 0, metric: metric))
    #expect(same.sign == 0 && same.low == 0 && same.high == 0)
  }

  @Test func theNumberOfThreadsChangesNothing() throws {
    let metric = RankingMetric(.normalizedDiscountedCumulativeGain, at: 10)
    let intervals = try [1, 4].map { threads in
      try BootstrapIntervals(
        results: try results(threadCount: threads), replicateCount: 200, seed: 9,
        threadCount: threads
      ).interval(model: 1, metric: metric)
    }
    #expect(intervals[0] == intervals[1])
  }

  @Test(arguments: [99, 10_001])
  func replicatesOutsideTheRangeAreAnError(count: Int) throws {
    let results = try results(threadCount: 1)
    #expect(throws: EvaluationError.self) {
      try BootstrapIntervals(results: results, replicateCount: count, seed: 1, threadCount: 1)
    }
  }
}
