internal import Glibc
internal import NIOCore
internal import NIOEmbedded
internal import NIOPosix
internal import Testing

@testable internal import RecommenderRPC

/// What is sent past the channel, and what may only go through it.
@Suite(.timeLimit(.minutes(2))) struct StraightOutputTests {
  /// The last of a pipeline: what it counts went through the channel.
  private final class Counter: ChannelOutboundHandler, @unchecked Sendable {
    typealias OutboundIn = ByteBuffer
    var writes = 0

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
      writes += 1
      context.write(data, promise: promise)
    }
  }

  /// The handler whose bytes are sent.
  private final class Sender: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    let straight = StraightOutput()
    let counter = Counter()
    var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func open() {
      if let context { straight.open(context.channel) }
    }

    /// Writes, and returns how many writes have gone through the channel so far.
    func write(_ bytes: [UInt8]) -> Int {
      guard let context else { return -1 }
      var buffer = ByteBuffer(bytes: bytes)
      straight.write(&buffer, context)
      return counter.writes
    }
  }

  private static func addSender(to channel: any Channel) throws -> Sender {
    let sender = Sender()
    try channel.pipeline.syncOperations.addHandlers([sender.counter, sender])
    return sender
  }

  /// A sender over one of a pair of sockets, and the other socket; to be used on the loop.
  private func onPair(
    _ body: (_ sender: Sender, _ eventLoop: any EventLoop, _ other: CInt) async throws -> Void
  ) async throws {
    var pair: [CInt] = [0, 0]
    try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &pair) == 0)
    defer { Glibc.close(pair[1]) }
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .withConnectedSocket(pair[0]).get()
    let sender = try await channel.eventLoop.submit { try Self.addSender(to: channel) }.get()
    try await body(sender, channel.eventLoop, pair[1])
    try? await channel.close()
  }

  /// What the other end has now, at most `limit` bytes.
  private static func fetch(_ socket: CInt, limit: Int = 1 << 24) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 12)
    while bytes.count < limit {
      let count = recv(socket, &chunk, min(chunk.count, limit - bytes.count), CInt(MSG_DONTWAIT))
      if count <= 0 { break }
      bytes += chunk[..<count]
    }
    return bytes
  }

  private static let message = (0..<100).map { UInt8($0) }

  /// Bytes do not overtake those that the channel keeps, though the socket would take them.
  @Test func whatASocketDoesNotTakeIsSentInOrder() async throws {
    let large = (0..<4_000_000).map { UInt8(truncatingIfNeeded: $0 / 251) }
    try await onPair { sender, eventLoop, other in
      let (writes, first) = try await eventLoop.submit {
        sender.open()
        var writes = [sender.write(Self.message), sender.write(large)]
        // Now there is room, and the channel does not know it before the next turn of its loop.
        let first = Self.fetch(other, limit: 100_000)
        writes.append(sender.write(Self.message))
        return (writes, first)
      }.get()
      #expect(writes == [0, 1, 2])
      let expected = Self.message + large + Self.message
      var fetched = first
      while fetched.count < expected.count {
        fetched += Self.fetch(other)
        try await Task.sleep(for: .milliseconds(1))
      }
      let isInOrder = fetched == expected
      #expect(isInOrder)
      // Nothing is kept any more.
      let last = try await eventLoop.submit { sender.write(Self.message) }.get()
      #expect(last == 2)
      #expect(Self.fetch(other) == Self.message)
    }
  }

  @Test func nothingIsSentPastTheChannelOutsideOfTheSocketsLife() async throws {
    try await onPair { sender, eventLoop, other in
      let writes = try await eventLoop.submit {
        let before = sender.write(Self.message)
        sender.open()
        let open = sender.write(Self.message)
        sender.straight.close()
        return [before, open, sender.write(Self.message)]
      }.get()
      #expect(writes == [1, 1, 2])
      #expect(Self.fetch(other) == Self.message + Self.message + Self.message)
    }
  }

  /// The channel meets the failure, and closes.
  @Test func aFailureOfTheSocketIsLeftToTheChannel() async throws {
    try await onPair { sender, eventLoop, other in
      let channel = try #require(try await eventLoop.submit { sender.context?.channel }.get())
      let writes = try await eventLoop.submit {
        sender.open()
        shutdown(other, CInt(SHUT_RDWR))
        return sender.write(Self.message)
      }.get()
      #expect(writes == 1)
      try await channel.closeFuture.get()
    }
  }

  @Test func aChannelWithoutASocketGetsAll() throws {
    let channel = EmbeddedChannel()
    let sender = try Self.addSender(to: channel)
    sender.open()
    #expect(sender.write(Self.message) == 1)
    #expect(try channel.readOutbound(as: ByteBuffer.self) == ByteBuffer(bytes: Self.message))
    _ = try channel.finish()
  }
}
