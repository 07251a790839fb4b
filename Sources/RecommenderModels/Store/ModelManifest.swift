/// What stands beside a model's weights: where they come from and how to check them.
///
/// It holds no time and no host name, so that the same seed and data give the same bytes.
public struct ModelManifest: Codable, Equatable, Sendable {
  /// The version of the format; readers refuse others.
  public static let supportedFormat = 1

  /// The version of the format this manifest has.
  public var format = ModelManifest.supportedFormat
  /// The recipe.
  public var kind: RecommenderKind
  /// The seed of everything random in the training.
  public var seed: UInt64
  /// The settings.
  public var configuration: [String: ConfigurationValue]
  /// The checksum of the dataset it was trained on.
  public var datasetChecksum: String
  /// The checksum of the item identifiers, in index order.
  public var catalogueChecksum: String
  /// The last event of the event log it was trained on beside the dataset; nil when on none.
  public var eventsThrough: Int64?
  /// The last month it has seen, `YYYY-MM`.
  public var trainedThrough: String
  /// The number of items.
  public var items: Int
  /// The number of trained numbers.
  public var parameters: Int
  /// Figures on customers kept out of training; empty for models that need no validation.
  public var validation: [String: Double]
  /// The checksum of the tensor file's header, which holds every tensor's.
  public var tensorsChecksum: String
  /// How its settings were chosen; nil when somebody gave them.
  public var note: String?

  /// Makes a manifest.
  public init(
    kind: RecommenderKind, seed: UInt64, configuration: [String: ConfigurationValue],
    datasetChecksum: String, catalogueChecksum: String, trainedThrough: String, items: Int,
    parameters: Int, validation: [String: Double], tensorsChecksum: String = ""
  ) {
    self.kind = kind
    self.seed = seed
    self.configuration = configuration
    self.datasetChecksum = datasetChecksum
    self.catalogueChecksum = catalogueChecksum
    self.trainedThrough = trainedThrough
    self.items = items
    self.parameters = parameters
    self.validation = validation
    self.tensorsChecksum = tensorsChecksum
  }
}
