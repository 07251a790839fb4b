/// Why an experiment cannot be run or read.
public enum ExperimentError: Error, Equatable, CustomStringConvertible {
  /// The file cannot be read.
  case unreadable(path: String)
  /// The file is not what it must be.
  case malformed(path: String, reason: String)
  /// Nobody took part.
  case nobody(experiment: String, reason: String)

  /// One line that says what is wrong and how to mend it.
  public var description: String {
    switch self {
    case .unreadable(let path): "\(path): cannot be read; check the name and its rights"
    case .malformed(let path, let reason): "\(path): \(reason)"
    case .nobody(let experiment, let reason): "experiment \(experiment): \(reason)"
    }
  }
}
