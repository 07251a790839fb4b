public import InteractionData
public import TensorFiles

/// A trained model that ranks items for customers.
public protocol Recommender: Sendable {
  /// The recipe it was trained by.
  static var kind: RecommenderKind { get }

  /// The settings it was trained with, as the manifest shows them.
  var configuration: [String: ConfigurationValue] { get }

  /// The number of trained numbers.
  var parameterCount: Int { get }

  /// The number of items it ranks.
  var itemCount: Int { get }

  /// What its scores are; ``ScoreScale/ordinal`` unless a model says otherwise.
  var scoreScale: ScoreScale { get }

  /// Reads a model from its tensors.
  ///
  /// - Parameters:
  ///   - file: the tensors.
  ///   - configuration: the settings from the manifest.
  /// - Throws: ``ModelError`` when a tensor or a setting is missing or does not fit.
  init(file: SafetensorsFile, configuration: [String: ConfigurationValue]) throws(ModelError)

  /// Adds the model's tensors to a file.
  func write(into writer: inout SafetensorsWriter)

  /// Makes what scores this dataset's customers.
  ///
  /// - Parameters:
  ///   - dataset: whose attribute columns and catalogue the histories refer to.
  ///   - targetMonth: the month to predict.
  /// - Returns: a scorer; it keeps what it needs of the dataset alive.
  func scorer(for dataset: Dataset, targetMonth: Month) -> any Scorer
}

extension Recommender {
  /// Scores that only order items.
  public var scoreScale: ScoreScale { .ordinal }
}

/// Scores customers of one dataset for one month.
public protocol Scorer: Sendable {
  /// The most histories given to one call of ``score(_:into:)``.
  var batchLimit: Int { get }

  /// Scores every item for each history; higher is better.
  ///
  /// Items already held are scored like others: leaving them out is the caller's part, so that the
  /// rule stands in one place. Called from several threads at a time.
  ///
  /// - Parameters:
  ///   - histories: at most ``batchLimit`` customers.
  ///   - scores: every element is written. `[histories, items]`, row-major.
  func score(_ histories: [CustomerHistory], into scores: UnsafeMutableBufferPointer<Float>)
}
