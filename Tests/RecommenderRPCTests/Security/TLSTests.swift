internal import Foundation
internal import NIOCore
internal import NIOPosix
internal import TestSupport
internal import Testing

@testable internal import RecommenderRPC

/// TLS over real sockets: who is let in, and what everybody else is told.
@Suite(.serialized) struct TLSTests {
  private static let made = Result { try TestCertificates() }

  private let certificates: TestCertificates
  private let log = EmbeddedServer.EventLog()

  init() throws { certificates = try Self.made.get() }

  private func serverTLS(
    _ name: String = "server", clientAuthority: String? = nil
  ) throws -> ServerTLS {
    try ServerTLS(
      certificatePath: certificates.certificate(name), keyPath: certificates.key(name),
      clientAuthorityPath: clientAuthority.map { certificates.certificate($0) })
  }

  private func clientTLS(
    _ name: String? = nil, trusting authority: String = "authority", serverName: String? = nil
  ) throws -> ClientTLS {
    try ClientTLS(
      authorityPath: certificates.certificate(authority),
      certificatePath: name.map { certificates.certificate($0) },
      keyPath: name.map { certificates.key($0) }, serverName: serverName)
  }

  private func server(
    _ security: ServerSecurity, limits: RPCLimits = RPCLimits()
  ) async throws -> RPCServer {
    let log = log
    return try await RPCServer.start(
      host: "127.0.0.1", port: 0, group: MultiThreadedEventLoopGroup.singleton, limits: limits,
      report: { log.add($0) }, security: security
    ) { _ in
      guard let methods = try? EchoMethods() else { preconditionFailure("the test's own items") }
      return methods
    }
  }

  private func client(
    _ server: RPCServer, host: String = "127.0.0.1", tls: ClientTLS?, token: String? = nil
  ) async throws(RPCError) -> RPCClient {
    try await RPCClient.connect(
      host: host, port: server.port, group: MultiThreadedEventLoopGroup.singleton, tls: tls,
      token: token)
  }

  /// What somebody who is not let in is told, when connecting or at the first call.
  private func refusal(_ server: RPCServer, tls: ClientTLS?, token: String? = nil) async
    -> RPCError?
  {
    do throws(RPCError) {
      let client = try await client(server, tls: tls, token: token)
      _ = try await client.recommend(user: "anna")
      return nil
    } catch {
      return error
    }
  }

  /// Waits until all clients are gone, so that everything is reported, and gives the lines of
  /// connections that failed.
  private func failures(_ server: RPCServer) async -> [String] {
    while server.connections > 0 { await Task.yield() }
    await server.drain()
    return log.all.filter { $0.contains("failed") || $0.contains("sent away") }
  }

  @Test(arguments: ["127.0.0.1", "localhost"])
  func callsGoThroughTLS(host: String) async throws {
    let server = try await server(ServerSecurity(tls: serverTLS()))
    let client = try await client(server, host: host, tls: clientTLS())
    for number in 0..<100 {
      let items = try await client.recommend(user: "user-\(number)", count: 3)
      #expect(items.itemIndexes.first == EchoMethods.firstIndex("user-\(number)"))
    }
    // A page of the catalogue is longer than one record of TLS.
    #expect(try await client.describe().service.itemIDs.count == EchoMethods.itemCount)
    await client.close()
    #expect(await failures(server).isEmpty)
  }

