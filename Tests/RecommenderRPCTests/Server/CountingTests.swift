internal import NIOCore
internal import NIOEmbedded
internal import Testing

@testable internal import RecommenderRPC

/// What a server counts of its answers.
@Suite struct CountingTests {
  private static func status(_ code: StatusCode) -> Int { Int(code.rawValue) }

  private func counts(_ server: EmbeddedServer, _ method: MethodNumber) -> RPCMethodCounts {
    server.handler.dispatcher.counters.method(slot: Int(method.rawValue), name: method.name)
  }

  @Test func everyMethodHasAPlaceOfItsOwn() {
    let slots = MethodNumber.allCases.map { LoopCounters.slot($0.rawValue) }
    #expect(Set(slots).count == slots.count)
    #expect(slots.allSatisfy { (1..<LoopCounters.methodSlots).contains($0) })
    #expect(LoopCounters.slot(77) == 0)
    let codes = StatusCode.allCases.map { Int($0.rawValue) }
    #expect(codes == Array(0..<LoopCounters.statusSlots))
  }

  @Test func answersAreCountedByStatusAndTheirTimeByTheBurst() throws {
    let server = try EmbeddedServer()
    let clock = server.clock
    // Each answer takes 30 µs, and all of a burst wait for the last.
    server.methods.onRecommend = { clock.advance(.microseconds(30)) }
    let first = try (1...3).flatMap { try Frames.recommend("u\($0)", id: $0) }
    try server.send(first + Frames.request(77, id: 9))
    let recommend = counts(server, .recommend)
    #expect(recommend.answers[Self.status(.ok)] == 3)
    #expect(recommend.answers.reduce(0, +) == 3)
    // 90 µs: beyond 50, not beyond 100.
    #expect(recommend.timeCounts == [0, 0, 0, 3] + [UInt64](repeating: 0, count: 14))
    #expect(recommend.timeSumNanoseconds == 270_000)
    let unknown = server.handler.dispatcher.counters.method(slot: 0, name: "unknown")
    #expect(unknown.answers[Self.status(.unimplemented)] == 1)
    #expect(unknown.timeCounts.reduce(0, +) == 1)
    server.methods.failure = RPCError(code: .notFound, message: "no")
    server.methods.onRecommend = {}
    try server.send(try Frames.recommend("u", id: 4))
    try server.send(try Frames.recommend("u", id: 5, count: 0))
    let failed = counts(server, .recommend)
    #expect(failed.answers[Self.status(.notFound)] == 1)
    #expect(failed.answers[Self.status(.invalidArgument)] == 1)
    #expect(failed.timeCounts.reduce(0, +) == 5)
    let total = server.handler.dispatcher.counters
    #expect(total.total(.bytesReceived) > UInt64(first.count))
    #expect(try total.total(.bytesSent) == UInt64(server.receiveBytes().bytes.count + 8))
  }

  @Test func whatIsAnsweredLaterHasItsOwnTime() throws {
    let server = try EmbeddedServer()
    server.methods.holdsFeedback = true
    try server.send(
      try Frames.feedback([Frames.event(1)], id: 1) + Frames.feedback([Frames.event(2)], id: 2)
        + Frames.feedback([Frames.event(3)], id: 3))
    #expect(counts(server, .feedback).answers.reduce(0, +) == 0)
    server.clock.advance(.milliseconds(4))
    server.methods.held[0].completion(.success([.accepted]))
    server.clock.advance(.milliseconds(400))
    server.methods.held[1].completion(
      .failure(RPCError(code: .unavailable, message: "the disk is full")))
    // Given up: counted, but nobody waited for it.
    try server.send(Frames.make(FrameHeader(.cancel, payloadLength: 0, requestID: 3)))
    server.channel.embeddedEventLoop.run()
    let feedback = counts(server, .feedback)
    #expect(feedback.answers[Self.status(.ok)] == 1)
    #expect(feedback.answers[Self.status(.unavailable)] == 1)
    #expect(feedback.answers[Self.status(.cancelled)] == 1)
    #expect(feedback.timeSumNanoseconds == 408_000_000)
    #expect(feedback.timeCounts[8] == 1 && feedback.timeCounts[14] == 1)
    #expect(feedback.timeCounts.reduce(0, +) == 2)
  }

  @Test func aFrameCutOffByTheEndOfTheConnectionIsCounted() throws {
    let server = try EmbeddedServer()
    try server.send([1])
    server.channel.pipeline.fireChannelInactive()
    #expect(server.handler.dispatcher.counters.total(.violations) == 1)
  }

  @Test func violationsAreCounted() throws {
    let server = try EmbeddedServer()
    try server.send([UInt8](repeating: 0xFF, count: 16))
    #expect(server.handler.dispatcher.counters.total(.violations) == 1)
  }
}
