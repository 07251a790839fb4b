public import Exploration
public import RecommenderRPC

/// Something that a service tells its operator.
public enum ServiceEvent: Sendable, Equatable, CustomStringConvertible {
  /// A cold product came into the buffer, or left it.
  case coldItem(itemID: String, progress: ColdProgress)
  /// An update of the models is done; equal versions say that there was nothing to do.
  case modelsInForce(update: ModelUpdate, version: String, previous: String)
  /// The whole log was replayed, for want of a checkpoint.
  case wholeLogReplayed(events: Int, reason: String)
  /// The checkpoint is as old as it was: a restart replays more.
  case checkpointFailed(reason: String)
  /// The models stay as they are.
  case modelUpdateFailed(update: ModelUpdate, reason: String)

  /// One line.
  public var description: String {
    switch self {
    case .coldItem(let itemID, let progress):
      let what =
        switch progress.state {
        case .exploring: "is explored"
        case .graduated: "is known well enough: it is shown where it is better"
        case .givenUp: "is given up: it is worse than what it would replace"
        }
      return "\(itemID) \(what), after \(progress.showings) showings and"
        + " \(progress.acceptances) acceptances"
    case .modelsInForce(let update, let version, let previous):
      return version == previous
        ? "\(update): \(version) stays in force" : "\(update): \(version) in place of \(previous)"
    case .wholeLogReplayed(let events, let reason):
      return "the whole event log was replayed, \(events) events: \(reason)"
    case .checkpointFailed(let reason):
      return "the checkpoint of the event log is not renewed: \(reason)"
    case .modelUpdateFailed(let update, let reason):
      return "\(update): the models stay as they are: \(reason)"
    }
  }
}
