internal import Logging
internal import RecommenderRPC

extension Logger {
  /// Logs what a server reports, the harm it tells of deciding the level.
  func log(_ event: RPCServerEvent) {
    switch event {
    case .listening(let address): info("listening", metadata: ["address": "\(address)"])
    case .connectionOpened(let peer):
      debug("connection opened", metadata: ["peer": "\(peer)"])
    case .connectionClosed(let peer):
      debug("connection closed", metadata: ["peer": "\(peer)"])
    case .violation(let peer, let reason):
      warning("connection sent away", metadata: ["peer": "\(peer)", "reason": "\(reason)"])
    case .requestSlow(let peer, let request, let milliseconds):
      notice(
        "slow request",
        metadata: Self.metadata(peer, request).merging(["milliseconds": "\(milliseconds)"]) { $1 })
    case .requestFailed(let peer, let request, let error):
      let isOurs = [.internalError, .unknown, .dataLoss].contains(error.code)
      log(
        level: isOurs ? .error : request.trace == nil ? .debug : .info, "request failed",
        metadata: Self.metadata(peer, request).merging([
          "status": "\(error.code.name)", "reason": "\(error.message)",
        ]) { $1 })
    case .connectionTurnedAway, .tokenAccepted: debug("\(event)")
    case .tokenWithdrawn: notice("\(event)")
    case .accessRefused, .addressHeldOff: warning("\(event)")
    case .connectionFailed(let peer, let reason):
      warning("connection failed", metadata: ["peer": "\(peer)", "reason": "\(reason)"])
    case .drainBegan(let connections):
      info("draining", metadata: ["connections": "\(connections)"])
    case .drainEnded(let cut): info("drained", metadata: ["cut": "\(cut)"])
    }
  }

  private static func metadata(_ peer: String, _ request: ReportedRequest) -> Metadata {
    var metadata: Metadata = [
      "peer": "\(peer)", "method": "\(request.methodName)", "request_id": "\(request.requestID)",
    ]
    if let trace = request.trace { metadata["trace_id"] = "\(trace)" }
    return metadata
  }
}
