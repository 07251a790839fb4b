import Foundation
import InteractionData
import TensorFiles
import Testing

@testable import RecommenderModels

@Suite struct SequenceTests {
  private func scores(_ model: HRNNRecommender, _ dataset: Dataset) -> [[Float]] {
    PanelFixture.scores(model, dataset, targetMonth: Month(year: 2016, month: 1))
  }

  @Test func sessionsEndAtPausesAndOnlyPositiveEventsCount() {
    let dataset = SequenceFixture.dataset(
      items: 9,
      customers: [
        [
          .init(item: 1, time: 0), .init(item: 2, time: 1800),
          .init(item: 3, time: 2000, type: EventType.dropped), .init(item: 4, time: 3601),
          .init(item: 99, time: 3602), .init(item: 5, time: 3700),
        ]
      ])
    var walk = EventWalk(
      eventLimit: 3, sessionGapSeconds: 1800, itemCount: 9, positive: [true, true, false])
    var events: [SequenceEvent] = []
    walk.collect(dataset.history(of: 0), into: &events)
    #expect(events.map(\.item) == [2, 4, 5])
    #expect(events.map(\.opensSession) == [false, true, false])
    #expect(events.dropLast().map(\.next) == [4, 5])
    walk.endsSessions = false
    walk.collect(dataset.history(of: 0), into: &events)
    #expect(events.map(\.opensSession) == [false, false, false])
    walk = EventWalk(
      eventLimit: 4, sessionGapSeconds: 1799, itemCount: 9, positive: [true, true, false])
    walk.collect(dataset.history(of: 0), into: &events)
    #expect(events.map(\.opensSession) == [false, true, true, false])
  }

  /// Item i is followed by item i + 1, round a ring of ten.
  @Test func learnsARing() throws {
    var generator = SeededGenerator(seed: 41)
    let customers = (0..<600).map { _ in
      let start = generator.nextIndex(below: 10)
      return (0..<8).map { SequenceFixture.Event(item: (start + $0) % 10, time: Int64($0)) }
    }
    let dataset = SequenceFixture.dataset(items: 10, customers: customers)
    var settings = SequenceFixture.settings
    settings.epochs = 10
    settings.learningRate = 0.01
    let result = try PanelFixture.train(dataset, settings)
    #expect((result.validation["recall_at_1"] ?? 0) > 0.95, "\(result.validation)")
    let probe = SequenceFixture.dataset(
      items: 10, customers: [[.init(item: 4, time: 0), .init(item: 5, time: 1)], []])
    let rows = scores(result.model, probe)
    #expect(rows[0].firstIndex(of: rows[0].max() ?? 0) == 6)
    #expect(rows[1].allSatisfy { $0.isFinite }, "a customer without events")
  }

  @Test(arguments: SequenceLoss.allCases, UserPropagation.allCases)
  func sameBytesAtAnyThreadCountAndAfterStoring(
    loss: SequenceLoss, propagation: UserPropagation
  ) throws {
    let dataset = SequenceFixture.random(customers: 300, items: 20, seed: 42)
    var settings = SequenceFixture.settings
    settings.loss = loss
    settings.negativeSamples = 16
    settings.userPropagation = propagation
    let one = try PanelFixture.train(dataset, settings, seed: 3)
    let two = try PanelFixture.train(dataset, settings, seed: 3, threadCount: 2)
    let expected = scores(one.model, dataset)
    #expect(scores(two.model, dataset) == expected)
    #expect(one.validation == two.validation)
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("hrnn-\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    var writer = SafetensorsWriter()
    one.model.write(into: &writer)
    try writer.write(to: path)
    let loaded = try HRNNRecommender(
      file: SafetensorsFile(path: path), configuration: one.model.configuration)
    #expect(scores(loaded, dataset) == expected)
    #expect(loaded.itemCount == 20 && loaded.parameterCount == one.model.parameterCount)
    let scorer = loaded.scorer(for: dataset, targetMonth: Month(year: 2016, month: 1))
    var batch = [Float](repeating: .nan, count: 256 * 20)
    batch.withUnsafeMutableBufferPointer {
      scorer.score((0..<256).map { dataset.history(of: $0) }, into: $0)
    }
    for place in batch.indices {
      #expect(abs(batch[place] - expected[place / 20][place % 20]) < 1e-5)
    }
    for row in expected { #expect(abs(row.reduce(0, +) - 1) < 1e-4) }
  }

  @Test func metricsOfThreeRanksByHand() {
    var metrics = NextEventMetrics()
    for rank in [1, 4, 11] { metrics.add(rank: rank) }
    let values = metrics.values
    #expect(abs((values["mrr"] ?? 0) - (1 + 1 / 4.0 + 1 / 11.0) / 3) < 1e-12)
    #expect(abs((values["map_at_7"] ?? 0) - 1.25 / 3) < 1e-12)
    #expect(abs((values["recall_at_10"] ?? 0) - 2.0 / 3) < 1e-12)
    #expect(abs((values["ndcg_at_10"] ?? 0) - (1 + 1 / log2(5.0)) / 3) < 1e-12)
    #expect(abs((values["recall_at_1"] ?? 0) - 1.0 / 3) < 1e-12)
  }

  @Test func eventsThatTeachNothingAreRefused() {
    let dataset = SequenceFixture.dataset(items: 3, customers: [[.init(item: 0, time: 0)], []])
    #expect(throws: ModelError.self) {
      try PanelFixture.train(dataset, SequenceFixture.settings)
    }
  }
}
