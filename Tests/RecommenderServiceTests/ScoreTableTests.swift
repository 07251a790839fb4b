internal import InteractionData
internal import RecommenderModels
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import RecommenderService

struct ScoreTableTests {
  /// Scores by the customer's place, and counts how many customers it was asked for.
  private final class CountingScorer: Scorer {
    let batchLimit = 1000
    let asked = Atomic<Int>(0)
    /// Called with the first customer of each batch.
    let onBatch: @Sendable (Int) -> Void

    init(onBatch: @escaping @Sendable (Int) -> Void = { _ in }) { self.onBatch = onBatch }

    func score(_ histories: [CustomerHistory], into scores: UnsafeMutableBufferPointer<Float>) {
      asked.add(histories.count, ordering: .relaxed)
      onBatch(histories.first?.attributeIndex ?? 0)
      for (place, history) in histories.enumerated() {
        for item in 0..<3 {
          scores[place * 3 + item] = Float(10 * (history.attributeIndex ?? 0) + item)
        }
      }
    }
  }

  private static let dataset = DatasetFixture.panel(
    itemCount: 3, customers: (0..<20_000).map { [0, UInt64($0 % 8)] })

  private func row(_ table: ScoreTable, _ customer: Int) -> [Float] {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 3) { scratch in
      table.withScores(of: customer, scratch: scratch) { Array($0) }
    }
  }

  private func expected(_ customer: Int) -> [Float] {
    (0..<3).map { (customer % 8) >> $0 & 1 == 1 ? -.infinity : Float(10 * customer + $0) }
  }

  @Test func rowsAreComputedOnceAndBeforeThatWhenAskedFor() {
    let scorer = CountingScorer()
    let table = ScoreTable(dataset: Self.dataset, scorer: scorer)
    #expect(table.readyCount == 0)
    #expect(row(table, 19_999) == expected(19_999))
    #expect(scorer.asked.load(ordering: .relaxed) == 1)
    #expect(table.fill(threadCount: 2))
    #expect(table.readyCount == 20_000)
    #expect(scorer.asked.load(ordering: .relaxed) == 20_001)
    for customer in [0, 1, 8191, 8192, 19_999] {
      #expect(row(table, customer) == expected(customer))
    }
    #expect(scorer.asked.load(ordering: .relaxed) == 20_001)
  }

  @Test func fillingStopsWhereItIsToldTo() {
    let box = Mutex<ScoreTable?>(nil)
    // The first customer after the first block: what was begun is finished, and no more.
    let scorer = CountingScorer { first in
      if first >= 8192 { box.withLock { $0 }?.stopFilling() }
    }
    let table = ScoreTable(dataset: Self.dataset, scorer: scorer)
    box.withLock { $0 = table }
    #expect(!table.fill(threadCount: 1))
    #expect(table.readyCount == 16_384)
    for customer in [8191, 16_383, 16_384, 19_999] {
      #expect(row(table, customer) == expected(customer))
    }
    box.withLock { $0 = nil }
  }

  @Test func aNetworkSaysTheSameBeforeAndAfter() throws {
    var generator = SeededGenerator(seed: 6, stream: 0)
    let dataset = DatasetFixture.panel(
      itemCount: 6,
      customers: (0..<300).map { _ in (0..<4).map { _ in UInt64(generator.next() % 64) } })
    var settings = HRNNConfiguration()
    (settings.hiddenDimension, settings.sessionHiddenDimension) = (32, 8)
    (settings.embeddingDimension, settings.attributeDimension) = (8, 8)
    (settings.epochs, settings.validationShare) = (1, 0)
    let network = try HRNNRecommender.train(
      on: dataset, configuration: settings, seed: 2, threadCount: 1, now: { .zero }
    ).model
    let target = try #require(dataset.lastMonth).advanced(by: 1)
    let table = ScoreTable(
      dataset: dataset, scorer: network.scorer(for: dataset, targetMonth: target))
    func all() -> [UInt32] {
      withUnsafeTemporaryAllocation(of: Float.self, capacity: 6) { scratch in
        (0..<300).flatMap { customer in
          table.withScores(of: customer, scratch: scratch) { $0.map(\.bitPattern) }
        }
      }
    }
    let before = all()
    #expect(table.fill(threadCount: 2))
    #expect(all() == before)
  }
}
