internal import Foundation
internal import Logging
internal import RecommenderRPC

extension Logger {
  /// Logs what a server asks of its clients, and warns of what is asked too little.
  func log(_ security: ServerSecurity, listeningOn host: String) {
    if let tls = security.tls {
      let end = Date(timeIntervalSince1970: TimeInterval(tls.validThroughSeconds))
      let daysLeft = Int(end.timeIntervalSince1970) / 86_400 - Self.today
      log(
        level: daysLeft < Self.daysOfWarning ? .warning : .info,
        daysLeft < 0 ? "TLS, but the certificate has expired" : "TLS",
        metadata: [
          "certificate_valid_through": "\(ISO8601DateFormatter().string(from: end))",
          "client_certificates": "\(tls.asksForClientCertificates)",
        ])
    }
    if let tokens = security.tokens { info("tokens", metadata: ["count": "\(tokens.count)"]) }
    guard !ServerSecurity.isLoopback(host) else { return }
    switch (security.tls, security.tokens) {
    case (nil, nil): warning("insecure: anybody who reaches this server may call everything")
    case (nil, _?):
      warning("tokens and answers travel in the clear: add --tls-certificate and --tls-key")
    case (let tls?, nil) where !tls.asksForClientCertificates:
      warning("anybody who reaches this server may call everything: add --tokens")
    default: break
    }
  }

  /// Days before a certificate's end from which on its log line is a warning.
  private static let daysOfWarning = 14

  private static var today: Int { Int(SystemClock.nowMilliseconds() / 86_400_000) }
}
