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
  /// One of many connections that find no place was sent away.
  case connectionTurnedAway(peer: String, reason: String)
  /// A client has shown a good token of this name.
  case tokenAccepted(peer: String, name: String)
  /// The token a client had shown is good no longer.
  case tokenWithdrawn(peer: String, name: String)
  /// A client may not make a call; reported once for each connection and token.
  case accessRefused(peer: String, error: RPCError)
  /// So many bad tokens or failed TLS handshakes came from this client's address that new connections
  /// from it are turned away for a while.
  case addressHeldOff(peer: String)
  /// Reading or writing failed.
  case connectionFailed(peer: String, reason: String)
  /// A request was answered with another status than OK.
  case requestFailed(peer: String, request: ReportedRequest, error: RPCError)
  /// A request took long; see `RPCLimits.slowRequest`.
  case requestSlow(peer: String, request: ReportedRequest, milliseconds: Int64)
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
    case .connectionTurnedAway(let peer, let reason):
      "connection from \(peer) turned away: \(reason)"
    case .tokenAccepted(let peer, let name): "connection from \(peer) is \(name)"
    case .tokenWithdrawn(let peer, let name):
      "connection from \(peer): the token of \(name) is good no longer"
    case .accessRefused(let peer, let error): "a call from \(peer) was refused: \(error)"
    case .addressHeldOff(let peer):
      "too many bad tokens or handshakes: the address of \(peer) is turned away for a while"
    case .connectionFailed(let peer, let reason): "connection from \(peer) failed: \(reason)"
    case .requestFailed(let peer, let request, let error): "\(request) from \(peer): \(error)"
    case .requestSlow(let peer, let request, let milliseconds):
      "\(request) from \(peer) took \(milliseconds) ms"
    case .drainBegan(let connections): "draining \(connections) connections"
    case .drainEnded(let cut): "drained; \(cut) connections were cut off"
    }
  }
}

/// A request as reports name it.
public struct ReportedRequest: Equatable, Sendable, CustomStringConvertible {
  /// Number of the method in the frame header.
  public var method: UInt16
  /// What the client numbered it.
  public var requestID: UInt32
  /// The work it is part of; nil when the client did not say.
  public var trace: TraceID?

  /// Name or number of the method.
  public var methodName: String { MethodNumber(rawValue: method)?.name ?? "method \(method)" }

  /// Name or number of the method, the number of the request, and the trace id.
  public var description: String {
    "\(methodName) \(requestID)" + (trace.map { " trace \($0)" } ?? "")
  }
}
