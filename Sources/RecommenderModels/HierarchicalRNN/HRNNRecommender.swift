public import InteractionData
public import TensorFiles

/// The hierarchical recurrent network (Quadrana et al. 2017, doi:10.1145/3109859.3109896).
///
/// A session-level gated recurrent layer reads the events of a session, a user-level one reads the
/// sessions, and a session starts from `tanh(user · W + b)`. On a panel a session is a month and
/// the answer is, for each item, the probability that a customer without it takes it next month.
public struct HRNNRecommender: Recommender {
  /// The recipe.
  public static var kind: RecommenderKind { .hrnn }
  /// The settings it was trained with.
  public let settings: HRNNConfiguration
  private let model: PanelModel

  /// The settings as the manifest shows them.
  public var configuration: [String: ConfigurationValue] { settings.values }
  /// The number of trained numbers.
  public var parameterCount: Int { model.network.layout.parameterCount }
  /// The number of items the model ranks.
  public var itemCount: Int { model.network.dimensions.items }

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
    model = try PanelModel(file: file, description: description, settings: settings)
  }

  init(model: PanelModel, settings: HRNNConfiguration) {
    self.model = model
    self.settings = settings
  }

  /// Adds the model's tensors to a file.
  public func write(into writer: inout SafetensorsWriter) {
    writer.metadata[HRNNDescription.metadataKey] =
      HRNNDescription(form: .panel, items: itemCount, attributes: model.encoding).json
    model.write(into: &writer)
  }

  /// Makes what scores this dataset's customers for a month.
  ///
  /// Scores are probabilities; attributes are matched by name, and months from the target on are
  /// not looked at.
  public func scorer(for dataset: Dataset, targetMonth: Month) -> any Scorer {
    PanelScorer(model, settings: settings, dataset: dataset, targetMonth: targetMonth)
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
    guard let panel = dataset.panel else {
      throw .unsuitableDataset(
        kind: .hrnn, reason: "it has no panel of months; import a panel of at most 64 items")
    }
    let monitor = TrainingMonitor(now: now, progress: progress, isCancelled: isCancelled)
    let trainer = try PanelTrainer(
      dataset: dataset, panel: panel, settings: configuration, seed: seed,
      threadCount: threadCount)
    let outcome = try trainer.run(monitor)
    return HRNNTrainingResult(
      model: HRNNRecommender(model: trainer.model, settings: configuration),
      epochs: outcome.epochs, seconds: outcome.seconds,
      customerMonthsPerSecond: outcome.samplesPerSecond, loss: outcome.loss,
      validation: outcome.validation)
  }
}
