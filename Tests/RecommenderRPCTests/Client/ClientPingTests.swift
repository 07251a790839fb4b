internal import NIOCore
internal import NIOEmbedded
internal import NIOPosix
internal import Testing

@testable internal import RecommenderRPC

/// `RPCClient.ping`: its handler on an embedded channel, where the test is the server and the
/// clock, and the whole client against a server that stays silent.
@Suite struct ClientPingTests {
  private final class Client {
    let channel: EmbeddedChannel
    let handler: ClientConnectionHandler
    var results: [Result<Duration, RPCError>] = []
    var codes: [StatusCode] {
      results.map {
        if case .failure(let error) = $0 { return error.code }
        return .ok
      }
    }

    init() throws {
      handler = ClientConnectionHandler(limits: RPCLimits()) { _ in }
      channel = EmbeddedChannel(handler: handler)
      try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
      _ = try channel.readOutbound(as: ByteBuffer.self)
      try receive(ProtocolVersion1.preface)
    }

    deinit { _ = try? channel.finish(acceptAlreadyClosed: true) }

    func receive(_ bytes: [UInt8]) throws { try channel.writeInbound(ByteBuffer(bytes: bytes)) }

    func ping(timeout: Duration? = nil) -> UInt32? {
      handler.ping(timeout: timeout) { [weak self] in self?.results.append($0) }
    }

    func sent() throws -> [Frame] {
      channel.embeddedEventLoop.run()
      var bytes: [UInt8] = []
      while let buffer = try channel.readOutbound(as: ByteBuffer.self) {
        bytes += buffer.readableBytesView
      }
      return Frames.split(bytes)
    }
  }

  private func pong(_ content: [UInt8]) -> [UInt8] {
    Frames.make(FrameHeader(.pong, payloadLength: content.count), content)
  }

  @Test func eachPongEndsThePingItAnswersWithTheTimeBetweenThem() throws {
    let client = try Client()
    _ = client.ping()
    client.channel.embeddedEventLoop.advanceTime(by: .milliseconds(2))
    _ = client.ping()
    client.channel.embeddedEventLoop.advanceTime(by: .milliseconds(3))
    let frames = try client.sent()
    #expect(frames.map(\.header.type) == [FrameType.ping.rawValue, FrameType.ping.rawValue])
    #expect(frames.map(\.header.requestID) == [0, 0])
    // Different contents, or answers could not be told apart.
    #expect(frames.map(\.payload) == [[1, 0, 0, 0, 0, 0, 0, 0], [2, 0, 0, 0, 0, 0, 0, 0]])
    for byte in pong(frames[1].payload) + pong(frames[0].payload) { try client.receive([byte]) }
    #expect(try client.results.map { try $0.get() } == [.milliseconds(3), .milliseconds(5)])
  }

  @Test func aPongOfOtherBytesAnswersNothing() throws {
    let client = try Client()
    _ = client.ping()
    for content: [UInt8] in [[2, 0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0, 0, 1]] {
      try client.receive(pong(content))
    }
    #expect(client.results.isEmpty)
    #expect(client.channel.isActive)
  }