  @Test func certificateOfAnUntrustedAuthority() async throws {
    let server = try await server(ServerSecurity(tls: serverTLS()))
    let error = await refusal(server, tls: try clientTLS(trusting: "stranger"))
    #expect(error?.code == .unauthenticated)
    #expect(
      error?.message
        == "the peer's certificate is not trusted: no trusted authority has signed it")
    let lines = await failures(server)
    #expect(lines.count == 1)
    #expect(lines.first?.contains("the peer refused our certificate") == true, "\(lines)")
  }

  @Test func expiredCertificate() async throws {
    let server = try await server(ServerSecurity(tls: serverTLS("expired")))
    let error = await refusal(server, tls: try clientTLS())
    #expect(error?.code == .unauthenticated)
    #expect(error?.message == "the peer's certificate is not trusted: it has expired")
    #expect(await failures(server).count == 1)
  }

  @Test func certificateForAnotherName() async throws {
    let server = try await server(ServerSecurity(tls: serverTLS("elsewhere")))
    let error = await refusal(server, tls: try clientTLS())
    #expect(error?.code == .unauthenticated)
    #expect(error?.message == "the peer's certificate is for another name")
    // Of this the server learns nothing but that the client went.
    #expect(await failures(server).count <= 1)
    // Who knows the name can say so.
    let named = try clientTLS(serverName: "elsewhere.example")
    #expect(
      await refusal(
        try await self.server(
          ServerSecurity(tls: serverTLS("elsewhere"))), tls: named) == nil)
  }

  @Test func clientCertificateIsAskedFor() async throws {
    let server = try await server(
      ServerSecurity(tls: serverTLS(clientAuthority: "authority")))
    #expect(await refusal(server, tls: try clientTLS("client")) == nil)
    #expect(await failures(server).isEmpty)
  }

  @Test(
    arguments: [
      (nil, "none was shown", "has shown no certificate"),
      ("strange-client", "its authority is not trusted", "certificate is not trusted"),
      ("expired-client", "it has expired", "certificate is not trusted"),
    ] as [(String?, String, String)])
  func clientsThatAreNotLetIn(_ name: String?, _ told: String, _ logged: String) async throws {
    let server = try await server(
      ServerSecurity(tls: serverTLS(clientAuthority: "authority")))
    let error = await refusal(server, tls: try clientTLS(name))
    #expect(error?.code == .unauthenticated)
    #expect(error?.message.contains(told) == true, "\(String(describing: error))")
    let lines = await failures(server)
    #expect(lines.count == 1)
    #expect(lines.first?.contains(logged) == true, "\(lines)")
  }

  @Test func plainClientOnATLSPort() async throws {
    let server = try await server(ServerSecurity(tls: serverTLS()))
    let error = await refusal(server, tls: nil)
    #expect(
      error
        == RPCError(
          code: .unauthenticated, message: "the server speaks TLS on this port: connect with TLS"))
    let lines = await failures(server)
    #expect(lines.count == 1)
    #expect(lines.first?.contains("does not speak TLS") == true, "\(lines)")
  }

  @Test func tlsClientOnAPlainPort() async throws {
    let server = try await server(ServerSecurity())
    let error = await refusal(server, tls: try clientTLS())
    #expect(
      error
        == RPCError(
          code: .unauthenticated, message: "the peer does not speak TLS on this connection"))
    let lines = await failures(server)
    #expect(lines.count == 1)
    #expect(lines.first?.contains("one side uses TLS and the other does not") == true, "\(lines)")
  }

  @Test func silentClientOnATLSPortIsClosedInTime() async throws {
    var limits = RPCLimits()
    limits.prefaceTimeout = .milliseconds(50)
    limits.lingerTimeout = .milliseconds(50)
    let server = try await server(ServerSecurity(tls: serverTLS()), limits: limits)
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "127.0.0.1", port: server.port).get()
    try await channel.closeFuture.get()
    #expect(await failures(server).count == 1)
  }

  @Test func failedHandshakesCountAgainstTheirAddress() async throws {
    var limits = RPCLimits()
    limits.maxFailedCredentials = 2
    let server = try await server(ServerSecurity(tls: serverTLS()), limits: limits)
    for _ in 1...2 {
      #expect(await refusal(server, tls: nil)?.code == .unauthenticated)
      while server.connections > 0 { await Task.yield() }
    }
    #expect(await refusal(server, tls: try clientTLS())?.code == .unavailable)
    await server.drain()
    #expect(log.all.filter { $0.contains("handshakes: the address of") }.count == 1)
  }

  @Test func oneUnprovenConnectionTooManyIsClosedBeforeTheHandshake() async throws {
    var limits = RPCLimits()
    limits.maxUnprovenConnections = 1
    let server = try await server(ServerSecurity(tls: serverTLS()), limits: limits)
    let silent = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "127.0.0.1", port: server.port).get()
    while server.connections == 0 { await Task.yield() }
    #expect(await refusal(server, tls: try clientTLS())?.code == .unavailable)
    try await silent.close()
    while server.connections > 0 { await Task.yield() }
    // TLS and the preface are all that is asked here: a client with both frees its place.
    let first = try await client(server, tls: clientTLS())
    let second = try await client(server, tls: clientTLS())
    #expect(try await second.recommend(user: "anna").itemIDs.isEmpty == false)
    await first.close()
    await second.close()
    await server.drain()
  }

  @Test func tokensGoThroughTLSAndStayOutOfTheLog() async throws {
    let server = try await server(
      ServerSecurity(tls: serverTLS(), tokens: AccessTests.table()))
    let client = try await client(server, tls: clientTLS(), token: "read-token")
    #expect(try await client.recommend(user: "anna", count: 1).itemIDs.count == 1)
    await #expect(throws: RPCError.self) { try await client.feedback([Frames.event(1)]) }
    #expect(await refusal(server, tls: try clientTLS())?.code == .unauthenticated)
    let stranger = await refusal(server, tls: try clientTLS(), token: "guess")
    #expect(stranger?.code == .unauthenticated)
    await client.close()
    await server.drain()
    #expect(!log.all.contains { $0.contains("read-token") || $0.contains("guess") })
  }

  @Test func newCertificateIsForNewConnections() async throws {
    let server = try await server(ServerSecurity(tls: serverTLS("expired")))
    #expect(await refusal(server, tls: try clientTLS())?.code == .unauthenticated)
    await server.replaceSecurity(ServerSecurity(tls: try serverTLS("renewed")))
    let client = try await client(server, tls: clientTLS())
    await server.replaceSecurity(ServerSecurity(tls: try serverTLS("expired")))
    // An open connection goes on.
    #expect(try await client.recommend(user: "anna").itemIDs.isEmpty == false)
    await client.close()
    await server.drain()
  }

  @Test func loadGoesThroughTLSWithAToken() async throws {
    let server = try await server(
      ServerSecurity(tls: serverTLS(), tokens: AccessTests.table()))
    var plan = RPCLoadPlan(host: "127.0.0.1", port: server.port, userIDs: ["a", "b"])
    (plan.tls, plan.token) = (try clientTLS(), "read-token")
    (plan.connections, plan.outstanding) = (3, 4)
    plan.duration = .milliseconds(100)
    plan.warmup = .zero
    let report = try await RPCLoadGenerator.run(plan, group: MultiThreadedEventLoopGroup.singleton)
    #expect(report.errors == 0)
    #expect(report.requests >= 12)
    await server.drain()
  }

  @Test func filesThatAreNoUse() throws {
    func complaint(_ certificate: String, _ key: String, client: String? = nil) -> String {
      do {
        _ = try ServerTLS(certificatePath: certificate, keyPath: key, clientAuthorityPath: client)
        return ""
      } catch {
        return "\(error)"
      }
    }
    let (certificate, key) = (certificates.certificate("server"), certificates.key("server"))
    #expect(complaint("/nowhere", key) == "/nowhere: No such file or directory")
    #expect(complaint(certificate, "/nowhere") == "/nowhere: No such file or directory")
    #expect(complaint(key, key) == "\(key): no certificate in PEM form in it")
    #expect(complaint(certificate, certificate).hasPrefix("\(certificate): no private key"))
    #expect(
      complaint(certificate, certificates.key("client"))
        == "\(certificate): the certificate and the key do not belong together, or are not usable")
    #expect(complaint(certificate, key, client: key) == "\(key): no certificate in PEM form in it")
    #expect(
      throws: SecurityError.refused(
        reason: "a client's certificate and its key go together: give both")
    ) { try ClientTLS(certificatePath: certificate) }
  }
}
