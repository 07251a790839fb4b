internal import NIOCore
internal import NIOSSL

/// The TLS side of a server: its certificate, and the authority of its clients' where it asks for
/// theirs.
public struct ServerTLS: Sendable {
  /// When the server's own certificate ends, in seconds since 1970.
  public let validThroughSeconds: Int64
  /// Whether every client must show a certificate of the authority.
  public let asksForClientCertificates: Bool
  private let context: NIOSSLContext

  /// Reads PEM files: the certificate followed by its chain, its private key, and the authorities
  /// whose certificates a client must show one of; nil asks clients for none.
  ///
  /// Throws `unreadable` and `invalidCertificate`, also for a key that is not the certificate's.
  public init(
    certificatePath: String, keyPath: String, clientAuthorityPath: String? = nil
  ) throws(SecurityError) {
    let identity = try TLSMaterial.identity(certificatePath: certificatePath, keyPath: keyPath)
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: identity.chain.map { .certificate($0) },
      privateKey: .privateKey(identity.key))
    configuration.minimumTLSVersion = TLSMaterial.minimumVersion
    configuration.cipherSuiteValues = TLSMaterial.suites
    if let clientAuthorityPath {
      configuration.trustRoots = .certificates(try TLSMaterial.certificates(clientAuthorityPath))
      configuration.certificateVerification = .noHostnameVerification
    }
    context = try TLSMaterial.context(configuration, certificatePath: certificatePath)
    asksForClientCertificates = clientAuthorityPath != nil
    validThroughSeconds = Int64(identity.chain[0].notValidAfter)
  }

  /// Stands in front of a new connection's handler.
  func makeHandler() -> any ChannelHandler { NIOSSLServerHandler(context: context) }
}
