internal import NIOCore
internal import NIOEmbedded
internal import Testing

@testable internal import RecommenderRPC

/// Limits of all connections together, silence, traces and tokens.
@Suite struct ServerLoadTests {
  /// Two connections of one server.
  private func pair(_ limits: RPCLimits) throws -> (EmbeddedServer, EmbeddedServer) {
    let statistics = ServerStatistics(start: .uptimeNanoseconds(0))
    return (
      try EmbeddedServer(limits: limits, statistics: statistics),
      try EmbeddedServer(limits: limits, statistics: statistics)
    )
  }

  @Test func requestsOfAllConnectionsAreCounted() throws {
    var limits = RPCLimits()
    limits.maxServerRequestsInFlight = 3
    let (one, other) = try pair(limits)
    one.methods.holdsFeedback = true
    for id in UInt32(1)...2 { try one.send(try Frames.feedback([Frames.event(1)], id: id)) }
    try other.send(try Frames.recommendMany(["u"], id: 1))
    #expect(try one.receive().isEmpty && other.receive().isEmpty)
    try other.send(try Frames.recommendMany(["u"], id: 2) + Frames.recommend("u", id: 3))
    #expect(try other.receive().map(\.status) == [.resourceExhausted, .ok])
    // A cancelled Feedback still costs the service; the stream ends at once.
    try one.send(Frames.cancel(1))
    #expect(one.inFlight.requests == 3)
    try other.send(Frames.cancel(1))
    #expect(one.inFlight.requests == 2)
    one.methods.held.removeAll()
    one.channel.embeddedEventLoop.run()
    #expect(one.inFlight == (0, 0))
  }

  @Test func bytesOfAllConnectionsAreCounted() throws {
    let feedback = try Frames.feedback([Frames.event(1)], id: 1)
    var limits = RPCLimits()
    limits.maxServerBytesInFlight = 2 * (feedback.count - FrameHeader.byteCount)
    let (one, other) = try pair(limits)
    one.methods.holdsFeedback = true
    other.methods.holdsFeedback = true
    try one.send(feedback)
    try other.send(feedback)
    #expect(one.inFlight.bytes == limits.maxServerBytesInFlight)
    try one.send(try Frames.feedback([Frames.event(1)], id: 2))
    #expect(try one.receive().map(\.status) == [.resourceExhausted])
    other.methods.held[0].completion(.success([.accepted]))
    try one.send(try Frames.feedback([Frames.event(1)], id: 2))
    #expect(try one.receive().isEmpty)
  }

  @Test func partsOfFramesAreCounted() throws {
    var limits = RPCLimits()
    limits.maxServerBytesInFlight = 40
    let (one, other) = try pair(limits)
    let frame = Frames.request(1, id: 1, [UInt8](repeating: 0, count: 100))
    try one.send(Array(frame.prefix(20)))
    try other.send(Array(frame.prefix(20)))
    #expect(one.inFlight.bytes == 40)
    try other.send([0])
    let farewell = try other.receive()
    #expect(farewell.map(\.header.type) == [FrameType.goAway.rawValue])
    #expect(farewell.first?.status == .resourceExhausted)
    #expect(one.inFlight.bytes == 20)
    try one.send(Array(frame[20..<40]))
    #expect(one.inFlight.bytes == 40)
    one.channel.pipeline.fireChannelInactive()
    #expect(one.inFlight == (0, 0))
  }

  /// Connections with answers that nobody fetches, at the limit of all together and one past it.
  @Test func unsentAnswersOfAllConnectionsAreCounted() throws {
    var limits = RPCLimits()
    limits.maxServerUnsentBytes = 40_000
    let (slow, other) = try pair(limits)
    let quick = try EmbeddedServer(
      limits: limits, statistics: slow.handler.dispatcher.statistics)
    var kept = (slow: 20_000, other: 20_000)
    slow.handler.measureUnsent = { _ in kept.slow }
    other.handler.measureUnsent = { _ in kept.other }
    // What one look apart lets by is answered: about 700 bytes each.
    func burst(_ first: UInt32) throws -> [UInt8] {
      try (first..<first + 40).flatMap { try Frames.recommend("user", id: $0, count: 50) }
    }
    for server in [slow, other] {
      try server.send(try burst(1))
      #expect(try server.receive().count == 40)
    }
    let statistics = slow.handler.dispatcher.statistics
    #expect(statistics.unsentBytes == 40_000)
    try slow.send(try burst(41))
    #expect(try slow.receive().count == 40, "at the limit all goes on")
    // One byte more: who has unsent bytes is held back, who has none is not.
    kept.slow += 1
    try slow.send(try Frames.recommend("user", id: 81, count: 1))
    #expect(try slow.receive().count == 1)
    #expect(statistics.unsentBytes == 40_001)
    try slow.send(try burst(82) + burst(122))
    let answered = try slow.receive().count
    #expect(answered > 10 && answered < 40, "\(answered) answers in 16 KiB")
    try quick.send(try burst(1) + burst(41))
    #expect(try quick.receive().count == 80)
    // The other's client reads: there is room, found at the next look.
    kept.other = 0
    for server in [other, slow] {
      server.channel.embeddedEventLoop.advanceTime(by: UnsentOutput.lookInterval)
    }
    #expect(statistics.unsentBytes == 20_001)
    #expect(try slow.receive().map(\.header.requestID).last == 161)
    slow.channel.pipeline.fireChannelInactive()
    #expect(statistics.unsentBytes == 0)
    slow.channel.embeddedEventLoop.advanceTime(by: UnsentOutput.lookInterval)
    other.channel.embeddedEventLoop.advanceTime(by: UnsentOutput.lookInterval)
  }

