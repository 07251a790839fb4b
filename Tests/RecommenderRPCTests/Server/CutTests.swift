internal import NIOCore
internal import NIOEmbedded
internal import Testing

@testable internal import RecommenderRPC

/// Conversations cut into bytes, and cut off at every byte.
@Suite struct CutTests {
  private static func conversation() throws -> [UInt8] {
    let users = (0..<70).map { "user-\($0)" }
    var bytes = ProtocolVersion1.preface + Frames.credentials(Array("token".utf8))
    bytes += try Frames.recommend("anna", id: 1, count: 3)
    bytes += try Frames.feedback([Frames.event(1)], id: 2)
    bytes += try Frames.recommendMany(users, id: 3)
    bytes += try GoldenFrames.read("recommend_request_traced")
    bytes +=
      Frames.credit(100, id: 3)
      + Frames.make(
        FrameHeader(.ping, payloadLength: 8), Array(1...8))
    bytes += Frames.cancel(2)
    bytes += try Frames.putItems([PutItem(itemID: "i")], id: 4)
    bytes += try Frames.recommendMany(users, id: 5)
    bytes += Frames.cancel(5) + Frames.request(77, id: 6)
    return bytes
  }

  /// A client that vanishes at any byte: nothing crashes, and nothing stays behind.
  @Test func aClientMayVanishAtEveryByte() throws {
    let bytes = try Self.conversation()
    for length in 0...bytes.count {
      let server = try EmbeddedServer(greet: false)
      server.methods.holdsFeedback = true
      try server.send(Array(bytes.prefix(length)))
      server.channel.pipeline.fireChannelInactive()
      server.channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
      server.methods.held.removeAll()
      server.channel.embeddedEventLoop.run()
      #expect(server.inFlight == (0, 0), "cut off after \(length) bytes")
      #expect(server.handler.streams.isEmpty, "cut off after \(length) bytes")
    }
  }

  /// What frames say of themselves; payloads of Health differ from run to run.
  private struct Outline: Equatable {
    var type: UInt8
    var requestID: UInt32
    var word: UInt32
  }

  private func outline(_ bytes: [UInt8], cutEvery length: Int) throws -> [Outline] {
    let server = try EmbeddedServer()
    for start in stride(from: 0, to: bytes.count, by: length) {
      try server.send(Array(bytes[start..<min(start + length, bytes.count)]))
    }
    server.channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
    return try server.receive().map {
      Outline(type: $0.header.type, requestID: $0.header.requestID, word: $0.header.word)
    }
  }

  @Test func everyGoldenFrameMayComeByteByByte() throws {
    let frames = try GoldenFrames.good().merging(try GoldenFrames.bad()) { one, _ in one }
    for (name, bytes) in frames {
      #expect(
        try outline(bytes, cutEvery: 1) == outline(bytes, cutEvery: bytes.count), "\(name)")
    }
  }

  /// The client's state with requests 1 to 16 unanswered, the even ones streams.
  private func client() -> ClientConnectionState {
    var state = ClientConnectionState(limits: RPCLimits())
    _ = ProtocolVersion1.preface.withUnsafeBytes { state.receive($0) }
    for number in 1...16 { _ = state.openRequest(isStreamed: number % 2 == 0) }
    return state
  }

  @Test func theClientTakesEveryGoldenFrameByteByByte() throws {
    let frames = try GoldenFrames.good().merging(try GoldenFrames.bad()) { one, _ in one }
    for (name, bytes) in frames {
      var whole = client()
      let expected = bytes.withUnsafeBytes { whole.receive($0) }
      var dripped = client()
      for length in 1..<bytes.count {
        let step = bytes.prefix(length).withUnsafeBytes { dripped.receive($0) }
        if case .violation = step.event {
          #expect(step.event == expected.event, "\(name) after \(length) bytes")
          break
        }
        #expect(step.event == .needMoreBytes && step.consumed == 0, "\(name)")
      }
      guard !dripped.isClosed else { continue }
      let last = bytes.withUnsafeBytes { dripped.receive($0) }
      #expect(last.event == expected.event && last.consumed == expected.consumed, "\(name)")
    }
  }

  @Test func theClientRefusesMessagesThatWereNotGranted() {
    var state = client()
    let message = Frames.make(FrameHeader(.streamData, payloadLength: 0, requestID: 2))
    func next() -> ClientConnectionState.Event {
      message.withUnsafeBytes { state.receive($0).event }
    }
    for _ in 0..<64 {
      guard case .streamData = next() else {
        Issue.record("a granted message was refused")
        return
      }
    }
    let granted = state.grant(1, to: 2)
    #expect(granted)
    _ = next()
    #expect(next() == .violation(.streamDataWithoutCredit(2)))
    var other = client()
    let unary = Frames.make(FrameHeader(.streamData, payloadLength: 0, requestID: 1))
    #expect(
      unary.withUnsafeBytes { other.receive($0).event }
        == .violation(.unexpectedFrameType(.streamData)))
  }

  @Test func theClientGrantsAtMostTheLimit() {
    var state = client()
    let atLimit = state.grant(65_535 - 64, to: 2)
    let beyond = state.grant(1, to: 2)
    let unary = state.grant(1, to: 1)
    #expect(atLimit && !beyond && !unary)
  }
}
