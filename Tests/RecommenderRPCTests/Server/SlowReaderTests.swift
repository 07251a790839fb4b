internal import NIOPosix
internal import Testing

@testable internal import RecommenderRPC

/// Clients that ask more than sockets hold answers for, over real sockets: answers leave straight while the socket
/// takes them, and through the channel when it does not.
@Suite(.timeLimit(.minutes(2))) struct SlowReaderTests {
  /// About 3 KiB of answer each, so all are more than sockets and channel keep.
  private static let requestCount: UInt32 = 4000
  private static let itemCount = 500

  private func server(outputHighWatermark: Int = 1 << 16) async throws -> RPCServer {
    var limits = RPCLimits()
    limits.outputHighWatermark = outputHighWatermark
    limits.outputLowWatermark = outputHighWatermark / 4
    return try await RPCServer.start(
      host: "127.0.0.1", port: 0, group: MultiThreadedEventLoopGroup.singleton, limits: limits
    ) { _ in
      guard let methods = try? EchoMethods() else { preconditionFailure("the test's own items") }
      return methods
    }
  }

  private static func requests(_ ids: ClosedRange<UInt32>, count: Int = itemCount) throws -> [UInt8]
  {
    try ids.flatMap {
      try Frames.recommend("user-\($0)", id: $0, count: count, itemIndexesOnly: true)
    }
  }

  /// What is answered where there is neither socket nor queue.
  private static func answers(_ requests: [UInt8]) throws -> [Frame] {
    let server = try EmbeddedServer()
    try server.send(requests)
    return try server.receive()
  }

  /// Until the server keeps answers that the client's socket does not take, and no longer answers.
  private func waitUntilHeldBack(_ server: RPCServer) async throws {
    var answered: UInt64 = 0
    while server.statistics.unsentBytes == 0 || server.requests != answered {
      answered = server.requests
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(answered > 0 && answered < UInt64(Self.requestCount))
  }

  private func receive(_ count: Int, _ client: RawClient) async -> [Frame] {
    await RawClient.onThread {
      var frames: [Frame] = []
      while frames.count < count {
        let more = client.receive()
        if more.isEmpty { break }
        frames += more
      }
      return frames
    }
  }

  /// One that reads nothing until it is no longer answered; one that reads beside, so that its socket
  /// takes bytes again while the channel keeps earlier ones.
  @Test(arguments: [(1 << 16, true), (1 << 20, false)])
  func everyAnswerComesInOrder(outputHighWatermark: Int, readsLate: Bool) async throws {
    let server = try await server(outputHighWatermark: outputHighWatermark)
    let client = try #require(RawClient(port: server.port))
    let requests = try Self.requests(1...Self.requestCount)
    async let isSent = RawClient.onThread { client.send(ProtocolVersion1.preface + requests) }
    if readsLate { try await waitUntilHeldBack(server) }
    #expect(await RawClient.onThread { client.receivePreface() })
    let frames = await receive(Int(Self.requestCount), client)
    #expect(await isSent)
    let areExpected = try frames == Self.answers(requests)
    #expect(areExpected)
    #expect(frames.map(\.header.requestID) == Array(1...Self.requestCount))
    // Nothing waits any more, so these go straight again, and behind all others.
    for id in UInt32(1)...3 {
      let request = try Self.requests(id...id)
      #expect(await RawClient.onThread { client.send(request) })
      #expect(await receive(1, client).map(\.header.requestID) == [id])
    }
    await server.drain()
    #expect(server.statistics.unsentBytes == 0)
  }

  /// Asks much, reads nothing, and goes.
  private func vanish(_ server: RPCServer) async throws {
    let client = try #require(RawClient(port: server.port))
    let requests = try Self.requests(1...Self.requestCount)
    async let isSent = RawClient.onThread { client.send(ProtocolVersion1.preface + requests) }
    try await waitUntilHeldBack(server)
    client.cutOff()
    _ = await isSent
  }

  @Test func aClientMayVanishWithoutReading() async throws {
    let server = try await server()
    try await vanish(server)
    while server.connections > 0 { try await Task.sleep(for: .milliseconds(5)) }
    #expect(server.statistics.unsentBytes == 0)
    let client = try #require(RawClient(port: server.port))
    let request = ProtocolVersion1.preface + (try Self.requests(7...7, count: 1))
    #expect(await RawClient.onThread { client.send(request) && client.receivePreface() })
    #expect(await receive(1, client).map(\.header.requestID) == [7])
    await server.drain()
  }
}