  private func pong(_ ping: Frame) -> [UInt8] {
    Frames.make(FrameHeader(.pong, payloadLength: 8), ping.payload)
  }

  @Test func aSilentPeerWithRequestsInFlightIsAskedAndThenTakenForGone() throws {
    let server = try EmbeddedServer()
    server.methods.holdsFeedback = true
    try server.send(try Frames.feedback([Frames.event(1)], id: 1))
    server.pass(seconds: 29)
    #expect(try server.receive().isEmpty)
    server.pass(seconds: 2)
    let ping = try #require(try server.receive().first)
    #expect(ping.header.type == FrameType.ping.rawValue)
    try server.send(pong(ping))
    // It answered, so all begins anew.
    server.pass(seconds: 29)
    #expect(try server.receive().isEmpty)
    server.pass(seconds: 2)
    #expect(try server.receive().map(\.header.type) == [FrameType.ping.rawValue])
    server.pass(seconds: 18)
    #expect(try server.receive().isEmpty)
    server.pass(seconds: 2)
    let farewell = try server.receive()
    #expect(farewell.map(\.header.type) == [FrameType.goAway.rawValue])
    #expect(farewell.first?.status == .unavailable)
  }

  @Test func aPeerThatWaitsForNothingIsNotAsked() throws {
    let server = try EmbeddedServer()
    server.pass(seconds: 590)
    #expect(try server.receive().isEmpty)
    server.pass(seconds: 11)
    #expect(
      try server.receive().map(\.header.type)
        == [FrameType.goAway.rawValue, FrameType.ping.rawValue])
  }

  /// The answer to a keep-alive must not count as one to the farewell that crossed it: requests sent
  /// before the farewell was seen would be refused.
  @Test func aKeepAliveAnswerDoesNotAcknowledgeAFarewell() throws {
    let server = try EmbeddedServer()
    server.methods.holdsFeedback = true
    try server.send(try Frames.feedback([Frames.event(1)], id: 1))
    server.pass(seconds: 31)
    let ping = try #require(try server.receive().first)
    server.handler.goAway(reason: "stopping")
    server.channel.embeddedEventLoop.run()
    let farewell = try server.receive()
    try server.send(pong(ping) + (try Frames.recommend("u", id: 2)))
    #expect(try server.receive().map(\.status) == [.ok])
    try server.send(pong(try #require(farewell.last)) + (try Frames.recommend("u", id: 3)))
    #expect(try server.receive().map(\.status) == [.unavailable])
  }

  @Test func traceIDsAppearInReports() throws {
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    let server = try EmbeddedServer()
    let clock = server.clock
    try server.send(try GoldenFrames.read("recommend_request_traced"))
    let answer = try #require(try server.receive().first)
    #expect(answer.status == .ok && answer.header.flags == 0)
    #expect(
      try Frames.ranked(answer).itemIndexes.first == EchoMethods.firstIndex("customer-1"))
    #expect(!server.log.all.joined().contains(trace))
    server.methods.failure = RPCError(code: .dataLoss, message: "no row")
    server.methods.onRecommend = { clock.advance(.milliseconds(600)) }
    try server.send(try GoldenFrames.read("recommend_request_traced"))
    #expect(
      server.log.all == [
        "Recommend 10 trace \(trace) from 127.0.0.1:1 took 600 ms",
        "Recommend 10 trace \(trace) from 127.0.0.1:1: DATA_LOSS: no row",
      ] || server.log.all.count == 2 && server.log.all.allSatisfy { $0.contains(trace) })
  }

  @Test func traceIDsAreReadAsTheyAreWritten() {
    let text = "00f067aa0ba902b700000000000000ff"
    #expect(TraceID(text)?.description == text)
    #expect(TraceID(text)?.low == 255)
    for bad in [
      "", String(text.dropLast()), text + "0", "+" + text.dropFirst(), "g" + text.dropFirst(),
    ] { #expect(TraceID(bad) == nil) }
  }
}
