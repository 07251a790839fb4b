/// Why an experiment cannot be run or read.
public enum ExperimentError: Error, Equatable, CustomStringConvertible {
  /// The file cannot be read.
  case unreadable(path: String)
  /// The file is not what it must be.
  case malformed(path: String, reason: String)
  /// An arm asks for a model that the server does not answer from.
  case unservedModel(arm: String, model: String, served: [String])
  /// The scores of the server's model only order products: exploration needs log-odds.
  case onlyOrders(experiment: String, model: String)
  /// Nobody took part.
  case nobody(experiment: String, reason: String)

  /// One line that says what is wrong and how to mend it.
  public var description: String {
    switch self {
    case .unreadable(let path): "\(path): cannot be read; check the name and its rights"
    case .malformed(let path, let reason): "\(path): \(reason)"
    case .unservedModel(let arm, let model, let served):
      "arm \(arm): model is \"\(model)\"; this server answers from \(served.joined(separator: ", "))"
    case .onlyOrders(let experiment, let model):
      "experiment \(experiment): the scores of \(model) only order products;"
        + " serve the model hrnn or popularity, or no experiment"
    case .nobody(let experiment, let reason): "experiment \(experiment): \(reason)"
    }
  }
}
