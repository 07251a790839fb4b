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
