internal import ArgumentParser
internal import RecommenderRPC

/// The options of a server that say whom it lets in.
struct ServerSecurityOptions: ParsableArguments {
  @Option(help: "PEM file of the server's certificate and its chain: listen with TLS.")
  var tlsCertificate: String?

  @Option(help: "PEM file of the certificate's private key.")
  var tlsKey: String?

  @Option(
    name: .customLong("tls-client-ca"),
    help: "PEM file of authorities; only clients with a certificate of one are let in.")
  var tlsClientCA: String?

  @Option(help: "File of tokens; only clients with one are let in, see 'teller tokens new'.")
  var tokens: String?

  @Flag(help: "Let anybody in, also from other machines.")
  var insecure = false

  func validate() throws {
    guard (tlsCertificate == nil) == (tlsKey == nil) else {
      throw ValidationError("--tls-certificate and --tls-key go together: give both")
    }
    if tlsClientCA != nil, tlsCertificate == nil {
      throw ValidationError("--tls-client-ca needs --tls-certificate and --tls-key")
    }
  }

  /// Whether there are files that may change while the server runs.
  var hasFiles: Bool { tlsCertificate != nil || tokens != nil }

  /// Reads the files.
  func load() throws(SecurityError) -> ServerSecurity {
    var security = ServerSecurity()
    if let tlsCertificate, let tlsKey {
      security.tls = try ServerTLS(
        certificatePath: tlsCertificate, keyPath: tlsKey, clientAuthorityPath: tlsClientCA)
    }
    if let tokens { security.tokens = try TokenTable(path: tokens) }
    return security
  }
}
