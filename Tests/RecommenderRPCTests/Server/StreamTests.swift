internal import CRecommenderMessages
internal import NIOCore
internal import NIOEmbedded
internal import Testing

@testable internal import RecommenderRPC

/// RecommendMany on one connection of an embedded loop, which a test turns by hand.
@Suite struct StreamTests {
  private static let users = (0..<200).map { "user-\($0)" }

  private func request(
    _ users: [String], id: UInt32 = 8, count: Int = 2, deadline: UInt32 = 0, flags: UInt8 = 1
  ) throws -> [UInt8] {
    var buffer = ByteBuffer()
    try RecommendManyCodec.writeRequest(
      RecommendManyRequest(users: users, count: count),
      FrameHeader(
        .request, payloadLength: 0, flags: flags, method: 10, requestID: id, word: deadline),
      arena: MessageArena(), maxFrameBytes: 1 << 24, into: &buffer)
    return Array(buffer.readableBytesView)
  }

  private func credit(_ count: UInt32, id: UInt32 = 8) -> [UInt8] {
    Frames.make(FrameHeader(.credit, payloadLength: 0, requestID: id, word: count))
  }

  private func cancel(_ id: UInt32 = 8) -> [UInt8] {
    Frames.make(FrameHeader(.cancel, payloadLength: 0, requestID: id))
  }

  /// Lets the streams have one turn; returns what was sent.
  private func turn(_ server: EmbeddedServer) throws -> [Frame] {
    server.channel.embeddedEventLoop.advanceTime(by: StreamSchedule.pause)
    return try server.receive()
  }

  private func messages(_ frames: [Frame], id: UInt32 = 8) -> [Frame] {
    frames.filter {
      $0.header.type == FrameType.streamData.rawValue && $0.header.requestID == id
    }
  }

  @Test func everyCustomerIsAnsweredInOrderAsRecommendWould() throws {
    let server = try EmbeddedServer()
    let users = Array(Self.users.prefix(5)) + ["user-0"]
    try server.send(try request(users))
    let frames = try turn(server)
    #expect(frames.count == 7)
    for (user, frame) in zip(users, frames) {
      #expect(frame.header.type == FrameType.streamData.rawValue)
      #expect(frame.header.method == 0 && frame.header.word == 0)
      let items = try Frames.ranked(frame)
      #expect(items.itemIndexes.first == EchoMethods.firstIndex(user))
      #expect(items.itemIndexes.count == 2)
      #expect(items.recommendationID.count == 32)
    }
    let last = try #require(frames.last)
    #expect(last.header.type == FrameType.response.rawValue && last.header.method == 10)
    let answered = try last.payload.withUnsafeBytes {
      try RecommendManyCodec.decodeResponse($0, arena: MessageArena())
    }
    #expect(answered == 6)
    #expect(server.handler.streams.isEmpty)
    #expect(server.inFlight == (0, 0))
  }

  @Test func nothingIsSentWithoutCreditAndOtherRequestsGoOn() throws {
    let server = try EmbeddedServer()
    try server.send(try request(Self.users))
    #expect(messages(try turn(server)).count == 64)
    #expect(try turn(server).isEmpty)
    try server.send(try Frames.recommend("u", id: 9))
    #expect(try server.receive().map(\.header.requestID) == [9])
    try server.send(credit(3))
    #expect(messages(try turn(server)).count == 3)
    #expect(try turn(server).isEmpty)
    try server.send(credit(1000))
    // 133 are left: two full turns and the rest, then the end, which needs no credit.
    #expect(try turn(server).count == 64)
    #expect(try turn(server).count == 64)
    #expect(try turn(server).map(\.header.type) == [3, 3, 3, 3, 3, 2])
  }

  @Test func theRequestIsAnsweredBetweenTwoSlices() throws {
    let server = try EmbeddedServer()
    try server.send(try request(Self.users) + credit(1000))
    #expect(try turn(server).count == 64)
    try server.send(try Frames.recommend("u", id: 9))
    #expect(try server.receive().map(\.header.requestID) == [9])
    #expect(try turn(server).count == 64)
  }

  /// Two streams share the loop's turns; neither waits for the other's end.
  @Test func streamsTakeTurns() throws {
    let server = try EmbeddedServer()
    try server.send(try request(Self.users, id: 1) + request(Self.users, id: 2))
    try server.send(credit(1000, id: 1) + credit(1000, id: 2))
    let first = try turn(server)
    let second = try turn(server)
    #expect(messages(first, id: 1).count == 64 && messages(first, id: 2).isEmpty)
    #expect(messages(second, id: 2).count == 64 && messages(second, id: 1).isEmpty)
  }

  @Test(arguments: [0, 1, 2])
  func cancelWorksAtAnyMoment(turns: Int) throws {
    let server = try EmbeddedServer()
    try server.send(try request(Self.users))
    for _ in 0..<turns { _ = try turn(server) }
    let calls = server.methods.calls
    try server.send(cancel())
    #expect(try server.receive().map(\.status) == [.cancelled])
    #expect(try turn(server).isEmpty)
    #expect(server.methods.calls == calls)
    #expect(server.inFlight == (0, 0))
    // The identifier is free, and late credit harms nobody.
    try server.send(credit(5) + (try request(["anna"])))
    #expect(try turn(server).count == 2)
    try server.send(cancel() + credit(5))
    #expect(try server.receive().isEmpty)
  }

  @Test func theDeadlineIsHonouredBetweenTwoMessages() throws {
    let server = try EmbeddedServer()
    let clock = server.clock
    server.methods.onRecommend = { clock.advance(.milliseconds(1)) }
    try server.send(try request(Self.users, deadline: 10))
    let frames = try turn(server)
    #expect(messages(frames).count == 10)
    #expect(frames.last?.status == .deadlineExceeded)
    #expect(server.methods.calls == 10)
    #expect(server.inFlight == (0, 0))
  }

