internal import Digests
internal import NIOCore

/// What one connection may do, and how it came to that. Touched on the connection's event loop.
struct ConnectionAccess {
  /// What the server asks for; nil when it is open.
  let gate: ServerGate?
  /// What the connection may call: a set of bits, so that a request is checked by one comparison.
  private(set) var rights: Roles
  /// The holder of the token presented last; for messages and the log.
  private(set) var name = ""
  /// Ends the connection when no good token has come by then.
  var timer: Scheduled<Void>?
  /// A refused request is reported once for each connection and token.
  var hasReportedRefusal = false
  private let address: PeerAddress
  /// Of the token presented last, which itself is not kept.
  private var digest: Digest?
  /// Whether the connection holds one of the places of those who have not shown who they are.
  private var isUnproven: Bool

  /// A connection that was admitted and holds a place, or one of an open server.
  init(gate: ServerGate? = nil, address: PeerAddress = PeerAddress(nil)) {
    self.gate = gate
    self.address = address
    rights = gate?.wantsTokens == true ? [] : .everything
    isUnproven = gate != nil
  }

  /// The connection has shown all that is asked, or is gone: its place is free.
  mutating func leavePlace() {
    timer?.cancel()
    timer = nil
    guard isUnproven else { return }
    isUnproven = false
    gate?.admission.leave(address)
  }

  /// Counts a failure against the client's address; true when it is the one that uses up what the
  /// address is allowed.
  func fail() -> Bool { gate?.admission.fail(address) ?? false }

  /// What presenting a token comes to.
  enum Presentation: Equatable {
    case accepted
    /// `isLast`: the failure that uses up what the address is allowed.
    case unknown(isLast: Bool)
  }

  /// Takes the token's rights instead of those before.
  mutating func present(_ token: UnsafeRawBufferPointer, to gate: ServerGate) -> Presentation {
    let digest = SHA256.hash(token)
    guard let entry = gate.entry(for: digest) else {
      return .unknown(isLast: fail())
    }
    self.digest = digest
    take(entry)
    hasReportedRefusal = false
    leavePlace()
    return .accepted
  }

  /// Looks its token up among new ones; true when it is gone, and the rights with it. The connection
  /// then is as one that has just been opened.
  mutating func renew() -> Bool {
    guard let gate, let digest else { return false }
    if let entry = gate.entry(for: digest) {
      take(entry)
      return false
    }
    self.digest = nil
    rights = []
    hasReportedRefusal = false
    isUnproven = true
    gate.admission.demote(address)
    return true
  }

  private mutating func take(_ entry: TokenTable.Entry) {
    name = entry.name
    rights = entry.roles.union(.known)
  }
}
