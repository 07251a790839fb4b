internal import InteractionData

/// Trains what the settings ask for: one network or several, each on everything at once or first
/// on all but the newest month.
struct NetworkTraining {
  let dataset: Dataset
  let settings: HRNNConfiguration
  let seed: UInt64
  let threadCount: Int

  private typealias Trained = (model: HRNNRecommender, outcome: TrainingOutcome)

  /// Runs of the training loop.
  private var stageCount: Int {
    settings.seeds * (settings.validationSplit == .lastMonth ? 2 : 1)
  }

  /// Trains all networks.
  ///
  /// - Parameter monitor: what keeps the time, reports, and keeps checkpoints.
  /// - Returns: the model, and how it went; of several networks the validation is the mean.
  /// - Throws: what preparing and running the loop throws; see ``TrainingLoop``.
  func run(_ monitor: TrainingMonitor) throws(ModelError) -> (HRNNRecommender, TrainingOutcome) {
    var monitor = monitor
    monitor.stageCount = stageCount
    var trained: [Trained] = []
    for network in 0..<settings.seeds {
      trained.append(try train(Self.seed(of: network, seed), &monitor))
    }
    let outcome = TrainingOutcome(meanOf: trained.map(\.outcome))
    if trained.count == 1 { return (trained[0].model, outcome) }
    return (HRNNRecommender(networks: trained.map(\.model), settings: settings), outcome)
  }

  /// The seed of one of several networks; the first has the seed that was asked for.
  static func seed(of network: Int, _ seed: UInt64) -> UInt64 {
    network == 0
      ? seed : SeededGenerator.word(seed: seed, stream: Stream.network + UInt64(network))
  }

  private func train(
    _ seed: UInt64, _ monitor: inout TrainingMonitor
  ) throws(ModelError) -> Trained {
    guard settings.validationSplit == .lastMonth else {
      return try train(on: dataset, settings, seed, &monitor)
    }
    let split = try TemporalSplit(dataset, share: settings.validationShare, seed: seed)
    var choosing = settings
    choosing.validationShare = 0
    let chosen = try train(on: split.training, choosing, seed, &monitor, measuredOn: split)
    monitor.epochLimit = chosen.outcome.epochs
    defer { monitor.epochLimit = nil }
    let share = dataset.panel == nil && settings.mixesTransitions ? settings.validationShare : 0
    var trained = try train(
      on: dataset, settings.withoutSelection(keepingAside: share), seed, &monitor)
    trained.outcome.validation = chosen.outcome.validation
    trained.outcome.seconds += chosen.outcome.seconds
    return trained
  }

  /// One run of the training loop.
  private func train(
    on dataset: Dataset, _ settings: HRNNConfiguration, _ seed: UInt64,
    _ monitor: inout TrainingMonitor, measuredOn split: TemporalSplit? = nil
  ) throws(ModelError) -> Trained {
    defer { monitor.stage += 1 }
    var monitor = monitor
    let model: HRNNRecommender
    let run: (TrainingMonitor) throws(ModelError) -> TrainingOutcome
    let finished: () -> HRNNRecommender
    if let panel = dataset.panel {
      let trainer = try PanelTrainer(
        dataset: dataset, panel: panel, settings: settings, seed: seed, threadCount: threadCount)
      let trained = HRNNRecommender(model: trainer.model, settings: self.settings)
      (model, run, finished) = (trained, trainer.run, { trained })
    } else {
      let trainer = try SequenceTrainer(
        dataset: dataset, settings: settings, seed: seed, threadCount: threadCount)
      model = HRNNRecommender(model: trainer.model, settings: self.settings)
      run = trainer.run
      finished = { HRNNRecommender(model: trainer.model.finished, settings: self.settings) }
    }
    monitor.validate = split.map { split in
      { split.metrics(of: model, threadCount: threadCount) }
    }
    let outcome = try run(monitor)
    return (finished(), outcome)
  }
}

extension Stream {
  static let network: UInt64 = 9 << 32
}

extension TrainingOutcome {
  /// The outcome of several networks: times and samples are added, all else is their mean.
  init(meanOf outcomes: [TrainingOutcome]) {
    let count = Double(outcomes.count)
    func mean(_ value: (TrainingOutcome) -> Double) -> Double {
      outcomes.reduce(0) { $0 + value($1) } / count
    }
    self.init(
      epochs: outcomes.reduce(0) { max($0, $1.epochs) },
      seconds: mean(\.seconds) * count, samplesPerSecond: mean(\.samplesPerSecond),
      loss: mean(\.loss),
      validation: Dictionary(
        uniqueKeysWithValues: (outcomes.first?.validation.keys.sorted() ?? []).map { name in
          (name, mean { $0.validation[name] ?? 0 })
        }))
  }
}
