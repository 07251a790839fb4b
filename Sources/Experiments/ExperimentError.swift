/// Why an experiment cannot be run or read.
public enum ExperimentError: Error, Equatable, CustomStringConvertible {
  /// The file cannot be read.
  case unreadable(path: String)
  /// The file is not what it must be.
  case malformed(path: String, reason: String)
  /// An arm asks for a model that the server does not answer from.
  case unservedModel(arm: String, model: String, served: [String])
  /// Nobody took part.
  case nobody(experiment: String, reason: String)

  /// One line that says what is wrong and how to mend it.
  public var description: String {
    switch self {
    case .unreadable(let path): "\(path): cannot be read; check the name and its rights"
    case .malformed(let path, let reason): "\(path): \(reason)"
    case .unservedModel(let arm, let model, let served):
      "arm \(arm): model is \"\(model)\"; this server answers from \(served.joined(separator: ", "))"
    case .nobody(let experiment, let reason): "experiment \(experiment): \(reason)"
    }
  }
}
