internal import Foundation

/// Where a training keeps what it has reached, so that it can go on from there after an end.
///
/// The file is replaced in one step, so that a crash meets the old state or the new.
public struct CheckpointPlan: Sendable {
  /// The file.
  public let path: String
  /// The checksum of the dataset trained on.
  public let datasetChecksum: String
  /// The last month of the history trained on, `YYYY-MM`.
  public let trainedThrough: String
  /// Whether the training goes on from the file, which must then be there.
  public let resumes: Bool
  /// The time between two writes, by the trainer's clock.
  public let interval: Duration

  /// The interval unless another is asked for: what a power cut costs.
  public static let defaultInterval = Duration.seconds(60)

  /// Makes a plan.
  public init(
    path: String, datasetChecksum: String, trainedThrough: String, resumes: Bool,
    interval: Duration = CheckpointPlan.defaultInterval
  ) {
    self.path = path
    self.datasetChecksum = datasetChecksum
    self.trainedThrough = trainedThrough
    self.resumes = resumes
    self.interval = interval
  }

  /// Whether there is a training to go on with.
  public static func exists(at path: String) -> Bool {
    FileManager.default.fileExists(atPath: path)
  }

  /// Removes the file, once the model that came of the training is stored.
  public func remove() { unlink(path) }
}

/// What a training depends on: with the same, the same bytes come of it.
public struct TrainingIdentity: Codable, Equatable, Sendable {
  /// The version of the checkpoint's format and of the arithmetic it goes on with.
  public static let supportedFormat = 1

  /// The version of the format the checkpoint has.
  public var format = TrainingIdentity.supportedFormat
  /// The checksum of the dataset.
  public var datasetChecksum: String
  /// The last month of the history, `YYYY-MM`.
  public var trainedThrough: String
  /// The seed.
  public var seed: UInt64
  /// Every setting.
  public var configuration: [String: ConfigurationValue]

  /// Reads what an interrupted training depended on.
  ///
  /// - Parameter path: the checkpoint.
  /// - Returns: its identity.
  /// - Throws: ``ModelError/noCheckpoint(path:)``,
  ///   ``ModelError/unusableCheckpoint(path:reason:)``.
  public static func read(path: String) throws(ModelError) -> TrainingIdentity {
    try TrainingCheckpoint(path: path).identity
  }

  /// What another identity has that this one has not, in words; nil when they are equal.
  func difference(from other: TrainingIdentity) -> String? {
    if format != other.format {
      return "its format is \(format), this program's is \(other.format)"
    }
    if datasetChecksum != other.datasetChecksum || trainedThrough != other.trainedThrough {
      return "its dataset was another (\(datasetChecksum) through \(trainedThrough), now "
        + "\(other.datasetChecksum) through \(other.trainedThrough))"
    }
    if seed != other.seed { return "its seed is \(seed), not \(other.seed)" }
    let names = Set(configuration.keys).union(other.configuration.keys).sorted()
    for name in names where configuration[name] != other.configuration[name] {
      func text(_ value: ConfigurationValue?) -> String { value?.description ?? "not known" }
      return "its \(name) is \(text(configuration[name])), not \(text(other.configuration[name]))"
    }
    return nil
  }
}
