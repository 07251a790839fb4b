internal import Digests
internal import NIOCore
internal import NIOEmbedded
internal import Testing

@testable internal import RecommenderRPC

/// Which token may call what, on one connection.
@Suite struct AccessTests {
  static func line(_ name: String, _ roles: Roles, token: String) throws -> String {
    let digest = Array(token.utf8).withUnsafeBytes { SHA256.hash($0).hexadecimal }
    return "\(name) \(roles) \(digest)\n"
  }

  /// One caller for each role, and one with all; the token is the name and `-token`.
  static func table() throws -> TokenTable {
    let all: Roles = [.read, .feedback, .catalogue, .admin]
    var text = try line("all", all, token: "all-token")
    for (name, role) in Roles.named { text += try line(name, role, token: "\(name)-token") }
    return try TokenTable(text: text, path: "tokens.txt")
  }

  static func credentials(_ token: String) -> [UInt8] { Frames.credentials(Array(token.utf8)) }

  static func server(limits: RPCLimits = RPCLimits()) throws -> EmbeddedServer {
    try EmbeddedServer(limits: limits, tokens: table())
  }

  /// The rule written down a second time, method by method.
  private static let needed: [(methods: [UInt16], roles: [String])] = [
    ([1, 2, 5, 6, 10, 11, 12], ["read"]),
    ([3], ["feedback"]),
    ([4], ["read", "feedback", "catalogue", "admin"]),
    ([7, 8], ["catalogue"]),
    ([13, 14], ["admin"]),
    ([0, 9, 15, 100, 32_768, 65_535], ["admin"]),
  ]

