public import Exploration

/// Something that a service tells its operator.
public enum ServiceEvent: Sendable, Equatable, CustomStringConvertible {
  /// A cold product came into the buffer, or left it.
  case coldItem(itemID: String, progress: ColdProgress)

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
    }
  }
}
