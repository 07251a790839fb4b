internal import NIOCore
internal import Synchronization

/// Keeps those who have not shown who they are from taking what is meant for the others: counts
/// their connections, in all and by address, and turns away addresses from which bad tokens come.
///
/// Shared by the event loops of a server; asked when connections open and when they prove
/// themselves or fail to, never for a request.
final class AdmissionControl: Sendable {
  /// Whether a new connection may stay.
  enum Verdict: Equatable {
    case admitted
    /// `isNews`: worth a warning. Further ones of a flood are not.
    case refused(ConnectionViolation, isNews: Bool)
  }

  private struct Peer {
    /// Connections that have not shown yet who they are.
    var unproven = 0
    /// Every failure moves this on by `failedCredentialRecovery`; time overtakes it.
    var clearAt: NIODeadline?
  }

  private struct State {
    var peers: [PeerAddress: Peer] = [:]
    var unproven = 0
    var lastNews: NIODeadline?
  }

  /// Of floods that find no place, one connection in this time is news.
  static let newsInterval: TimeAmount = .seconds(10)

  private let limits: RPCLimits
  private let clock: @Sendable () -> NIODeadline
  private let state = Mutex(State())

  init(limits: RPCLimits, clock: @escaping @Sendable () -> NIODeadline) {
    self.limits = limits
    self.clock = clock
  }

  /// Takes a place among the unproven for a new connection, or says why there is none.
  func admit(_ address: PeerAddress) -> Verdict {
    let now = clock()
    return state.withLock { state in
      let peer = state.peers[address] ?? Peer()
      if let wait = heldOff(peer, now) {
        // That was news when the address used up what it is allowed.
        let seconds = Int((wait.nanoseconds + 999_999_999) / 1_000_000_000)
        return .refused(.addressHeldOff(seconds: seconds), isNews: false)
      }
      let (all, own) = (limits.maxUnprovenConnections, limits.maxUnprovenConnectionsPerAddress)
      if state.unproven >= all || peer.unproven >= own {
        let isNews = state.lastNews.map { now - $0 >= Self.newsInterval } ?? true
        if isNews { state.lastNews = now }
        let isOwn = peer.unproven >= own
        return .refused(
          .tooManyUnproven(limit: isOwn ? own : all, ofOneAddress: isOwn), isNews: isNews)
      }
      Self.take(address, &state)
      return .admitted
    }
  }

  /// Takes a place for a connection whose token is no longer good. It was let in before, so it finds
  /// one even where a new connection would not.
  func demote(_ address: PeerAddress) { state.withLock { Self.take(address, &$0) } }

  /// Gives a place back: the connection has proved itself, or is gone.
  func leave(_ address: PeerAddress) {
    let now = clock()
    state.withLock { state in
      guard var peer = state.peers[address], peer.unproven > 0 else { return }
      state.unproven -= 1
      peer.unproven -= 1
      state.peers[address] = peer.unproven == 0 && !isRemembered(peer, now) ? nil : peer
    }
  }

  /// Notes that somebody at this address did not prove who it is. True when this was the failure
  /// that uses up what the address is allowed.
  func fail(_ address: PeerAddress) -> Bool {
    let now = clock()
    return state.withLock { state in
      var peer = state.peers[address] ?? Peer()
      let wasHeldOff = heldOff(peer, now) != nil
      let start = max(peer.clearAt ?? now, now)
      // Failures of connections that were let in before do not add up without an end.
      let furthest =
        now
        + .nanoseconds(
          limits.failedCredentialRecovery.nanoseconds * Int64(limits.maxFailedCredentials))
      peer.clearAt = min(start + limits.failedCredentialRecovery, furthest)
      state.peers[address] = peer
      if state.peers.count > limits.maxWatchedAddresses { forgetOne(&state, now) }
      return !wasHeldOff && heldOff(peer, now) != nil
    }
  }

  /// What is counted now: for tests.
  var counts: (unproven: Int, addresses: Int) {
    state.withLock { ($0.unproven, $0.peers.count) }
  }

  private static func take(_ address: PeerAddress, _ state: inout State) {
    state.unproven += 1
    state.peers[address, default: Peer()].unproven += 1
  }

  /// How long an address must wait; nil when it need not.
  private func heldOff(_ peer: Peer, _ now: NIODeadline) -> TimeAmount? {
    guard let clearAt = peer.clearAt else { return nil }
    let allowed =
      limits.failedCredentialRecovery.nanoseconds * Int64(limits.maxFailedCredentials - 1)
    let beyond = (clearAt - now).nanoseconds - allowed
    return beyond > 0 ? .nanoseconds(beyond) : nil
  }

  private func isRemembered(_ peer: Peer, _ now: NIODeadline) -> Bool {
    peer.clearAt.map { $0 > now } ?? false
  }

  /// Makes room by the address that time forgives first, of those without a connection.
  private func forgetOne(_ state: inout State, _ now: NIODeadline) {
    let idle = state.peers.filter { $0.value.unproven == 0 }
    let forgiven = idle.filter { !isRemembered($0.value, now) }
    if forgiven.isEmpty {
      let first = idle.min { ($0.value.clearAt ?? now) < ($1.value.clearAt ?? now) }
      if let first { state.peers[first.key] = nil }
    } else {
      for address in forgiven.keys { state.peers[address] = nil }
    }
  }
}
