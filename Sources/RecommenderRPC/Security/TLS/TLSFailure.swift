internal import Glibc
internal import NIOCore
internal import NIOSSL

/// What TLS's errors mean, in words for the log and for callers.
enum TLSFailure {
  /// The reason; nil when the error is not one of TLS.
  static func reason(_ error: any Error) -> String? {
    switch error {
    case let error as NIOSSLError:
      switch error {
      case .handshakeFailed(let inner), .shutdownFailed(let inner): reason(inner)
      case .uncleanShutdown: "the connection ended without a word"
      case .unableToValidateCertificate, .noCertificateToValidate: untrusted
      default: "TLS failed: \(error)"
      }
    case let error as BoringSSLError:
      switch error {
      case .sslError(let stack), .unknownError(let stack):
        stack.isEmpty ? "TLS failed" : words(for: stack.map { "\($0)" }.joined(separator: "; "))
      default: "TLS failed: \(error)"
      }
    case let error as NIOSSLExtraError:
      error == .failedToValidateHostname ? wrongName : "TLS failed: \(error)"
    default: nil
    }
  }

  /// Whether a connection only ended where TLS had more to say. Frames carry their length, so that
  /// one cut short is noticed without TLS's own farewell; and a port is looked at by programs that
  /// connect and go.
  static func isPlainEnd(_ error: any Error) -> Bool {
    switch error {
    case NIOSSLError.uncleanShutdown: true
    case NIOSSLError.handshakeFailed(.sslError(let stack)): stack == [.eofDuringHandshake]
    default: false
    }
  }

  private static let untrusted = "the peer's certificate is not trusted"
  private static let wrongName = "the peer's certificate is for another name"

  /// BoringSSL's constants and what they come from, first match first.
  private static let meanings: [(constant: String, words: String)] = [
    ("CERTIFICATE_VERIFY_FAILED", untrusted),
    ("PEER_DID_NOT_RETURN_A_CERTIFICATE", "the client has shown no certificate"),
    ("CERTIFICATE_REQUIRED", "the server asks for a client certificate: none was shown"),
    ("CERTIFICATE_EXPIRED", "the peer refused our certificate: it has expired"),
    ("UNKNOWN_CA", "the peer refused our certificate: its authority is not trusted there"),
    ("CERTIFICATE_REVOKED", "the peer refused our certificate: it was revoked"),
    ("ALERT_BAD_CERTIFICATE", "the peer refused our certificate"),
    ("CERTIFICATE_UNKNOWN", "the peer refused our certificate"),
    ("UNSUPPORTED_CERTIFICATE", "the peer refused our certificate: it is of a kind not accepted"),
    ("WRONG_VERSION_NUMBER", "the peer does not speak TLS on this connection"),
    ("HTTP_REQUEST", "the peer speaks HTTP, not TLS"),
    ("HTTPS_PROXY_REQUEST", "the peer speaks HTTP, not TLS"),
    ("UNSUPPORTED_PROTOCOL", "the peer offers no TLS version of 1.2 or later"),
    ("ALERT_PROTOCOL_VERSION", "the peer accepts no TLS version of 1.2 or later"),
    ("NO_SHARED_CIPHER", "there is no cipher suite that both sides accept"),
    ("HANDSHAKE_FAILURE", "there is no cipher suite that both sides accept"),
    ("EOF during handshake", "the peer closed the connection during the TLS handshake"),
  ]

  private static func words(for stack: String) -> String {
    for meaning in meanings where stack.contains(meaning.constant) { return meaning.words }
    // Without the place in BoringSSL's sources.
    return "TLS failed: \(stack.components(upTo: " at "))"
  }

  /// The failure of a client's handshake: nothing of it passes by itself, so that none is worth a
  /// retry but a connection that merely ended.
  static func clientError(_ error: any Error, in context: ChannelHandlerContext) -> RPCError? {
    guard let reason = reason(error) else { return nil }
    if isPlainEnd(error) { return RPCError(code: .unavailable, message: reason) }
    let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLHandler.self)
    if reason == untrusted, let certificate = handler?.peerCertificate {
      // The time by which BoringSSL judged it, a moment later.
      let now = Int64(time(nil))
      let (from, until) = (Int64(certificate.notValidBefore), Int64(certificate.notValidAfter))
      let detail =
        now > until
        ? "it has expired"
        : now < from ? "it is not valid yet" : "no trusted authority has signed it"
      return RPCError(code: .unauthenticated, message: "\(reason): \(detail)")
    }
    return RPCError(code: .unauthenticated, message: reason)
  }
}

extension String {
  /// What comes before the first occurrence of a piece of text; all of it when there is none.
  fileprivate func components(upTo mark: String) -> Substring {
    var rest = self[...]
    while !rest.isEmpty {
      if rest.hasPrefix(mark) { return self[..<rest.startIndex] }
      rest = rest.dropFirst()
    }
    return self[...]
  }
}
