/// What a server reports while it runs, for logs and metrics.
public enum RPCServerEvent: Sendable, CustomStringConvertible {
  /// Connections are accepted at this address.
  case listening(address: String)
  /// A client has connected.
  case connectionOpened(peer: String)
  /// A connection has ended.
  case connectionClosed(peer: String)
  /// A client broke the protocol or a limit of the server and was sent away.
  case violation(peer: String, reason: String)
  /// Answers took longer than `RPCLimits.slowAnswerTime`, from the arrival of their requests on: all
  /// of one burst. At most ten a second are reported.
  case slowAnswers(peer: String, answers: Int, milliseconds: Int64)
  /// Reading or writing failed.
  case connectionFailed(peer: String, reason: String)
  /// No new connections; the open ones are told to go away.
  case drainBegan(connections: Int)
  /// All connections are closed; `cut` of them when the time was up.
  case drainEnded(cut: Int)

  /// One line.
  public var description: String {
    switch self {
    case .listening(let address): "listening on \(address)"
    case .connectionOpened(let peer): "connection from \(peer)"
    case .connectionClosed(let peer): "connection from \(peer) closed"
    case .violation(let peer, let reason): "connection from \(peer) sent away: \(reason)"
    case .slowAnswers(let peer, let answers, let milliseconds):
      "\(answers) answers to \(peer) took \(milliseconds) ms"
    case .connectionFailed(let peer, let reason): "connection from \(peer) failed: \(reason)"
    case .drainBegan(let connections): "draining \(connections) connections"
    case .drainEnded(let cut): "drained; \(cut) connections were cut off"
    }
  }
}
