internal import ArgumentParser
internal import RecommenderRPC

/// The options of a client that say whom it trusts and who it is.
struct ClientSecurityOptions: ParsableArguments {
  @Flag(help: "Connect with TLS; the other --tls options imply it.")
  var tls = false

  @Option(
    name: .customLong("tls-ca"),
    help: "PEM file of the authorities that vouch for the server. [default: the system's]")
  var tlsCA: String?

  @Option(help: "PEM file of the client's own certificate and its chain.")
  var tlsCertificate: String?

  @Option(help: "PEM file of that certificate's private key.")
  var tlsKey: String?

  @Option(help: "The name in the server's certificate. [default: the host of --server]")
  var tlsServerName: String?

  @Option(help: "File whose first line is the token to present.")
  var tokenFile: String?

  @Flag(help: "Send the token in the clear, also to another machine.")
  var insecure = false

  func validate() throws {
    guard (tlsCertificate == nil) == (tlsKey == nil) else {
      throw ValidationError("--tls-certificate and --tls-key go together: give both")
    }
  }

  /// What TLS is set up with; nil for plain TCP.
  func loadTLS() throws(SecurityError) -> ClientTLS? {
    guard tls || tlsCA != nil || tlsCertificate != nil || tlsServerName != nil else { return nil }
    return try ClientTLS(
      authorityPath: tlsCA, certificatePath: tlsCertificate, keyPath: tlsKey,
      serverName: tlsServerName)
  }

  /// The token; nil when none is to be presented. Refuses to send it in the clear to another machine.
  func loadToken(host: String, usesTLS: Bool) throws(SecurityError) -> String? {
    guard let tokenFile else { return nil }
    guard usesTLS || insecure || ServerSecurity.isLoopback(host) else {
      throw .refused(
        reason: "the token would travel to \(host) in the clear: add --tls, or --insecure")
    }
    return try BearerToken.read(path: tokenFile).text
  }
}
