internal import Glibc
internal import NIOCore
internal import NIOEmbedded
internal import NIOPosix
internal import Testing

@testable internal import RecommenderRPC

/// What is sent past the channel, and when nothing may be.
@Suite struct StraightOutputTests {
  /// What the other end of a pair of sockets has, at most `limit` bytes.
  private static func fetch(_ socket: CInt, limit: Int = 1 << 24) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 12)
    while bytes.count < limit {
      let count = recv(
        socket, &chunk, min(chunk.count, limit - bytes.count), CInt(MSG_DONTWAIT))
      if count <= 0 { break }
      bytes += chunk[..<count]
    }
    return bytes
  }

  /// Runs on the loop of a channel over one of a pair of sockets; `other` is the second.
  private func onPair<Result: Sendable>(
    _ body: @escaping @Sendable (_ channel: any Channel, _ other: CInt) -> Result
  ) async throws -> Result {
    var pair: [CInt] = [0, 0]
    try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &pair) == 0)
    let other = pair[1]
    defer { Glibc.close(other) }
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .withConnectedSocket(pair[0]).get()
    let result = try await channel.eventLoop.submit { body(channel, other) }.get()
    try await channel.close()
    return result
  }

  private static let message = ByteBuffer(bytes: (0..<100).map { UInt8($0) })

  @Test func whatTheSocketTakesIsSentAndTheRestIsLeft() async throws {
    let (sent, left, fetched) = try await onPair { channel, other in
      var straight = StraightOutput()
      straight.open(channel)
      var small = Self.message
      straight.send(&small)
      let large = (0..<4_000_000).map { UInt8(truncatingIfNeeded: $0 / 251) }
      var buffer = ByteBuffer(bytes: large)
      straight.send(&buffer)
      let sent = Array(Self.message.readableBytesView) + large.prefix(buffer.readerIndex)
      // It is full: nothing is taken, and nothing lost.
      var more = Self.message
      straight.send(&more)
      return (
        sent, [small.readableBytes, buffer.readableBytes, more.readableBytes], Self.fetch(other)
      )
    }
    #expect(left[0] == 0 && left[1] > 0 && left[1] < 4_000_000 && left[2] == 100, "\(left)")
    let isSame = sent == fetched
    #expect(isSame)
  }

  /// Bytes may not overtake those that the channel keeps, though the socket would take them.
  @Test func nothingOvertakesWhatIsQueued() async throws {
    let left = try await onPair { channel, _ in
      var straight = StraightOutput()
      straight.open(channel)
      return [1, 1, -1, -1].map { change in
        straight.countQueued(change)
        var buffer = Self.message
        straight.send(&buffer)
        return buffer.readableBytes
      }
    }
    #expect(left == [100, 100, 100, 0])
  }

  @Test func nothingIsSentOutsideOfTheSocketsLife() async throws {
    let left = try await onPair { channel, other in
      var straight = StraightOutput()
      var (early, late, refused) = (Self.message, Self.message, Self.message)
      straight.send(&early)
      straight.open(channel)
      shutdown(other, CInt(SHUT_RDWR))
      straight.send(&refused)
      straight.close()
      straight.send(&late)
      return [early.readableBytes, refused.readableBytes, late.readableBytes]
    }
    #expect(left == [100, 100, 100])
  }

  @Test func aChannelWithoutASocketIsLeftAlone() throws {
    let channel = EmbeddedChannel()
    var straight = StraightOutput()
    straight.open(channel)
    var buffer = Self.message
    straight.send(&buffer)
    #expect(buffer.readableBytes == 100)
    _ = try channel.finish()
  }
}
