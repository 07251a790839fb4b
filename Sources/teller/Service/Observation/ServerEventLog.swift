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
    case .slowAnswers(let peer, let answers, let milliseconds):
      warning(
        "slow answers",
        metadata: [
          "peer": "\(peer)", "answers": "\(answers)", "milliseconds": "\(milliseconds)",
        ])
    case .connectionFailed(let peer, let reason):
      warning("connection failed", metadata: ["peer": "\(peer)", "reason": "\(reason)"])
    case .drainBegan(let connections):
      info("draining", metadata: ["connections": "\(connections)"])
    case .drainEnded(let cut): info("drained", metadata: ["cut": "\(cut)"])
    }
  }
}
