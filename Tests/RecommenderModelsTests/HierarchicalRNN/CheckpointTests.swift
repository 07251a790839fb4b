import Foundation
import InteractionData
import TensorFiles
import TestSupport
import Testing

@testable import RecommenderModels

/// A training that is interrupted and gone on with comes to the same bytes as one that is not.
@Suite struct CheckpointTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private enum Form: CaseIterable {
    case panel, sequence

    var dataset: Dataset {
      switch self {
      case .panel: PanelFixture.random(customers: 240, items: 6, months: 8, seed: 31)
      case .sequence: SequenceFixture.random(customers: 240, items: 9, seed: 32, hasMetadata: true)
      }
    }
  }

  private var settings: HRNNConfiguration {
    var settings = SequenceFixture.settings
    settings.epochs = 3
    return settings
  }

  private var path: String { folder.file("checkpoint.safetensors") }

  private func plan(
    resumes: Bool, interval: Duration = .seconds(1_000_000), checksum: String = "abc"
  ) -> CheckpointPlan {
    CheckpointPlan(
      path: path, datasetChecksum: checksum, trainedThrough: "2015-12", resumes: resumes,
      interval: interval)
  }

  /// Trains until the step before which it is cancelled, which may be never.
  private func train(
    _ dataset: Dataset, _ settings: HRNNConfiguration, seed: UInt64 = 3,
    checkpoint: CheckpointPlan?, cancelAt step: Int? = nil, threadCount: Int = 2
  ) throws(ModelError) -> HRNNTrainingResult {
    var asked = -1
    return try HRNNRecommender.train(
      on: dataset, configuration: settings, seed: seed, threadCount: threadCount,
      now: { .zero },
      isCancelled: {
        asked += 1
        return asked == step
      }, checkpoint: checkpoint)
  }

  private func bytes(_ model: HRNNRecommender) throws -> Data {
    var writer = SafetensorsWriter()
    model.write(into: &writer)
    try writer.write(to: folder.file("model.safetensors"))
    return try Data(contentsOf: URL(fileURLWithPath: folder.file("model.safetensors")))
  }

  /// Interrupts a training before each of these steps, counted from where it goes on, and compares
  /// what it comes to with an uninterrupted one.
  private func compare(
    _ dataset: Dataset, _ settings: HRNNConfiguration, interruptions: [Int]
  ) throws {
    let whole = try train(dataset, settings, checkpoint: nil)
    for (number, step) in interruptions.enumerated() {
      let error = #expect(throws: ModelError.self) {
        try train(
          dataset, settings, checkpoint: plan(resumes: number > 0), cancelAt: step,
          threadCount: 1 + number % 2)
      }
      guard case .interrupted(_, _, path)? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
    let resumed = try train(dataset, settings, checkpoint: plan(resumes: true))
    #expect(try bytes(resumed.model) == bytes(whole.model), "\(interruptions)")
    #expect(resumed.validation == whole.validation && resumed.loss == whole.loss)
    #expect(resumed.epochs == whole.epochs)
  }

  @Test(arguments: Form.allCases)
  private func anInterruptedTrainingEndsInTheSameBytes(_ form: Form) throws {
    var total = 0
    _ = try HRNNRecommender.train(
      on: form.dataset, configuration: settings, seed: 3, threadCount: 2, now: { .zero },
      progress: { total = $0.stepCount })
    let epoch = total / settings.epochs
    // Before the first step, inside an epoch, around its end, before the last step, and again.
    for interruptions in [
      [0], [1], [epoch - 1], [epoch], [epoch + 2], [total - 1], [3, 0, 4, 1, epoch],
    ] {
      try compare(form.dataset, settings, interruptions: interruptions)
    }
  }

  @Test(arguments: Form.allCases)
  private func soDoSeveralNetworksWhoseEpochsAreChosen(_ form: Form) throws {
    var settings = settings
    settings.seeds = 2
    settings.validationSplit = .lastMonth
    settings.validationShare = 0.5
    settings.earlyStoppingPatience = 1
    settings.learningRate = 0.03
    try compare(form.dataset, settings, interruptions: [2, 8, 9, 6, 12])
  }

  @Test func aCheckpointIsWrittenWheneverTheIntervalIsOver() throws {
    let dataset = Form.panel.dataset
    var steps: [Int] = []
    var seconds = 0.0
    _ = try HRNNRecommender.train(
      on: dataset, configuration: settings, seed: 3, threadCount: 1,
      now: { .seconds(seconds) },
      progress: { progress in
        seconds += 1
        let stored = try? TrainingCheckpoint(path: path)
        if let step = stored?.stages.last?.sums.step, steps.last != step { steps.append(step) }
        #expect(progress.step >= steps.last ?? 0)
      }, checkpoint: plan(resumes: false, interval: .seconds(5)))
    #expect(steps == [5, 10, 15, 20])
    // A crash after the last write: what the file holds is gone on with.
    let whole = try train(dataset, settings, checkpoint: nil)
    let resumed = try train(dataset, settings, checkpoint: plan(resumes: true))
    #expect(try bytes(resumed.model) == bytes(whole.model))
  }

  @Test func anotherTrainingsCheckpointIsRefused() throws {
    let dataset = Form.panel.dataset
    #expect(throws: ModelError.noCheckpoint(path: path)) {
      try train(dataset, settings, checkpoint: plan(resumes: true))
    }
    #expect(throws: ModelError.self) {
      try train(dataset, settings, checkpoint: plan(resumes: false), cancelAt: 5)
    }
    var other = settings
    other.dropout = 0.3
    for (settings, seed, checksum, difference) in [
      (settings, 4, "abc", "its seed is 3, not 4"),
      (other, 3, "abc", "its dropout is 0.2, not 0.3"),
      (settings, 3, "abd", "its dataset was another"),
    ] as [(HRNNConfiguration, UInt64, String, String)] {
      let error = #expect(throws: ModelError.self) {
        try train(
          dataset, settings, seed: seed, checkpoint: plan(resumes: true, checksum: checksum))
      }
      let text = error?.description ?? ""
      #expect(text.contains(difference), "\(text)")
    }
    // A program of another format, and a dataset whose network has another size.
    var stored = try TrainingCheckpoint(path: path)
    stored.identity.format += 1
    try stored.write(path: path)
    let text = #expect(throws: ModelError.self) {
      try train(dataset, settings, checkpoint: plan(resumes: true))
    }?.description
    let tells = text?.contains("its format is 2, this program's is 1")
    #expect(tells == true, "\(text ?? "")")
    stored.identity.format -= 1
    try stored.write(path: path)
    let smaller = PanelFixture.random(customers: 240, items: 5, months: 8, seed: 31)
    let reason = #expect(throws: ModelError.self) {
      try train(smaller, settings, checkpoint: plan(resumes: true))
    }
    guard case .unusableCheckpoint? = reason else {
      Issue.record("\(String(describing: reason))")
      return
    }
  }

  @Test func aDamagedCheckpointIsRefused() throws {
    let dataset = Form.panel.dataset
    #expect(throws: ModelError.self) {
      try train(dataset, settings, checkpoint: plan(resumes: false), cancelAt: 5)
    }
    let url = URL(fileURLWithPath: path)
    let whole = try Data(contentsOf: url)
    var damaged: [Data] = [whole.dropLast(9), Data(), whole.prefix(20)]
    // One bit of the description, and of the first, a middle and the last tensor.
    for place in [200, whole.count / 3, whole.count / 2, whole.count - 1] {
      var copy = whole
      copy[place] ^= 1
      damaged.append(copy)
    }
    for (number, content) in damaged.enumerated() {
      try content.write(to: url)
      let error = #expect(throws: ModelError.self, "damage \(number)") {
        try train(dataset, settings, checkpoint: plan(resumes: true))
      }
      guard case .unusableCheckpoint? = error else {
        Issue.record("damage \(number): \(String(describing: error))")
        continue
      }
    }
    try whole.write(to: url)
    _ = try train(dataset, settings, checkpoint: plan(resumes: true))
  }
}
