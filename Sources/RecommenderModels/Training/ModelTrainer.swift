public import InteractionData
internal import TensorFiles

/// Trains a model of any recipe on a dataset.
public struct ModelTrainer {
  /// A trained model and how its training went.
  public struct Outcome: Sendable {
    /// The model.
    public let recommender: any Recommender
    /// The passes over the data; 1 for models that count.
    public let epochs: Int
    /// How long it took, by the clock passed in.
    public let seconds: Double
    /// Customer-months (rows of the panel, or interactions) per second.
    public let customerMonthsPerSecond: Double
    /// Figures on customers kept out of training; empty for models that only count.
    public let validation: [String: Double]
  }

  private let threadCount: Int
  private let now: () -> Duration
  private let progress: (TrainingProgress) -> Void
  private let isCancelled: () -> Bool

  /// Makes a trainer.
  ///
  /// - Parameters:
  ///   - threadCount: the threads to use; the models are the same for any number.
  ///   - now: a monotonic clock's reading.
  ///   - progress: called on the caller's thread while a long training goes on.
  ///   - isCancelled: asked now and then; training ends with an error when it says so.
  public init(
    threadCount: Int, now: @escaping () -> Duration,
    progress: @escaping (TrainingProgress) -> Void = { _ in },
    isCancelled: @escaping () -> Bool = { false }
  ) {
    self.threadCount = threadCount
    self.now = now
    self.progress = progress
    self.isCancelled = isCancelled
  }

  /// The settings a recipe knows, in snake case.
  public static func settingNames(of kind: RecommenderKind) -> [String] {
    switch kind {
    case .popularity: PopularityConfiguration.settingNames
    case .sims: ItemCooccurrenceConfiguration.settingNames
    case .hrnn: HRNNConfiguration.settingNames
    }
  }

  /// Trains a model.
  ///
  /// - Parameters:
  ///   - kind: the recipe.
  ///   - dataset: the history.
  ///   - settings: by snake-case name; those not given keep their defaults.
  ///   - seed: where all randomness comes from.
  ///   - checkpoint: where a training that takes long keeps what it has reached; nowhere when nil.
  /// - Returns: the model and how its training went.
  /// - Throws: ``ModelError``.
  public func train(
    _ kind: RecommenderKind, on dataset: Dataset, settings: [String: ConfigurationValue],
    seed: UInt64, checkpoint: CheckpointPlan? = nil
  ) throws(ModelError) -> Outcome {
    let start = now()
    switch kind {
    case .popularity:
      let model = try PopularityRecommender(
        trainedOn: dataset, configuration: PopularityConfiguration(values: settings))
      return outcome(model, dataset, start)
    case .sims:
      let model = try ItemCooccurrenceRecommender(
        trainedOn: dataset, configuration: ItemCooccurrenceConfiguration(values: settings),
        threadCount: threadCount)
      return outcome(model, dataset, start)
    case .hrnn:
      // What suits data of this kind and size, under what was asked for.
      let suggested =
        dataset.panel == nil
        ? HRNNConfiguration.suggested(forEventsOf: dataset).values
        : HRNNConfiguration.suggested(customers: dataset.customers.count).values
      let result = try HRNNRecommender.train(
        on: dataset,
        configuration: HRNNConfiguration(values: suggested.merging(settings) { $1 }), seed: seed,
        threadCount: threadCount, now: now, progress: progress, isCancelled: isCancelled,
        checkpoint: checkpoint)
      return Outcome(
        recommender: result.model, epochs: result.epochs, seconds: result.seconds,
        customerMonthsPerSecond: result.customerMonthsPerSecond, validation: result.validation)
    }
  }

  private func outcome(
    _ model: any Recommender, _ dataset: Dataset, _ start: Duration
  ) -> Outcome {
    let seconds = (now() - start) / .seconds(1)
    let rows = dataset.panel?.held.count ?? dataset.interactions.count
    return Outcome(
      recommender: model, epochs: 1, seconds: seconds,
      customerMonthsPerSecond: seconds > 0 ? Double(rows) / seconds : 0, validation: [:])
  }
}
