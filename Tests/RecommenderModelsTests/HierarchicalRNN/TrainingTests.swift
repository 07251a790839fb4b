import InteractionData
import TensorFiles
import Testing

@testable import RecommenderModels

@Suite struct TrainingTests {
  private let target = Month(year: 2016, month: 1)

  @Test func anyThreadCountGivesTheSameNumbers() throws {
    let dataset = PanelFixture.random(customers: 400, items: 6, months: 12, seed: 21)
    let settings = PanelFixture.smallSettings
    let one = try PanelFixture.train(dataset, settings, seed: 5, threadCount: 1)
    let two = try PanelFixture.train(dataset, settings, seed: 5, threadCount: 2)
    let eight = try PanelFixture.train(dataset, settings, seed: 5, threadCount: 8)
    let other = try PanelFixture.train(dataset, settings, seed: 6, threadCount: 1)
    let expected = PanelFixture.scores(one.model, dataset, targetMonth: target)
    #expect(PanelFixture.scores(two.model, dataset, targetMonth: target) == expected)
    #expect(PanelFixture.scores(eight.model, dataset, targetMonth: target) == expected)
    #expect(PanelFixture.scores(other.model, dataset, targetMonth: target) != expected)
    #expect(one.validation == two.validation && one.loss == two.loss)
  }

  @Test func progressCountsStepsAndValidatesAfterEachEpoch() throws {
    let dataset = PanelFixture.random(customers: 300, items: 5, months: 10, seed: 22)
    var settings = PanelFixture.smallSettings
    settings.epochs = 3
    var reports: [TrainingProgress] = []
    var seconds = 0.0
    let result = try HRNNRecommender.train(
      on: dataset, configuration: settings, seed: 1, threadCount: 1,
      now: {
        seconds += 1
        return .seconds(seconds)
      }, progress: { reports.append($0) })
    let last = try #require(reports.last)
    #expect(reports.map(\.step) == Array(1...last.stepCount))
    #expect(last.step == last.stepCount && last.epoch == 3 && last.secondsLeft == 0)
    // The first epoch's last step has its metrics, later ones those of the last epoch ended.
    let known = last.stepCount - last.stepCount / 3 + 1
    #expect(reports.map { $0.validationMAP != nil }.suffix(known).allSatisfy { $0 })
    #expect(reports.dropLast(known).allSatisfy { $0.validationMAP == nil })
    #expect(Set(reports.compactMap(\.validationMAP)).count <= 3)
    #expect(last.validationMAP == result.validation["map_at_7"])
    // The clock ticks once when training starts and once a step.
    #expect(result.seconds == Double(last.stepCount))
    #expect(result.customerMonthsPerSecond == last.customerMonthsPerSecond)
    #expect(result.epochs == 3 && last.loss < reports[0].loss)
    #expect(Set(result.validation.keys).isSuperset(of: ["map_at_7", "log_loss", "customers"]))
  }

  @Test func aLossWithoutBoundsEndsTraining() {
    let dataset = PanelFixture.random(customers: 300, items: 5, months: 10, seed: 23)
    var settings = PanelFixture.smallSettings
    settings.epochs = 20
    settings.learningRate = 1
    // Each step multiplies the weights by 1 - 100 times the rate.
    settings.weightDecay = 100
    let error = #expect(throws: ModelError.self) { try PanelFixture.train(dataset, settings) }
    if case .diverged? = error { return }
    Issue.record("\(String(describing: error))")
  }

  @Test func cancellationEndsTraining() {
    let dataset = PanelFixture.random(customers: 300, items: 5, months: 10, seed: 24)
    var asked = 0
    #expect(throws: ModelError.cancelled(epoch: 1, step: 2)) {
      try HRNNRecommender.train(
        on: dataset, configuration: PanelFixture.smallSettings, seed: 1, threadCount: 1,
        now: { .zero },
        isCancelled: {
          asked += 1
          return asked == 3
        })
    }
  }

  @Test func dataThatTeachNothingAreRefused() {
    let still = PanelFixture.dataset(
      items: 2,
      customers: [
        [.init(month: 0, held: 1), .init(month: 1, held: 1)], [.init(month: 0, held: 2)],
      ])
    let error = #expect(throws: ModelError.self) {
      try PanelFixture.train(still, PanelFixture.smallSettings)
    }
    guard case .unsuitableDataset(.hrnn, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func aSplitThatLeavesNothingIsRefused() {
    let dataset = PanelFixture.dataset(
      items: 2, customers: [[.init(month: 0, held: 1), .init(month: 1, held: 3)]])
    var settings = PanelFixture.smallSettings
    settings.validationShare = 0.5
    // The only customer is kept aside by one seed or another.
    let reasons = (1...20 as ClosedRange<UInt64>).compactMap { seed -> String? in
      do throws(ModelError) {
        _ = try PanelFixture.train(dataset, settings, seed: seed)
        return nil
      } catch { return error.description }
    }
    #expect(!reasons.isEmpty && reasons.count < 20)
    #expect(reasons.allSatisfy { $0.contains("validation_share") })
  }

  @Test func metricsOfTwoCustomersByHand() {
    var metrics = ValidationMetrics()
    // Not held: items 0, 2, 3, ranked 3, 0, 2. Taken 0 and 2: precisions 1/2 and 2/3.
    let first: [Float] = [1, 9, 0, 2]
    first.withUnsafeBufferPointer { metrics.add(logits: $0, held: 0b0010, taken: 0b0101) }
    let second: [Float] = [0, 0, 0, 0]
    second.withUnsafeBufferPointer { metrics.add(logits: $0, held: 0b1110, taken: 0) }
    let values = metrics.values
    let precision = (1.0 / 2 + 2.0 / 3) / 2
    #expect(abs((values["adders_map_at_7"] ?? 0) - precision) < 1e-12)
    #expect(abs((values["map_at_7"] ?? 0) - precision / 2) < 1e-12)
    #expect(values["recall_at_1"] == 0 && values["mrr"] == 0.5)
    #expect(values["customers"] == 2 && values["adders"] == 1)
    // −ln σ(1) − ln σ(0) − ln(1 − σ(2)) of the first and −ln ½ of the second, over four items.
    let loss = (0.313261687 + 0.693147181 + 2.126928011 + 0.693147181) / 4
    #expect(abs((values["log_loss"] ?? 0) - loss) < 1e-8)
    #expect(ValidationMetrics().values.isEmpty)
  }

  @Test func theLearningRateRisesAndFalls() {
    let schedule = OneCycle(peak: 1, stepCount: 100)
    #expect(abs(schedule.learningRate(step: 0) - 0.04) < 1e-12)
    #expect(abs(schedule.learningRate(step: 29) - 1) < 1e-12)
    #expect(abs(schedule.learningRate(step: 99) - 4e-6) < 1e-12)
    for step in 1..<100 {
      let rises = schedule.learningRate(step: step) > schedule.learningRate(step: step - 1)
      #expect(rises == (step <= 29), "step \(step)")
    }
    let single = OneCycle(peak: 1, stepCount: 1).learningRate(step: 0)
    #expect(single > 0 && single <= 1)
  }
}
