internal import NIOCore
internal import NIOPosix
internal import Testing

@testable internal import RecommenderRPC

/// Real sockets.
@Suite struct LoopbackTests {
  private static func methods(_ change: (EchoMethods) -> Void = { _ in }) -> EchoMethods {
    guard let methods = try? EchoMethods() else { preconditionFailure("the test's own items") }
    change(methods)
    return methods
  }

  private func server(
    limits: RPCLimits = RPCLimits(), loops: Int = 1,
    _ change: @escaping @Sendable (EchoMethods) -> Void = { _ in }
  ) async throws -> RPCServer {
    try await RPCServer.start(
      host: "127.0.0.1", port: 0, group: MultiThreadedEventLoopGroup.singleton,
      eventLoopCount: loops, limits: limits
    ) { _ in Self.methods(change) }
  }

  private func client(_ server: RPCServer) async throws -> RPCClient {
    try await RPCClient.connect(
      host: "127.0.0.1", port: server.port, group: MultiThreadedEventLoopGroup.singleton)
  }

  @Test(arguments: [1, 2])
  func concurrentClientsGetTheirOwnAnswers(loops: Int) async throws {
    let server = try await server(loops: loops)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<8 {
        let client = try await client(server)
        for call in 0..<100 {
          group.addTask {
            let user = "user-\(number)-\(call)"
            let items = try await client.recommend(user: user, count: 2)
            #expect(items.itemIndexes.first == EchoMethods.firstIndex(user))
            #expect(items.source == .model)
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(server.requests == 800)
    #expect(await server.drain() == 0)
    #expect(server.connections == 0)
  }

  @Test func everyMethodWorksOverASocket() async throws {
    let server = try await server()
    let client = try await client(server)
    let similar = try await client.similarItems(item: "item-3", count: 4)
    #expect(similar.itemIDs == ["item-6"])
    #expect(similar.scores == [4])
    let outcomes = try await client.feedback([Frames.event(1), Frames.event(2)])
    #expect(outcomes == [.accepted, .accepted])
    let description = try await client.describe()
    #expect(description.service.itemIDs.count == EchoMethods.itemCount)
    #expect(description.service.models.first?.kind == "echo")
    #expect(description.methods[1] == "Recommend")
    let health = try await client.health()
    #expect(health.status == .serving)
    #expect(health.requests == 3)
    #expect(health.cpuMicroseconds > 0 && health.memoryBytes > 0)
    await #expect(throws: RPCError.self) { try await client.recommend(user: "", count: 1) }
    await #expect(throws: RPCError.self) { try await client.recommend(user: "a\0b") }
    await client.close()
    await #expect(throws: RPCError(code: .unavailable, message: "the client was closed")) {
      try await client.recommend(user: "u")
    }
    #expect(await server.drain() == 0)
  }

  @Test func timeoutsAndCancellationEndACallAndTheConnectionGoesOn() async throws {
    let server = try await server { $0.holdsFeedback = true }
    let client = try await client(server)
    let error = await #expect(throws: RPCError.self) {
      try await client.feedback([Frames.event(1)], timeout: .milliseconds(20))
    }
    #expect(error?.code == .deadlineExceeded)
    let task = Task { try await client.feedback([Frames.event(2)], timeout: nil) }
    task.cancel()
    let cancelled = await #expect(throws: RPCError.self) { try await task.value }
    #expect(cancelled?.code == .cancelled)
    #expect(try await client.recommend(user: "u", count: 1).itemIndexes.count == 1)
    await client.close()
    await server.drain()
  }

  @Test func oneConnectionTooManyIsToldSo() async throws {
    var limits = RPCLimits()
    limits.maxConnections = 1
    let server = try await server(limits: limits)
    let first = try await client(server)
    let error = await #expect(throws: RPCError.self) {
      let second = try await client(server)
      _ = try await second.health()
    }
    #expect(error?.code == .resourceExhausted)
    #expect(try await first.health().status == .serving)
    await first.close()
    await server.drain()
  }

  @Test func aStoppedServerMeansUnavailable() async throws {
    let server = try await server()
    let client = try await client(server)
    _ = try await client.health()
    #expect(await server.drain() == 0)
    let error = await #expect(throws: RPCError.self) { try await client.health() }
    #expect(error?.code == .unavailable)
    let refused = await #expect(throws: RPCError.self) { try await self.client(server) }
    #expect(refused?.code == .unavailable)
  }

  @Test func theInProcessServerSpeaksTheSame() async throws {
    let server = try await InProcessServer.start(group: MultiThreadedEventLoopGroup.singleton) {
      _ in Self.methods()
    }
    let client = try await server.connect()
    #expect(
      try await client.recommend(user: "anna", count: 1).itemIndexes
        == [EchoMethods.firstIndex("anna")])
    await client.close()
  }
}
