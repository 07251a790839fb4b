internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import Testing

@testable internal import RecommenderRPC

/// A server that stops under load, and one with many connections.
@Suite struct DrainTests {
  /// Of its own, for it is kept busy.
  private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

  private func server(_ limits: RPCLimits = RPCLimits()) async throws -> RPCServer {
    try await RPCServer.start(
      host: "127.0.0.1", port: 0, group: Self.group, limits: limits
    ) { _ in
      guard let methods = try? EchoMethods() else { preconditionFailure("the test's own items") }
      return methods
    }
  }

  private struct Tally: Sendable {
    var sent = 0
    var answered = 0
    var failed = 0
  }

  /// Keeps up to 256 requests under way until the server says that it goes, acknowledges that, and
  /// reads on to the end.
  private static func load(port: Int) -> Tally {
    var tally = Tally()
    guard let client = RawClient(port: port), client.send(ProtocolVersion1.preface),
      client.receivePreface()
    else { return tally }
    var isGoing = false
    var id: UInt32 = 0
    while true {
      while !isGoing, tally.sent - tally.answered < 192 {
        var burst: [UInt8] = []
        for _ in 0..<64 {
          id += 1
          burst += (try? Frames.recommend("user-\(id)", id: id, count: 3)) ?? []
        }
        guard client.send(burst) else { return tally }
        tally.sent += 64
      }
      let frames = client.receive()
      if frames.isEmpty { return tally }
      for frame in frames {
        switch FrameType(rawValue: frame.header.type) {
        case .response:
          tally.answered += 1
          if frame.status != .ok { tally.failed += 1 }
        case .goAway: isGoing = true
        case .ping:
          _ = client.send(
            Frames.make(FrameHeader(.pong, payloadLength: 8), frame.payload))
        default: break
        }
      }
    }
  }

  @Test func aDrainUnderLoadLosesNoRequest() async throws {
    let server = try await server()
    let port = server.port
    async let tallies = withTaskGroup(of: Tally.self) { group in
      for _ in 0..<4 { group.addTask { await RawClient.onThread { Self.load(port: port) } } }
      return await group.reduce(into: [Tally]()) { $0.append($1) }
    }
    while server.requests < 2000 || server.connections < 4 {
      try await Task.sleep(for: .milliseconds(1))
    }
    #expect(await server.drain() == 0)
    let all = await tallies
    #expect(all.count == 4)
    for tally in all {
      #expect(tally.sent > 0)
      #expect(tally.answered == tally.sent, "\(tally)")
      #expect(tally.failed == 0, "\(tally)")
    }
    #expect(server.requests == UInt64(all.reduce(0) { $0 + $1.sent }))
  }

  /// Idle connections cost the others nothing but memory.
  @Test func aThousandIdleConnectionsAreKeptAndAnswered() async throws {
    var files = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
    files.rlim_cur = files.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &files)
    let server = try await server()
    let port = server.port
    let answered = await RawClient.onThread { () -> Int in
      var clients: [RawClient] = []
      for _ in 0..<1000 {
        guard let client = RawClient(port: port), client.send(ProtocolVersion1.preface),
          client.receivePreface()
        else { return -clients.count }
        clients.append(client)
      }
      var answered = 0
      for (number, client) in clients.enumerated() {
        guard let request = try? Frames.recommend("user-\(number)", id: 1, count: 1),
          client.send(request), let frame = client.receive().first,
          let items = try? Frames.ranked(frame)
        else { break }
        if items.itemIndexes == [EchoMethods.firstIndex("user-\(number)")] { answered += 1 }
      }
      return answered
    }
    #expect(answered == 1000)
    while server.connections > 0 { try await Task.sleep(for: .milliseconds(1)) }
    #expect(await server.drain() == 0)
  }
}