  @Test func theDeadlineIsHonouredWhileAStreamWaitsForCredit() throws {
    let server = try EmbeddedServer()
    try server.send(try request(Self.users, deadline: 50))
    #expect(try turn(server).count == 64)
    server.clock.advance(.milliseconds(50))
    server.channel.embeddedEventLoop.advanceTime(by: .milliseconds(50))
    #expect(try server.receive().map(\.status) == [.deadlineExceeded])
  }

  @Test func anErrorEndsTheStream() throws {
    let server = try EmbeddedServer()
    var calls = 0
    server.methods.onRecommend = { [unowned server] in
      calls += 1
      if calls == 3 { server.methods.failure = RPCError(code: .dataLoss, message: "no row") }
    }
    try server.send(try request(Self.users))
    let frames = try turn(server)
    #expect(frames.map(\.header.type) == [3, 3, 2])
    #expect(frames.last?.status == .dataLoss)
    #expect(try turn(server).isEmpty)
  }

  @Test func aSlowReaderHoldsItsStreamBack() throws {
    var limits = RPCLimits()
    limits.outputHighWatermark = 1024
    let server = try EmbeddedServer(limits: limits)
    server.methods.onRecommend = { [unowned server] in server.channel.isWritable = false }
    try server.send(try request(Self.users, count: 50))
    let first = messages(try turn(server)).count
    #expect(first >= 1 && first < 5, "\(first) messages of 800 bytes for a watermark of 1024")
    #expect(try turn(server).isEmpty)
    server.methods.onRecommend = {}
    server.channel.isWritable = true
    server.channel.pipeline.fireChannelWritabilityChanged()
    #expect(!(try turn(server)).isEmpty)
  }

  @Test func aDrainWaitsForTheStream() throws {
    let server = try EmbeddedServer()
    try server.send(try request(Self.users))
    #expect(try turn(server).count == 64)
    server.handler.goAway(reason: "stopping")
    server.channel.embeddedEventLoop.run()
    #expect(try server.receive().count == 2)
    try server.send(
      Frames.make(FrameHeader(.pong, payloadLength: 8), Array(repeating: 0, count: 8)))
    #expect(server.handler.farewell == .acknowledged)
    try server.send(credit(1000))
    var frames: [Frame] = []
    for _ in 0..<4 { frames += try turn(server) }
    #expect(frames.count == 137 && frames.last?.status == .ok)
    #expect(server.handler.farewell == .closing)
  }

  @Test func limitsHoldAtTheLimitAndNotBeyond() throws {
    let users = (0..<10_001).map { "user-\($0)" }
    for (count, status) in [(10_000, nil), (10_001, StatusCode.invalidArgument)] {
      let server = try EmbeddedServer()
      try server.send(try request(Array(users.prefix(count))))
      #expect(try server.receive().map(\.status) == (status.map { [$0] } ?? []))
      #expect(server.handler.streams.count == (status == nil ? 1 : 0))
    }
    for bad in [[], [""], [String(repeating: "u", count: 257)]] {
      let server = try EmbeddedServer()
      try server.send(try request(bad))
      #expect(try server.receive().map(\.status) == [.invalidArgument])
      #expect(server.inFlight == (0, 0))
    }
  }

  @Test func oneStreamTooManyIsRefused() throws {
    var limits = RPCLimits()
    limits.maxStreams = 2
    let server = try EmbeddedServer(limits: limits)
    for id in UInt32(1)...3 { try server.send(try request(Self.users, id: id)) }
    let refused = try server.receive()
    #expect(refused.map(\.header.requestID) == [3])
    #expect(refused.map(\.status) == [.resourceExhausted])
    try server.send(cancel(1) + (try request(Self.users, id: 4)))
    #expect(try server.receive().map(\.status) == [.cancelled])
  }

  @Test func creditHoldsAtTheLimitAndNotBeyond() throws {
    for (count, isTooMuch) in [(UInt32(65_535 - 64), false), (65_535 - 63, true), (.max, true)] {
      let server = try EmbeddedServer()
      try server.send(try request(Self.users) + credit(count))
      let frames = try server.receive()
      #expect(frames.map(\.header.type) == (isTooMuch ? [FrameType.goAway.rawValue] : []))
      if isTooMuch { #expect(frames.first?.status == .invalidArgument) }
    }
  }

  @Test func aConnectionThatEndsGivesBackWhatItsStreamsHeld() throws {
    let server = try EmbeddedServer()
    try server.send(try request(Self.users, id: 1) + request(Self.users, id: 2))
    #expect(server.inFlight.requests == 2 && server.inFlight.bytes > 0)
    server.channel.pipeline.fireChannelInactive()
    #expect(server.inFlight == (0, 0))
    #expect(try turn(server).isEmpty)
    #expect(server.methods.calls == 0)
  }

  /// Memory for a request is taken once, whatever the number and length of its texts.
  @Test(arguments: [1, 2, 15, 16, 100])
  func theArenaOfARequestNeverGrows(length: Int) throws {
    let users = (0..<(length == 100 ? 5000 : 10_000)).map {
      String(("\($0)" + String(repeating: "u", count: length)).prefix(length))
    }
    let frame = try request(users)
    let payload = Array(frame.dropFirst(FrameHeader.byteCount))
    let size = RecommendManyCodec.arenaBytes(payloadByteCount: payload.count)
    let arena = MessageArena(capacity: size, capacityMax: size)
    let decoded = try payload.withUnsafeBytes {
      try RecommendManyCodec.decodeRequest($0, arena: arena)
    }
    #expect(decoded.user_count == users.count)
    #expect(arena.fallbackAllocations == 0)
  }
}