  @Test(arguments: ["read", "feedback", "catalogue", "admin", "all"])
  func everyRoleAndEveryMethod(_ name: String) throws {
    for (methods, roles) in Self.needed {
      for method in methods {
        let server = try Self.server()
        try server.send(Self.credentials("\(name)-token") + Frames.request(method, id: 7))
        let frames = try server.receive()
        let status = frames.first?.status
        let isAllowed = name == "all" || roles.contains(name)
        if isAllowed {
          #expect(
            status != .permissionDenied && status != .unauthenticated, "\(name), \(method)")
        } else {
          #expect(status == .permissionDenied, "\(name), \(method)")
          let known = MethodNumber(rawValue: method)?.name ?? "method \(method)"
          #expect(
            frames[0].text == "\(name) may not call \(known): that needs the role \(roles[0])")
        }
        #expect(frames.first?.header.requestID == 7)
        #expect(server.channel.isActive)
      }
    }
  }

  /// Every method of this version stands in the table above by its number.
  @Test func noMethodIsLeftOut() {
    let listed = Set(Self.needed.dropLast().flatMap(\.methods))
    for method in MethodNumber.allCases { #expect(listed.contains(method.rawValue), "\(method)") }
  }

  @Test func withoutATokenNothingIsAnswered() throws {
    let server = try Self.server()
    for method in [1, 2, 3, 4, 5, 7, 10, 99] as [UInt16] {
      try server.send(Frames.request(method, id: UInt32(method)))
    }
    let frames = try server.receive()
    #expect(frames.count == 8)
    #expect(frames.allSatisfy { $0.status == .unauthenticated })
    #expect(frames[0].text == "this server asks for a token: present one first")
    #expect(server.methods.calls == 0)
    // Once, however many calls there were.
    #expect(server.log.all.filter { $0.contains("UNAUTHENTICATED") }.count == 1)
  }

  @Test func refusalIsReportedOnceForEachToken() throws {
    let server = try Self.server()
    func ask() throws {
      for id in 1...3 { try server.send(Frames.request(3, id: UInt32(id))) }
      _ = try server.receive()
    }
    try server.send(Self.credentials("read-token"))
    try ask()
    #expect(server.log.all.filter { $0.contains("PERMISSION_DENIED") }.count == 1)
    try server.send(Self.credentials("catalogue-token"))
    try ask()
    #expect(server.log.all.filter { $0.contains("PERMISSION_DENIED") }.count == 2)
    #expect(!server.log.all.contains { $0.contains("-token") })
  }

  @Test func lastTokenCounts() throws {
    let server = try Self.server()
    try server.send(
      Self.credentials("read-token") + Frames.recommend("u", id: 1)
        + Self.credentials("feedback-token") + Frames.recommend("u", id: 2)
        + Frames.feedback([Frames.event(1)], id: 3))
    #expect(try server.receive().map(\.status) == [.ok, .permissionDenied, .ok])
  }

  @Test func badTokenEndsTheConnection() throws {
    let server = try Self.server()
    try server.send(Self.credentials("read-token") + Self.credentials("guess"))
    let frames = try server.receive()
    #expect(frames.map(\.header.type) == [FrameType.goAway.rawValue])
    #expect(frames[0].status == .unauthenticated)
    #expect(frames[0].text == "the token is not known")
    #expect(server.log.all.filter { $0.contains("the token is not known") }.count == 1)
    #expect(!server.log.all.contains { $0.contains("guess") })
  }

  @Test func longestTokenIsGoodToo() throws {
    let longest = String(repeating: "g", count: ProtocolVersion1.maxTokenBytes)
    let table = try TokenTable(
      text: Self.line("long", .read, token: longest), path: "tokens.txt")
    let server = try EmbeddedServer(tokens: table)
    try server.send(Self.credentials(longest) + Frames.recommend("u", id: 1))
    #expect(try server.receive().map(\.status) == [.ok])
  }

  @Test func openServerIgnoresTokens() throws {
    let server = try EmbeddedServer()
    try server.send(Self.credentials("whatever") + Frames.recommend("u", id: 1))
    #expect(try server.receive().map(\.status) == [.ok])
  }

  @Test func framesBeforeATokenUpToTheirLimit() throws {
    func ask(_ bytes: Int, _ token: String? = nil) throws -> [Frame] {
      let server = try Self.server()
      let long = Frames.request(1, id: 1, [UInt8](repeating: 0, count: bytes))
      try server.send((token.map { Self.credentials($0) } ?? []) + long)
      return try server.receive()
    }
    let limit = RPCLimits().maxUnprovenFrameBytes
    #expect(try ask(limit).map(\.header.type) == [FrameType.response.rawValue])
    #expect(try ask(limit + 1).map(\.header.type) == [FrameType.goAway.rawValue])
    #expect(try ask(limit + 1).map(\.status) == [.unauthenticated])
    // Right behind the token the limit is that of everybody.
    #expect(try ask(limit + 1, "read-token").map(\.status) == [.invalidArgument])
  }

  @Test func tokenMustComeInTime() throws {
    var limits = RPCLimits()
    limits.credentialsTimeout = .seconds(5)
    let late = try Self.server(limits: limits)
    late.channel.embeddedEventLoop.advanceTime(by: .milliseconds(4999))
    #expect(try late.receive().isEmpty)
    late.channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
    #expect(try late.receive().map(\.status) == [.unauthenticated])
    #expect(late.log.all.contains { $0.contains("no good token was presented in time") })

    let prompt = try Self.server(limits: limits)
    try prompt.send(Self.credentials("read-token"))
    prompt.channel.embeddedEventLoop.advanceTime(by: .seconds(8))
    try prompt.send(Frames.recommend("u", id: 1))
    #expect(try prompt.receive().map(\.status) == [.ok])
  }

  @Test func newTokensCountFromTheNextRequestOn() throws {
    var limits = RPCLimits()
    limits.credentialsTimeout = .seconds(5)
    let server = try Self.server(limits: limits)
    let gate = try #require(server.gate)
    try server.send(Self.credentials("read-token") + Frames.recommend("u", id: 1))
    #expect(gate.admission.counts.unproven == 0)
    func replace(_ text: String) throws {
      gate.replace(ServerSecurity(tokens: try TokenTable(text: text, path: "tokens.txt")))
      server.handler.renewAccess()
    }
    // Other roles for the same token.
    try replace(Self.line("reader", [.feedback], token: "read-token"))
    try server.send(Frames.recommend("u", id: 2))
    // The token is gone: the connection is as one that has just come, but not cut.
    try replace(Self.line("other", [.read], token: "other-token"))
    try server.send(Frames.recommend("u", id: 3))
    var frames = try server.receive()
    #expect(frames.map(\.status) == [.ok, .permissionDenied, .unauthenticated])
    #expect(frames[2].text == "the token of reader is no longer good: present another")
    #expect(gate.admission.counts.unproven == 1)
    try server.send(Self.credentials("other-token") + Frames.recommend("u", id: 4))
    #expect(gate.admission.counts.unproven == 0)
    // And gone again, with nothing presented in time.
    try replace(Self.line("third", [.read], token: "third-token"))
    server.channel.embeddedEventLoop.advanceTime(by: .seconds(5))
    frames = try server.receive()
    #expect(frames.map(\.status) == [.ok, .unauthenticated])
    #expect(frames[1].header.type == FrameType.goAway.rawValue)
  }

  @Test func requestInFlightIsAnsweredThoughItsTokenIsGone() throws {
    let server = try Self.server()
    server.methods.holdsFeedback = true
    try server.send(
      Self.credentials("feedback-token") + Frames.feedback([Frames.event(1)], id: 1))
    try #require(server.gate).replace(
      ServerSecurity(
        tokens: try TokenTable(
          text: Self.line("other", [.read], token: "other-token"), path: "tokens.txt")))
    server.handler.renewAccess()
    server.methods.held[0].completion(.success([.accepted]))
    server.channel.embeddedEventLoop.run()
    #expect(try server.receive().map(\.status) == [.ok])
  }

  /// 1 and 1024 bytes are tokens, though unknown ones; 0 and 1025 are no frame.
  @Test(arguments: [
    (0, "INVALID_ARGUMENT"), (1, "UNAUTHENTICATED"), (1024, "UNAUTHENTICATED"),
    (1025, "INVALID_ARGUMENT"),
  ])
  func lengthsOfTokens(_ length: Int, _ status: String) throws {
    let server = try Self.server()
    try server.send(Self.credentials(String(repeating: "x", count: length)))
    #expect(try server.receive().map(\.status.name) == [status])
  }
}
