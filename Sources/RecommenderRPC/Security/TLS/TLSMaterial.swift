internal import NIOSSL

/// What TLS is set up from, read out of PEM files.
enum TLSMaterial {
  /// TLS 1.0 and 1.1 are deprecated (RFC 8996). 1.2 is kept beside 1.3 for callers on operating
  /// systems that will be with a bank for years, with the suites below only.
  static let minimumVersion = TLSVersion.tlsv12

  /// Of TLS 1.2: forward secrecy and authenticated encryption, nothing else. (Those of 1.3 are all
  /// like that and not chosen by this list.)
  static let suites: [NIOTLSCipher] = [
    .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
  ]

  /// The certificates of a file, at least one.
  static func certificates(_ path: String) throws(SecurityError) -> [NIOSSLCertificate] {
    let bytes = try SecurityFile.read(path)
    guard let found = try? NIOSSLCertificate.fromPEMBytes(bytes), !found.isEmpty else {
      throw .invalidCertificate(path: path, reason: "no certificate in PEM form in it")
    }
    return found
  }

  /// A certificate with the chain behind it, and its private key.
  static func identity(
    certificatePath: String, keyPath: String
  ) throws(SecurityError) -> (chain: [NIOSSLCertificate], key: NIOSSLPrivateKey) {
    let chain = try certificates(certificatePath)
    let bytes = try SecurityFile.read(keyPath)
    guard let key = try? NIOSSLPrivateKey(bytes: bytes, format: .pem) else {
      throw .invalidCertificate(
        path: keyPath, reason: "no private key in PEM form in it, or one with a pass phrase")
    }
    return (chain, key)
  }

  /// Joins it all; what BoringSSL refuses here is a key that is not the certificate's.
  static func context(
    _ configuration: TLSConfiguration, certificatePath: String?
  ) throws(SecurityError) -> NIOSSLContext {
    do {
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw .invalidCertificate(
        path: certificatePath ?? "TLS",
        reason: "the certificate and the key do not belong together, or are not usable")
    }
  }
}
