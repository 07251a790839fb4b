import InteractionData
import TensorFiles
import Testing

@testable import RecommenderModels

/// Early stopping, the temporal split, and networks whose scores are averaged.
@Suite struct EpochSelectionTests {
  @Test func theFirstOfTheBestEpochsIsKept() {
    var selection = EpochSelection()
    var taken: [Bool] = []
    for (epoch, loss) in [0.5, 0.3, 0.3, 0.4, .nan, 0.2].enumerated() {
      taken.append(selection.add(epoch: epoch + 1, validation: ["log_loss": loss, "map_at_7": 0]))
    }
    #expect(taken == [true, true, false, false, false, true])
    #expect(selection.bestEpoch == 6 && selection.bestValidation["log_loss"] == 0.2)
    #expect(!selection.isOver(epoch: 7, patience: 2) && selection.isOver(epoch: 8, patience: 2))
    #expect(!selection.isOver(epoch: 99, patience: 0))
    // Where scores are no probabilities, MAP decides.
    var ranking = EpochSelection()
    taken = []
    for (epoch, validation) in [0.1, 0.2, 0.2, nil].enumerated() {
      taken.append(
        ranking.add(epoch: epoch + 1, validation: validation.map { ["map_at_7": $0] } ?? [:]))
    }
    #expect(taken == [true, true, false, false])
  }

  /// Noise alone, a network that can learn it by heart: the first epochs are the best.
  private var overfitting: (dataset: Dataset, settings: HRNNConfiguration) {
    var settings = PanelFixture.smallSettings
    settings.epochs = 30
    settings.learningRate = 0.02
    settings.dropout = 0
    settings.validationShare = 0.4
    return (PanelFixture.random(customers: 150, items: 6, months: 8, seed: 41), settings)
  }

  @Test func patienceEndsTrainingAndTheBestEpochStays() throws {
    var (dataset, settings) = overfitting
    settings.earlyStoppingPatience = 3
    var validations: [Double?] = []
    let result = try HRNNRecommender.train(
      on: dataset, configuration: settings, seed: 2, threadCount: 1, now: { .zero },
      progress: { progress in
        if progress.epoch > validations.count { validations.append(nil) }
        validations[progress.epoch - 1] = progress.validationMAP
      })
    #expect(validations.count == result.epochs + 3)
    #expect(validations.count < settings.epochs)
    // The weights are those of that epoch: a training that ends there comes to the same ones.
    var patient = settings
    patient.earlyStoppingPatience = settings.epochs
    let whole = try PanelFixture.train(dataset, patient, seed: 2)
    #expect(whole.epochs == result.epochs && whole.validation == result.validation)
    let target = Month(year: 2015, month: 9)
    #expect(
      PanelFixture.scores(result.model, dataset, targetMonth: target)
        == PanelFixture.scores(whole.model, dataset, targetMonth: target))
    settings.earlyStoppingPatience = 0
    let last = try PanelFixture.train(dataset, settings, seed: 2)
    #expect((last.validation["log_loss"] ?? 0) > (result.validation["log_loss"] ?? 1))
  }

  @Test func theNewestMonthIsHeldBackAndThenLearned() throws {
    var (dataset, settings) = overfitting
    settings.validationSplit = .lastMonth
    settings.earlyStoppingPatience = 2
    let split = try TemporalSplit(dataset, share: 0.4, seed: 2)
    #expect(split.training.lastMonth == Month(year: 2015, month: 7))
    let result = try PanelFixture.train(dataset, settings, seed: 2)
    #expect(result.epochs < settings.epochs)
    #expect((result.validation["customers"] ?? 0) > 20)
    // It is what a training on everything has come to after as many epochs of the same schedule.
    let monitor = TrainingMonitor(now: { .zero }, progress: { _ in }, isCancelled: { false })
    var limited = monitor
    limited.epochLimit = result.epochs
    let panel = try #require(dataset.panel)
    let trainer = try PanelTrainer(
      dataset: dataset, panel: panel, settings: settings.withoutSelection(keepingAside: 0),
      seed: 2, threadCount: 1)
    _ = try trainer.run(limited)
    let target = Month(year: 2015, month: 9)
    #expect(
      PanelFixture.scores(result.model, dataset, targetMonth: target)
        == PanelFixture.scores(
          HRNNRecommender(model: trainer.model, settings: settings), dataset, targetMonth: target))
  }

  @Test func aSplitThatLeavesNothingIsRefused() {
    let short = PanelFixture.random(customers: 50, items: 4, months: 2, seed: 42)
    let still = SequenceFixture.dataset(
      items: 2, customers: [[.init(item: 0, time: 1), .init(item: 1, time: 2)]])
    var settings = SequenceFixture.settings
    settings.validationSplit = .lastMonth
    for dataset in [short, still] {
      let error = #expect(throws: ModelError.self) { try PanelFixture.train(dataset, settings) }
      guard case .unsuitableDataset(.hrnn, _)? = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
    settings.validationShare = 0
    #expect(throws: ModelError.self) { try settings.validate() }
    #expect(throws: ModelError.self) {
      try HRNNConfiguration(values: ["validation_split": .text("yesterday")])
    }
  }
}
