internal import NIOCore
internal import NIOEmbedded
internal import Testing

@testable internal import RecommenderRPC

@Suite struct ServerConnectionTests {
  @Test func aBurstIsAnsweredInOneWrite() throws {
    let server = try EmbeddedServer()
    var burst: [UInt8] = []
    for id in UInt32(1)...16 { burst += try Frames.recommend("user-\(id)", id: id, count: 7) }
    try server.send(burst)
    let (bytes, writes) = try server.receiveBytes()
    #expect(writes == 1)
    let frames = Frames.split(bytes)
    #expect(frames.map(\.header.requestID) == Array(1...16))
    for frame in frames {
      let items = try Frames.ranked(frame)
      let first = EchoMethods.firstIndex("user-\(frame.header.requestID)")
      #expect(items.itemIndexes.count == 7)
      #expect(items.itemIndexes[0] == first)
      #expect(items.itemIDs[0] == "item-\(first)")
      #expect(items.recommendationID.count == 32)
    }
  }

  /// However the bytes are cut, the answers are the same bytes.
  @Test func cuttingDoesNotMatter() throws {
    var stream = ProtocolVersion1.preface
    stream += try Frames.recommend("anna", id: 1, count: 3)
    stream += Frames.make(FrameHeader(.ping, payloadLength: 8), Array(1...8))
    stream += try Frames.feedback([Frames.event(1), Frames.event(2)], id: 2)
    stream += Frames.request(77, id: 3)
    stream += try Frames.recommend("ñandú", id: 4, count: 1, itemIndexesOnly: true)
    func answers(cutEvery length: Int) throws -> [UInt8] {
      let server = try EmbeddedServer(greet: false)
      for start in stride(from: 0, to: stream.count, by: length) {
        try server.send(Array(stream[start..<min(start + length, stream.count)]))
      }
      return try server.receiveBytes().bytes
    }
    let whole = try answers(cutEvery: stream.count)
    #expect(Frames.split(Array(whole.dropFirst(8))).count == 5)
    for length in [1, 2, 3, 7, 8, 15, 16, 17, 40] {
      #expect(try answers(cutEvery: length) == whole, "cut every \(length) bytes")
    }
  }

  @Test func deadlinesAreJudgedBeforeAndAfterTheWork() throws {
    let server = try EmbeddedServer()
    let clock = server.clock
    server.methods.onRecommend = { clock.advance(.milliseconds(5)) }
    // The first uses up the time of the second, whose own work is then not done.
    try server.send(
      try Frames.recommend("a", id: 1, deadline: 6) + Frames.recommend("b", id: 2, deadline: 5)
        + Frames.recommend("c", id: 3))
    #expect(try server.receive().map(\.status) == [.ok, .deadlineExceeded, .ok])
    #expect(server.methods.calls == 2)
    try server.send(try Frames.recommend("d", id: 4, deadline: 5))
    #expect(try server.receive().map(\.status) == [.deadlineExceeded])
    #expect(server.methods.calls == 3)
  }

  @Test func feedbackPastItsDeadlineIsToldSo() throws {
    let server = try EmbeddedServer()
    server.methods.holdsFeedback = true
    try server.send(try Frames.feedback([Frames.event(1)], id: 1, deadline: 10))
    server.clock.advance(.milliseconds(10))
    server.methods.held[0].completion(.success([.accepted]))
    server.channel.embeddedEventLoop.run()
    #expect(try server.receive().map(\.status) == [.deadlineExceeded])
  }

  @Test func resultsOfOneTurnLeaveInOneWrite() throws {
    let server = try EmbeddedServer()
    server.methods.holdsFeedback = true
    for id in UInt32(1)...5 { try server.send(try Frames.feedback([Frames.event(1)], id: id)) }
    for held in server.methods.held.reversed() { held.completion(.success([.duplicate])) }
    server.channel.embeddedEventLoop.run()
    let (bytes, writes) = try server.receiveBytes()
    #expect(writes == 1)
    #expect(Frames.split(bytes).map(\.header.requestID) == [5, 4, 3, 2, 1])
  }

