internal import Digests
internal import NIOCore
internal import Synchronization

/// What stands between a listener and the methods when the server is not open. Shared by the event
/// loops; what it asks can be replaced while it runs.
final class ServerGate: Sendable {
  let admission: AdmissionControl
  /// Whether there are tokens; that stays as it is, whatever the tokens are replaced by.
  let wantsTokens: Bool
  private let security: Mutex<ServerSecurity>

  /// nil for a server that is open: then there is nothing to ask, and nothing is spent on it.
  init?(
    _ security: ServerSecurity, limits: RPCLimits, clock: @escaping @Sendable () -> NIODeadline
  ) {
    if security.isOpen { return nil }
    self.security = Mutex(security)
    wantsTokens = security.tokens != nil
    admission = AdmissionControl(limits: limits, clock: clock)
  }

  /// A new TLS handler with the certificate of now; nil on plain TCP.
  func makeTLSHandler() -> (any ChannelHandler)? { security.withLock(\.tls)?.makeHandler() }

  /// Who the token's holder is; nil when it is nobody.
  func entry(for digest: Digest) -> TokenTable.Entry? {
    security.withLock(\.tokens)?.entry(for: digest)
  }

  var isTLS: Bool { security.withLock { $0.tls != nil } }

  /// New certificates for new connections, new tokens for all. What a server asks for cannot be
  /// changed, only whom it lets in.
  func replace(_ new: ServerSecurity) {
    security.withLock { old in
      precondition(
        (old.tls == nil) == (new.tls == nil) && (old.tokens == nil) == (new.tokens == nil),
        "a running server cannot begin or cease to ask for TLS or tokens")
      old = new
    }
  }
}
