internal import NIOCore
internal import NIOEmbedded
internal import Testing

@testable internal import RecommenderRPC

/// The client's handler on an embedded channel, against a server played by the test.
@Suite struct ClientConnectionTests {
  private final class Client {
    let channel: EmbeddedChannel
    let handler: ClientConnectionHandler
    var results: [(id: Int, status: StatusCode, text: String)] = []
    var readiness: [RPCError?] = []

    init() throws {
      var ready: (RPCError?) -> Void = { _ in }
      handler = ClientConnectionHandler(limits: RPCLimits()) { ready($0) }
      channel = EmbeddedChannel(handler: handler)
      ready = { [unowned self] in readiness.append($0) }
      try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
      #expect(
        try channel.readOutbound(as: ByteBuffer.self) == ByteBuffer(bytes: ProtocolVersion1.preface)
      )
      try receive(ProtocolVersion1.preface)
    }

    deinit { _ = try? channel.finish(acceptAlreadyClosed: true) }

    func receive(_ bytes: [UInt8]) throws { try channel.writeInbound(ByteBuffer(bytes: bytes)) }

    func call(_ number: Int, timeout: Duration? = nil) -> UInt32? {
      handler.call(
        .health, timeout: timeout,
        encode: { header, _, output throws(RPCError) in output.writeFrame(header) }
      ) { [unowned self] result, _ in
        switch result {
        case .success: results.append((number, .ok, ""))
        case .failure(let error): results.append((number, error.code, error.message))
        }
      }
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

  private func response(_ id: UInt32) -> [UInt8] {
    Frames.make(FrameHeader(.response, payloadLength: 0, method: 4, requestID: id))
  }

  @Test func answersInAnyOrderCutAnywhereReachTheirCalls() throws {
    let client = try Client()
    for number in 1...3 { _ = client.call(number) }
    #expect(try client.sent().map(\.header.requestID) == [1, 2, 3])
    for byte in response(3) + response(1) + response(2) { try client.receive([byte]) }
    #expect(client.results.map(\.id) == [3, 1, 2])
    #expect(client.readiness.count == 1)
  }

  @Test func aTimeoutCancelsAndTheLateAnswerIsSwallowed() throws {
    let client = try Client()
    _ = client.call(1, timeout: .milliseconds(50))
    let request = try #require(try client.sent().first)
    #expect(request.header.word == 50)
    client.channel.embeddedEventLoop.advanceTime(by: .milliseconds(50))
    #expect(client.results.map(\.status) == [.deadlineExceeded])
    #expect(try client.sent().map(\.header.type) == [FrameType.cancel.rawValue])
    try client.receive(response(1))
    #expect(client.results.count == 1)
    #expect(client.channel.isActive)
  }

  @Test func anAnswerNobodyAskedForEndsEveryCallWithInternal() throws {
    let client = try Client()
    _ = client.call(1)
    try client.receive(response(42))
    #expect(client.results.map(\.status) == [.internalError])
    _ = client.call(2)
    #expect(client.results.map(\.status) == [.internalError, .internalError])
  }

  @Test func aFarewellWithAStatusIsWhatCallsFailWith() throws {
    let client = try Client()
    _ = client.call(1)
    var farewell = ByteBuffer()
    farewell.writeTextFrame(.goAway, status: .resourceExhausted, text: "too many")
    try client.receive(Array(farewell.readableBytesView))
    client.channel.pipeline.fireChannelInactive()
    #expect(client.results.map(\.status) == [.resourceExhausted])
    #expect(client.results.map(\.text) == ["too many"])
  }

  @Test func aFarewellInGoodOrderStillBringsTheAnswer() throws {
    let client = try Client()
    _ = client.call(1)
    var farewell = ByteBuffer()
    farewell.writeTextFrame(.goAway, status: .ok, text: "stopping")
    try client.receive(Array(farewell.readableBytesView))
    _ = client.call(2)
    try client.receive(response(1))
    #expect(client.results.map(\.status) == [.unavailable, .ok])
  }

  @Test func pingsAreAnswered() throws {
    let client = try Client()
    try client.receive(Frames.make(FrameHeader(.ping, payloadLength: 8), Array(1...8)))
    let pong = try #require(try client.sent().first)
    #expect(pong.header.type == FrameType.pong.rawValue)
    #expect(pong.payload == Array(1...8))
  }
}