  @Test func aPingOutOfTimeFailsOnceAndTheConnectionLivesOn() throws {
    let client = try Client()
    _ = client.ping(timeout: .milliseconds(50))
    client.channel.embeddedEventLoop.advanceTime(by: .milliseconds(49))
    #expect(client.results.isEmpty)
    client.channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
    #expect(client.codes == [.deadlineExceeded])
    let ping = try #require(try client.sent().first)
    try client.receive(pong(ping.payload))
    #expect(client.codes == [.deadlineExceeded])
    _ = client.ping(timeout: .milliseconds(50))
    try client.receive(pong(try #require(try client.sent().first).payload))
    #expect(client.codes == [.deadlineExceeded, .ok])
    // An answered ping has no timer left.
    client.channel.embeddedEventLoop.advanceTime(by: .milliseconds(50))
    #expect(client.codes == [.deadlineExceeded, .ok])
  }

  @Test func withoutTimeNothingIsSent() throws {
    let client = try Client()
    #expect(client.ping(timeout: .zero) == nil)
    #expect(client.codes == [.deadlineExceeded])
    #expect(try client.sent().isEmpty)
  }

  @Test func aClosedConnectionFailsThePingThatWaitsAndTheNext() throws {
    let client = try Client()
    _ = client.ping(timeout: .seconds(5))
    client.channel.pipeline.fireChannelInactive()
    #expect(client.codes == [.unavailable])
    #expect(client.ping() == nil)
    #expect(client.codes == [.unavailable, .unavailable])
  }

  @Test func aFarewellWithAStatusIsWhatPingsFailWith() throws {
    let client = try Client()
    _ = client.ping()
    var farewell = ByteBuffer()
    farewell.writeTextFrame(.goAway, status: .resourceExhausted, text: "too many")
    try client.receive(Array(farewell.readableBytesView))
    client.channel.pipeline.fireChannelInactive()
    #expect(client.codes == [.resourceExhausted])
  }

  @Test(arguments: [true, false])
  func aClientThatClosesWaitsForItsPing(isAnswered: Bool) throws {
    let client = try Client()
    let number = try #require(client.ping())
    let ping = try #require(try client.sent().first)
    client.handler.close()
    #expect(client.channel.isActive)
    if isAnswered {
      try client.receive(pong(ping.payload))
    } else {
      client.handler.giveUpPing(number, CallCancellation.error)
    }
    #expect(!client.channel.isActive)
    #expect(client.codes == [isAnswered ? .ok : .cancelled])
  }

  // MARK: The whole client

  /// A server that sends its preface and, as soon as a PING has come, what it is told to do.
  private static func withSilentServer(
    onPing: @escaping @Sendable (any Channel) -> Void,
    _ body: (RPCClient) async throws -> Void
  ) async throws {
    let group = MultiThreadedEventLoopGroup.singleton
    let server = try await ServerBootstrap(group: group)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(SilentHandler(onPing: onPing))
        }
      }.bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(server.localAddress?.port)
    let client = try await RPCClient.connect(host: "127.0.0.1", port: port, group: group)
    try await body(client)
    await client.close()
    try await server.close()
  }

  private final class SilentHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let onPing: (any Channel) -> Void
    private var received = 0
    private var isGreeted = false

    init(onPing: @escaping (any Channel) -> Void) { self.onPing = onPing }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      received += Self.unwrapInboundIn(data).readableBytes
      if !isGreeted, received >= 8 {
        isGreeted = true
        let preface = ByteBuffer(bytes: ProtocolVersion1.preface)
        context.channel.writeAndFlush(preface, promise: nil)
      }
      // The preface, and a PING of 24 bytes.
      if received == 32 { onPing(context.channel) }
    }
  }

  @Test func aRealServerAnswers() async throws {
    let server = try await InProcessServer.start(group: MultiThreadedEventLoopGroup.singleton) {
      _ in
      guard let methods = try? EchoMethods() else { preconditionFailure("the test's own items") }
      return methods
    }
    let client = try await server.connect()
    #expect(try await client.ping() > .zero)
    let trips = try await withThrowingTaskGroup(of: Duration.self) { group in
      for _ in 0..<100 { group.addTask { try await client.ping() } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(trips.count == 100)
    await client.close()
    await #expect(throws: RPCError(code: .unavailable, message: "the client was closed")) {
      _ = try await client.ping()
    }
  }

  @Test func theTimeoutReachesTheHandler() async throws {
    try await Self.withSilentServer(onPing: { _ in }) { client in
      let error = await #expect(throws: RPCError.self) {
        _ = try await client.ping(timeout: .milliseconds(20))
      }
      #expect(error?.code == .deadlineExceeded)
      #expect(error?.message == "no answer within 20 ms")
    }
  }

  @Test func aServerThatClosesMeanwhileIsUnavailable() async throws {
    try await Self.withSilentServer(onPing: { $0.close(promise: nil) }) { client in
      let error = await #expect(throws: RPCError.self) {
        _ = try await client.ping(timeout: nil)
      }
      #expect(error?.code == .unavailable)
    }
  }

  @Test(arguments: [true, false])
  func aCancelledTaskEndsItsPing(isSent: Bool) async throws {
    let arrival = AsyncStream.makeStream(of: Void.self)
    try await Self.withSilentServer(onPing: { _ in arrival.continuation.yield() }) { client in
      let task = Task {
        if !isSent { withUnsafeCurrentTask { $0?.cancel() } }
        return try await client.ping(timeout: nil)
      }
      if isSent {
        for await _ in arrival.stream { break }
        task.cancel()
      }
      let error = await #expect(throws: RPCError.self) { _ = try await task.value }
      #expect(error == CallCancellation.error)
    }
  }
}
