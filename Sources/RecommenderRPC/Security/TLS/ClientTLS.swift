internal import NIOCore
internal import NIOSSL

/// The TLS side of a client: whom it trusts, and who it is to servers that ask.
public struct ClientTLS: Sendable {
  private let context: NIOSSLContext
  private let serverName: String?

  /// Reads PEM files.
  ///
  /// - Parameters:
  ///   - authorityPath: the authorities one of which must vouch for the server; nil takes those the
  ///     operating system trusts.
  ///   - certificatePath: the client's own certificate followed by its chain; with `keyPath`, or
  ///     neither.
  ///   - keyPath: its private key.
  ///   - serverName: the name the server's certificate must have; nil takes the host connected to. A
  ///     certificate for the IP address that was connected to is good, too, whatever the name.
  /// - Throws: `unreadable`, `invalidCertificate`, and `refused` for a certificate without a key or
  ///   a key without a certificate.
  public init(
    authorityPath: String? = nil, certificatePath: String? = nil, keyPath: String? = nil,
    serverName: String? = nil
  ) throws(SecurityError) {
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.minimumTLSVersion = TLSMaterial.minimumVersion
    configuration.cipherSuiteValues = TLSMaterial.suites
    if let authorityPath {
      configuration.trustRoots = .certificates(try TLSMaterial.certificates(authorityPath))
    }
    switch (certificatePath, keyPath) {
    case (let certificatePath?, let keyPath?):
      let identity = try TLSMaterial.identity(certificatePath: certificatePath, keyPath: keyPath)
      configuration.certificateChain = identity.chain.map { .certificate($0) }
      configuration.privateKey = .privateKey(identity.key)
    case (nil, nil): break
    default: throw .refused(reason: "a client's certificate and its key go together: give both")
    }
    context = try TLSMaterial.context(configuration, certificatePath: certificatePath)
    self.serverName = serverName
  }

  /// Stands in front of a new connection's handler. A host given as an address is held against the
  /// addresses in the certificate; names are held against its names.
  func makeHandler(host: String) throws -> any ChannelHandler {
    let name = serverName ?? host
    let isAddress = (try? SocketAddress(ipAddress: name, port: 0)) != nil
    return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : name)
  }
}
