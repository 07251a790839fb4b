internal import NIOCore

/// What a server asks of those who connect: nothing, TLS, tokens, or both.
public struct ServerSecurity: Sendable {
  /// TLS with this certificate; nil for plain TCP.
  public var tls: ServerTLS?
  /// Who may call; nil lets everybody call everything.
  public var tokens: TokenTable?

  /// By default a server is open: right on loopback, and nowhere else.
  public init(tls: ServerTLS? = nil, tokens: TokenTable? = nil) {
    self.tls = tls
    self.tokens = tokens
  }

  /// Whether anything is asked.
  public var isOpen: Bool { tls == nil && tokens == nil }
}

extension ServerSecurity {
  /// Refuses to be open where others than this machine's programs can connect, unless that is what
  /// is wanted.
  ///
  /// - Parameters:
  ///   - host: what is to be listened on; a host that cannot be resolved is left to the listener.
  ///   - isOpenWanted: whether an open server was asked for by name.
  /// - Throws: `refused`, naming the options that mend it.
  public func check(listeningOn host: String, isOpenWanted: Bool) throws(SecurityError) {
    guard isOpen, !isOpenWanted, !Self.isLoopback(host) else { return }
    throw .refused(
      reason: "\(host) can be reached from other machines: give --tls-certificate and --tls-key,"
        + " or --tokens, or listen on 127.0.0.1; --insecure lets anybody in")
  }

  /// Whether only this machine's programs can reach the host.
  public static func isLoopback(_ host: String) -> Bool {
    guard let address = try? SocketAddress.makeAddressResolvingHost(host, port: 0) else {
      return true
    }
    return address.isLoopback
  }
}
