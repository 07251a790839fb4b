public import InteractionData
internal import LinearAlgebra
public import TensorFiles

/// The hierarchical recurrent network (Quadrana et al. 2017, doi:10.1145/3109859.3109896).
///
/// A session-level gated recurrent layer reads the events of a session, a user-level one reads the
/// sessions, and a session starts from `tanh(W·user + b)`. On a panel a session is a month and the
/// answer is, for each item, the probability that a customer without it takes it next month.
public struct HRNNRecommender: Recommender {
  /// The recipe.
  public static var kind: RecommenderKind { .hrnn }
  /// The number of items the model ranks.
  public let itemCount: Int
  /// The settings it was trained with.
  public let settings: HRNNConfiguration

  /// The settings as the manifest shows them.
  public var configuration: [String: ConfigurationValue] { settings.values }
  /// The number of trained numbers.
  public var parameterCount: Int { 0 }

  /// Reads a model from its tensors.
  ///
  /// - Parameters:
  ///   - file: the tensors.
  ///   - configuration: the settings from the manifest.
  /// - Throws: ``ModelError`` when a tensor or a setting is missing or does not fit.
  public init(
    file: SafetensorsFile, configuration: [String: ConfigurationValue]
  ) throws(ModelError) {
    throw .unsuitableDataset(kind: .hrnn, reason: "under construction")
  }

  /// Adds the model's tensors to a file.
  public func write(into writer: inout SafetensorsWriter) {
  }

  /// Makes what scores this dataset's customers.
  public func scorer(for dataset: Dataset, targetMonth: Month) -> any Scorer {
    preconditionFailure()
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
    threadCount: Int, now: () -> Duration,
    progress: (TrainingProgress) -> Void = { _ in }, isCancelled: () -> Bool = { false }
  ) throws(ModelError) -> HRNNTrainingResult {
    try configuration.validate()
    throw .unsuitableDataset(kind: .hrnn, reason: "under construction")
  }
}
