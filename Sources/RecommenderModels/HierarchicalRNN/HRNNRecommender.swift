public import InteractionData
public import TensorFiles

/// The hierarchical recurrent network (Quadrana et al. 2017, doi:10.1145/3109859.3109896).
///
/// A session-level gated recurrent layer reads the events of a session, a user-level one reads the
/// sessions, and a session starts from `tanh(user · W + b)`. On a panel a session is a month and
/// the answer is, for each item, the probability that a customer without it takes it next month.
/// Without a panel a pause ends a session, and the answer is the probability of each item coming
/// next.
public struct HRNNRecommender: Recommender {
  /// The recipe.
  public static var kind: RecommenderKind { .hrnn }
  /// The settings it was trained with.
  public let settings: HRNNConfiguration
  let form: Form

  enum Form {
    case panel(PanelModel)
    case sequence(SequenceModel)
  }

  /// The settings as the manifest shows them.
  public var configuration: [String: ConfigurationValue] { settings.values }
  /// The number of trained numbers.
  public var parameterCount: Int {
    switch form {
    case .panel(let model): model.network.layout.parameterCount
    case .sequence(let model): model.network.layout.parameterCount
    }
  }
  /// The number of items the model ranks.
  public var itemCount: Int {
    switch form {
    case .panel(let model): model.network.dimensions.items
    case .sequence(let model): model.network.dimensions.items
    }
  }

  /// Probabilities on a panel, logits without one.
  public var scoreScale: ScoreScale {
    switch form {
    case .panel: .probability
    case .sequence: .logit
    }
  }

  /// Reads a model from its tensors.
  ///
  /// - Parameters:
  ///   - file: the tensors.
  ///   - configuration: the settings from the manifest.
  /// - Throws: ``ModelError`` when a tensor or a setting is missing or does not fit.
  public init(
    file: SafetensorsFile, configuration: [String: ConfigurationValue]
  ) throws(ModelError) {
    settings = try HRNNConfiguration(values: configuration)
    let description = try HRNNDescription(file)
    switch description.form {
    case .panel:
      form = .panel(try PanelModel(file: file, description: description, settings: settings))
    case .sequence:
      form = .sequence(
        try SequenceModel(file: file, description: description, settings: settings))
    }
  }

  init(model: PanelModel, settings: HRNNConfiguration) {
    form = .panel(model)
    self.settings = settings
  }

  init(model: SequenceModel) {
    form = .sequence(model)
    settings = model.settings
  }

  /// Adds the model's tensors to a file.
  public func write(into writer: inout SafetensorsWriter) {
    let description: HRNNDescription
    switch form {
    case .panel(let model):
      description = HRNNDescription(form: .panel, items: itemCount, attributes: model.encoding)
      model.network.parameters.write(model.network.layout.slots, into: &writer)
    case .sequence(let model):
      description = HRNNDescription(form: .sequence, items: itemCount)
      model.write(into: &writer)
    }
    writer.metadata[HRNNDescription.metadataKey] = description.json
  }

  /// Makes what scores this dataset's customers for a month.
  ///
  /// On a panel, scores are probabilities, attributes are matched by name, and months from the
  /// target on are not looked at. Without one, scores are probabilities of the event after the
  /// history's last, whatever the month; they sum to 1.
  public func scorer(for dataset: Dataset, targetMonth: Month) -> any Scorer {
    switch form {
    case .panel(let model):
      PanelScorer(model, settings: settings, dataset: dataset, targetMonth: targetMonth)
    case .sequence(let model): SequenceScorer(model, dataset: dataset)
    }
  }

  /// Makes what takes customers' states on by one event at a time.
  ///
  /// - Parameter dataset: whose catalogue and event types the events refer to.
  /// - Returns: the tracker; nil for a model of a panel.
  public func eventTracker(for dataset: Dataset) -> EventTracker? {
    guard case .sequence(let model) = form else { return nil }
    return EventTracker(
      model, positiveEventTypes: dataset.interactions.positiveEventTypes)
  }

  /// Trains a model. Equal seed, data and settings give equal bytes at any thread count.
  ///
  /// - Parameters:
  ///   - dataset: the customers.
  ///   - configuration: the settings.
  ///   - seed: where all randomness comes from.
  ///   - threadCount: the most threads to use.
  ///   - now: a monotonic clock's reading, for speeds and the time left.
  ///   - progress: called after each step of the optimiser, on the caller's thread.
  ///   - isCancelled: asked before each step; training ends with an error when it says so.
  /// - Returns: the model, its validation, the speed.
  /// - Throws: ``ModelError/invalidSetting(name:value:expected:)``,
  ///   ``ModelError/unsuitableDataset(kind:reason:)``, ``ModelError/diverged(epoch:step:)``,
  ///   ``ModelError/cancelled(epoch:step:)``.
  public static func train(
    on dataset: Dataset, configuration: HRNNConfiguration = HRNNConfiguration(), seed: UInt64,
    threadCount: Int, now: @escaping () -> Duration,
    progress: @escaping (TrainingProgress) -> Void = { _ in },
    isCancelled: @escaping () -> Bool = { false }
  ) throws(ModelError) -> HRNNTrainingResult {
    try configuration.validate()
    let monitor = TrainingMonitor(now: now, progress: progress, isCancelled: isCancelled)
    let model: HRNNRecommender
    let outcome: TrainingOutcome
    if let panel = dataset.panel {
      let trainer = try PanelTrainer(
        dataset: dataset, panel: panel, settings: configuration, seed: seed,
        threadCount: threadCount)
      outcome = try trainer.run(monitor)
      model = HRNNRecommender(model: trainer.model, settings: configuration)
    } else {
      let trainer = try SequenceTrainer(
        dataset: dataset, settings: configuration, seed: seed, threadCount: threadCount)
      outcome = try trainer.run(monitor)
      model = HRNNRecommender(model: trainer.model)
    }
    return HRNNTrainingResult(
      model: model, epochs: outcome.epochs, seconds: outcome.seconds,
      customerMonthsPerSecond: outcome.samplesPerSecond, loss: outcome.loss,
      validation: outcome.validation)
  }
}
