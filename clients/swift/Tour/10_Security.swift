internal import Foundation
internal import NIOPosix
internal import RecommenderRPC

/// TLS with a certificate of the client's own, a token and its roles, and what happens without.
///
///     SwiftClientTour 127.0.0.1:7001 10 CA.pem CLIENT.pem CLIENT.key TOKEN-FILE READ-TOKEN-FILE \
///       STRANGER.pem STRANGER.key
///
/// The second token has the role `read` alone, and the stranger's certificate is signed by nobody
/// the server knows.
struct SecuritySample {
  /// Files behind the sample's number.
  static let fileCount = 7

  private let address: (host: String, port: Int)
  private let group: MultiThreadedEventLoopGroup
  private let files: [String]

  init(
    address: (host: String, port: Int), group: MultiThreadedEventLoopGroup, files: [String]
  ) throws(RPCError) {
    guard files.count == Self.fileCount else {
      throw RPCError(
        code: .invalidArgument,
        message: "use: SwiftClientTour HOST:PORT 10 CA.pem CLIENT.pem CLIENT.key TOKEN-FILE "
          + "READ-TOKEN-FILE STRANGER.pem STRANGER.key")
    }
    self.address = address
    self.group = group
    self.files = files
  }

  /// Throws INTERNAL when the server lets in whom it should not.
  func run() async throws(RPCError) {
    let authority = files[0]
    let (token, readToken) = (try firstLine(files[3]), try firstLine(files[4]))
    let known = try tls(authority, certificate: files[1], key: files[2])
    let client = try await connect(known, token: token)
    let taken = try await client.recommend(user: "15889", count: 1).itemIDs[0]
    print("known: \(taken)")
    await client.close()

    let reader = try await connect(known, token: readToken)
    let event = FeedbackEvent(
      eventID: "security-1", userID: "15889", itemID: taken, type: .shown)
    try await expect("a token that may only read", .permissionDenied) { () throws(RPCError) in
      _ = try await reader.feedback([event])
    }
    // The connection lives on.
    print("it reads: \(try await reader.recommend(user: "15889", count: 1).itemIDs[0])")
    await reader.close()

    // A certificate that one side does not accept is noticed while connecting, a token by the calls.
    let stranger = try tls(authority, certificate: files[5], key: files[6])
    let strangers: [(name: String, tls: ClientTLS?, token: String?)] = [
      ("without TLS", nil, token),
      ("without a certificate", try tls(authority), token),
      ("a stranger's certificate", stranger, token),
      // The system's authorities know nothing of the server's.
      ("another authority", try tls(nil), token),
      ("without a token", known, nil),
      ("with a wrong token", known, "guess"),
    ]
    for (name, tls, token) in strangers {
      try await expect(name, .unauthenticated) { () throws(RPCError) in
        let client = try await connect(tls, token: token)
        _ = try await client.recommend(user: "15889", count: 1)
      }
    }
  }

  private func connect(_ tls: ClientTLS?, token: String?) async throws(RPCError) -> RPCClient {
    try await RPCClient.connect(
      host: address.host, port: address.port, group: group, tls: tls, token: token)
  }

  private func tls(
    _ authority: String?, certificate: String? = nil, key: String? = nil
  ) throws(RPCError) -> ClientTLS {
    do throws(SecurityError) {
      return try ClientTLS(authorityPath: authority, certificatePath: certificate, keyPath: key)
    } catch {
      throw RPCError(code: .invalidArgument, message: "\(error)")
    }
  }

  /// Runs what must fail with a status; throws INTERNAL when it does not.
  private func expect(
    _ name: String, _ code: StatusCode, _ body: () async throws(RPCError) -> Void
  ) async throws(RPCError) {
    do throws(RPCError) {
      try await body()
    } catch  where error.code == code {
      print("\(name): \(error.message)")
      return
    }
    throw RPCError(code: .internalError, message: "\(name): let in")
  }

  private func firstLine(_ path: String) throws(RPCError) -> String {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8),
      let line = text.split(whereSeparator: \.isNewline).first
    else { throw RPCError(code: .invalidArgument, message: "\(path) holds no token") }
    return String(line)
  }
}
