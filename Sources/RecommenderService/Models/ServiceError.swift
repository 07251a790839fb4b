public import EventLog
public import Experiments
public import Exploration
public import RecommenderModels

/// Why a service cannot start or go on.
public enum ServiceError: Error, Equatable, CustomStringConvertible {
  /// There is nobody and nothing to recommend to.
  case emptyDataset
  /// A model cannot be used.
  case model(ModelError)
  /// The event log cannot be used.
  case eventLog(EventLogError)
  /// A setting of exploration cannot be used.
  case exploration(ExplorationError)
  /// The models cannot be what an experiment compares.
  case experiment(ExperimentError)
  /// A name is too long or malformed for the protocol.
  case invalidName(String)

  /// One line that says what is wrong and how to mend it.
  public var description: String {
    switch self {
    case .emptyDataset: "the dataset holds no interaction; import data with 'teller import'"
    case .model(let error): error.description
    case .eventLog(let error): error.description
    case .exploration(let error): error.description
    case .experiment(let error): error.description
    case .invalidName(let reason): reason
    }
  }
}