  /// Time runs down:
  ///
  ///     client              server
  ///     feedback 7 ───────► held
  ///     cancel 7 ─────────► CANCELLED 7
  ///     feedback 7 ───────► held (the identifier is free again)
  ///                         first result comes: dropped
  ///                         second result comes: OK 7
  @Test func aCancelledResultNeverAnswersALaterRequest() throws {
    let server = try EmbeddedServer()
    server.methods.holdsFeedback = true
    try server.send(try Frames.feedback([Frames.event(1)], id: 7))
    try server.send(Frames.make(FrameHeader(.cancel, payloadLength: 0, requestID: 7)))
    #expect(try server.receive().map(\.status) == [.cancelled])
    try server.send(try Frames.feedback([Frames.event(2), Frames.event(3)], id: 7))
    server.methods.held[0].completion(.success([.accepted]))
    server.channel.embeddedEventLoop.run()
    #expect(try server.receive().isEmpty)
    server.methods.held[1].completion(.success([.accepted, .rejected(reason: "no")]))
    server.methods.held[1].completion(.success([.accepted, .accepted]))
    server.channel.embeddedEventLoop.run()
    let frames = try server.receive()
    #expect(frames.count == 1)
    let outcomes = try frames[0].payload.withUnsafeBytes {
      try FeedbackCodec.decodeResponse($0, arena: MessageArena())
    }
    #expect(outcomes == [.accepted, .rejected(reason: "no")])
  }

  @Test func aForgottenOrWrongResultIsAnInternalError() throws {
    let server = try EmbeddedServer()
    server.methods.holdsFeedback = true
    try server.send(try Frames.feedback([Frames.event(1)], id: 1))
    server.methods.held.removeAll()
    server.channel.embeddedEventLoop.run()
    #expect(try server.receive().map(\.status) == [.internalError])
    try server.send(try Frames.feedback([Frames.event(1)], id: 2))
    server.methods.held[0].completion(.success([]))
    server.channel.embeddedEventLoop.run()
    #expect(try server.receive().map(\.status) == [.internalError])
  }

  @Test func errorsOfTheServiceKeepTheirCodeAndAreCut() throws {
    let server = try EmbeddedServer()
    let text = String(repeating: "ñ", count: 700)
    server.methods.failure = RPCError(code: .failedPrecondition, message: text)
    try server.send(try Frames.recommend("u", id: 1))
    let frame = try #require(try server.receive().first)
    #expect(frame.status == .failedPrecondition)
    #expect(frame.text == String(repeating: "ñ", count: 512))
  }

  @Test func aFarewellAnswersWhatWasSentBeforeItWasSeen() throws {
    let server = try EmbeddedServer()
    server.methods.holdsFeedback = true
    try server.send(try Frames.feedback([Frames.event(1)], id: 1))
    server.handler.goAway(reason: "stopping")
    server.channel.embeddedEventLoop.run()
    let frames = try server.receive()
    #expect(frames.map(\.header.type) == [FrameType.goAway.rawValue, FrameType.ping.rawValue])
    // Sent before the farewell was seen: answered. After the pong: refused.
    try server.send(try Frames.recommend("u", id: 2))
    #expect(try server.receive().map(\.status) == [.ok])
    try server.send(
      Frames.make(FrameHeader(.pong, payloadLength: 8), Array(repeating: 0, count: 8)))
    try server.send(try Frames.recommend("u", id: 3))
    #expect(try server.receive().map(\.status) == [.unavailable])
    server.methods.held[0].completion(.success([.accepted]))
    server.channel.embeddedEventLoop.run()
    #expect(try server.receive().map(\.header.requestID) == [1])
    #expect(server.handler.farewell == .closing)
  }

  @Test func aSlowReaderIsNotReadFrom() throws {
    var limits = RPCLimits()
    limits.outputHighWatermark = 4096
    let server = try EmbeddedServer(limits: limits)
    var burst: [UInt8] = []
    for id in UInt32(1)...100 { burst += try Frames.recommend("user", id: id, count: 50) }
    server.channel.isWritable = false
    try server.send(burst)
    let first = try server.receive()
    // One answer is about 800 bytes: the sixth or so reaches the watermark.
    #expect(first.count >= 4 && first.count < 10, "\(first.count) answers")
    #expect(server.methods.calls == first.count)
    // More requests wait as bytes; nothing is lost or reordered when the client reads again.
    try server.send(try Frames.recommend("user", id: 101, count: 50))
    #expect(try server.receive().isEmpty)
    server.channel.isWritable = true
    server.channel.pipeline.fireChannelWritabilityChanged()
    let rest = try server.receive()
    #expect((first + rest).map(\.header.requestID) == Array(1...101))
  }

  @Test func decodingAndAnsweringSettlesToNoAllocation() throws {
    let server = try EmbeddedServer()
    let arena = server.handler.dispatcher.arena
    let large = try Frames.recommend(
      "user", id: 1, count: 500,
      excluding: (0..<500).map { "item-\($0)-" + String(repeating: "x", count: 200) })
    for _ in 0..<3 { try server.send(large) }
    let settled = arena.fallbackAllocations
    #expect(settled > 0, "the test must exceed the first block to mean anything")
    for _ in 0..<50 {
      try server.send(large)
      try server.send(try Frames.recommend("user", id: 2))
    }
    #expect(arena.fallbackAllocations == settled)
  }
}
