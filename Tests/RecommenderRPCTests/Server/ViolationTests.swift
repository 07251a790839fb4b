internal import NIOCore
internal import NIOEmbedded
internal import Testing

@testable internal import RecommenderRPC

/// One test for each row of the violation table in proto/PROTOCOL.md that a server sees.
@Suite struct ViolationTests {
  /// Sends bytes after the prefaces; expects one farewell of this status and a dead connection.
  private func expectFarewell(
    _ bytes: [UInt8], _ status: StatusCode, limits: RPCLimits = RPCLimits(),
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let server = try EmbeddedServer(limits: limits)
    try server.send(bytes)
    let frames = try server.receive()
    #expect(frames.count == 1, sourceLocation: location)
    let frame = try #require(frames.first, sourceLocation: location)
    #expect(frame.header.type == FrameType.goAway.rawValue, sourceLocation: location)
    #expect(frame.status == status, "\(frame.text)", sourceLocation: location)
    try server.send(try Frames.recommend("u", id: 9))
    #expect(try server.receive().isEmpty, sourceLocation: location)
    #expect(server.methods.calls == 0, sourceLocation: location)
  }

  /// Sends one request; expects one answer of this status and a connection that lives on.
  private func expectAnswer(
    _ bytes: [UInt8], _ status: StatusCode, limits: RPCLimits = RPCLimits(),
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let server = try EmbeddedServer(limits: limits)
    try server.send(bytes)
    let frames = try server.receive()
    #expect(frames.map(\.status) == [status], "\(frames)", sourceLocation: location)
    try server.send(try Frames.recommend("u", id: 99))
    #expect(try server.receive().map(\.status) == [.ok], sourceLocation: location)
  }

  @Test func wrongMagicIsRefusedAtItsFirstByte() throws {
    for bytes in [Array("GET / HTTP/1.1".utf8), Array("TELLEX".utf8), [0]] {
      let server = try EmbeddedServer(greet: false)
      try server.send(bytes)
      let (sent, _) = try server.receiveBytes()
      #expect(Array(sent.prefix(8)) == ProtocolVersion1.preface)
      let farewell = try #require(Frames.split(Array(sent.dropFirst(8))).first)
      #expect(farewell.status == .invalidArgument)
    }
  }

  @Test func unsupportedVersionLearnsOurs() throws {
    let server = try EmbeddedServer(greet: false)
    try server.send(ProtocolVersion1.magic + [2, 0])
    let (sent, _) = try server.receiveBytes()
    #expect(Array(sent.prefix(8)) == ProtocolVersion1.preface)
    #expect(Frames.split(Array(sent.dropFirst(8))).first?.status == .unimplemented)
  }

  @Test func truncatedPrefaceTimesOut() throws {
    let server = try EmbeddedServer(greet: false)
    try server.send(Array(ProtocolVersion1.preface.prefix(7)))
    #expect(try server.receiveBytes().bytes.isEmpty)
    server.channel.embeddedEventLoop.advanceTime(by: .seconds(11))
    let (sent, _) = try server.receiveBytes()
    #expect(Frames.split(Array(sent.dropFirst(8))).first?.status == .deadlineExceeded)
  }

  @Test func frameAtTheLimitPassesAndOneByteMoreDoesNot() throws {
    var limits = RPCLimits()
    limits.maxFrameBytes = 600
    let fits = Frames.request(1, id: 1, [UInt8](repeating: 0, count: 600))
    try expectAnswer(fits, .invalidArgument, limits: limits)
    // The header alone is enough: no payload byte has been sent.
    var header = FrameHeader(.request, payloadLength: 601, method: 1, requestID: 1)
    try expectFarewell(GoldenFrames.headerBytes(header), .resourceExhausted, limits: limits)
    header.payloadLength = .max
    try expectFarewell(GoldenFrames.headerBytes(header), .resourceExhausted)
  }

  @Test func framingViolationsEndTheConnection() throws {
    var unknown = FrameHeader(.request, payloadLength: 0, method: 1, requestID: 1)
    for type in [UInt8(0), 11, 255] {
      unknown.type = type
      try expectFarewell(GoldenFrames.headerBytes(unknown), .invalidArgument)
    }
    try expectFarewell(Frames.request(1, id: 1, flags: 0x04), .invalidArgument)
    try expectFarewell(Frames.request(1, id: 0), .invalidArgument)
    try expectFarewell(
      Frames.make(FrameHeader(.response, payloadLength: 0, requestID: 1)), .invalidArgument)
    try expectFarewell(
      Frames.make(FrameHeader(.ping, payloadLength: 7), Array(1...7)), .invalidArgument)
    try expectFarewell(
      Frames.make(FrameHeader(.cancel, payloadLength: 1, requestID: 1), [1]), .invalidArgument)
  }

  @Test func requestIDReuseInFlightEndsTheConnection() throws {
    let server = try EmbeddedServer()
    server.methods.holdsFeedback = true
    try server.send(try Frames.feedback([Frames.event(1)], id: 7))
    try server.send(try Frames.recommend("u", id: 7))
    let frames = try server.receive()
    #expect(frames.map(\.header.type) == [FrameType.goAway.rawValue])
    // The late result has nowhere to go.
    server.methods.held[0].completion(.success([.accepted]))
    server.channel.embeddedEventLoop.run()
    #expect(try server.receive().isEmpty)
  }

  @Test func requestsThatAreWrongInThemselvesAreAnswered() throws {
    for method in [UInt16(0), 6, 77, 0xFFFF] {
      try expectAnswer(Frames.request(method, id: 1), .unimplemented)
    }
    try expectAnswer(Frames.request(1, id: 1, flags: 1), .unimplemented)
    try expectAnswer(Frames.request(1, id: 1, [0x0A, 0x20, 0x61]), .invalidArgument)
    // A known field of another wire type.
    try expectAnswer(Frames.request(1, id: 1, [0x08, 0x01]), .invalidArgument)
    try expectAnswer(Frames.request(1, id: 1, [0x0A, 2, 0xC3, 0x28]), .invalidArgument)
    try expectAnswer(Frames.request(1, id: 1, [0x0A, 2, 0x61, 0]), .invalidArgument)
    try expectAnswer(Frames.request(1, id: 1), .invalidArgument)
    try expectAnswer(Frames.request(3, id: 1), .invalidArgument)
    try expectAnswer(Frames.request(5, id: 1, [0x08, 0xE9, 0x07]), .outOfRange)
  }

  @Test func limitsHoldAtTheLimitAndNotBeyond() throws {
    try expectAnswer(try Frames.recommend("u", id: 1, count: 0), .invalidArgument)
    try expectAnswer(try Frames.recommend("u", id: 1, count: 1), .ok)
    try expectAnswer(try Frames.recommend("u", id: 1, count: 500), .ok)
    try expectAnswer(try Frames.recommend("u", id: 1, count: 501), .invalidArgument)
    try expectAnswer(try Frames.recommend(String(repeating: "u", count: 256), id: 1), .ok)
    try expectAnswer(
      try Frames.recommend(String(repeating: "u", count: 257), id: 1), .invalidArgument)
    let items = (0..<501).map { "item-\($0)" }
    try expectAnswer(try Frames.recommend("u", id: 1, excluding: Array(items.dropLast())), .ok)
    try expectAnswer(try Frames.recommend("u", id: 1, excluding: items), .invalidArgument)
    try expectAnswer(try Frames.recommend("u", id: 1, excluding: [""]), .invalidArgument)
    let events = (0..<1001).map(Frames.event)
    try expectAnswer(try Frames.feedback(Array(events.dropLast()), id: 1), .ok)
    try expectAnswer(try Frames.feedback(events, id: 1), .invalidArgument)
    // Unknown fields: number 100, varint.
    let unknown: [UInt8] = [0xA0, 0x06, 0x01]
    let user: [UInt8] = [0x0A, 1, 0x75]
    let most = user + Array([[UInt8]](repeating: unknown, count: 64).joined())
    try expectAnswer(Frames.request(1, id: 1, most), .ok)
    try expectAnswer(Frames.request(1, id: 1, most + unknown), .invalidArgument)
  }

  @Test(arguments: [(Float(0), StatusCode.ok), (1, .ok), (1.001, .invalidArgument)])
  func explorationWeightsAreShares(weight: Float, status: StatusCode) throws {
    try expectAnswer(try Frames.recommend("u", id: 1, explorationWeight: weight), status)
    try expectAnswer(
      try Frames.recommend("u", id: 1, explorationWeight: -weight - 0.001), .invalidArgument)
    try expectAnswer(try Frames.recommend("u", id: 1, explorationWeight: .nan), .invalidArgument)
  }

  @Test func productsAreCheckedOneByOne() throws {
    func answer(_ change: (inout PutItem) -> Void) throws -> Frame {
      var item = PutItem(itemID: "i")
      change(&item)
      let server = try EmbeddedServer()
      try server.send(try Frames.putItems([PutItem(itemID: "first"), item], id: 1))
      return try #require(try server.receive().first)
    }
    @Sendable func text(_ count: Int) -> String { String(repeating: "x", count: count) }
    let attribute = PutItem.Attribute(key: "k", value: "v")
    let good: [@Sendable (inout PutItem) -> Void] = [
      { $0.itemID = text(256) }, { $0.name = text(256) }, { $0.category = text(256) },
      { $0.price = 0 }, { $0.attributes = Array(repeating: attribute, count: 32) },
      { $0.attributes = [.init(key: text(64), value: text(256))] },
    ]
    for change in good { #expect(try answer(change).status == .ok) }
    let bad: [@Sendable (inout PutItem) -> Void] = [
      { $0.itemID = "" }, { $0.itemID = text(257) }, { $0.name = text(257) },
      { $0.category = text(257) }, { $0.price = -1 }, { $0.price = .infinity },
      { $0.createdMilliseconds = -1 },
      { $0.attributes = Array(repeating: attribute, count: 33) },
      { $0.attributes = [.init(key: "", value: "v")] },
      { $0.attributes = [.init(key: text(65), value: "v")] },
      { $0.attributes = [.init(key: "k", value: "")] },
      { $0.attributes = [.init(key: "k", value: text(257))] },
    ]
    for change in bad { #expect(try answer(change).status == .invalidArgument) }
    #expect(try answer { $0.price = -1 }.text.hasPrefix("items[1].price"))
    try expectAnswer(
      try Frames.putItems((0..<1000).map { PutItem(itemID: "i\($0)") }, id: 1), .ok)
    try expectAnswer(
      try Frames.putItems((0..<1001).map { PutItem(itemID: "i\($0)") }, id: 1), .invalidArgument)
    try expectAnswer(try Frames.putItems([], id: 1), .invalidArgument)
  }

  @Test func feedbackEventsAreCheckedOneByOne() throws {
    func answer(_ change: (inout FeedbackEvent) -> Void) throws -> Frame {
      var event = Frames.event(1)
      change(&event)
      let server = try EmbeddedServer()
      try server.send(try Frames.feedback([Frames.event(0), event], id: 1))
      return try #require(try server.receive().first)
    }
    #expect(try answer { $0.impressionItemIDs = Array(repeating: "i", count: 100) }.status == .ok)
    let bad: [@Sendable (inout FeedbackEvent) -> Void] = [
      { $0.impressionItemIDs = Array(repeating: "i", count: 101) },
      { $0.eventID = "" }, { $0.userID = "" }, { $0.itemID = "" }, { $0.value = .nan },
      { $0.value = .infinity }, { $0.recommendationID = String(repeating: "r", count: 41) },
      { $0.sessionID = String(repeating: "s", count: 257) },
    ]
    for change in bad { #expect(try answer(change).status == .invalidArgument) }
    #expect(try answer { $0.eventID = "" }.text.hasPrefix("events[1].event_id"))
    // Type UNSPECIFIED: the field left out.
    let server = try EmbeddedServer()
    let event: [UInt8] = [0x0A, 1, 0x65, 0x12, 1, 0x75, 0x1A, 1, 0x69]
    try server.send(Frames.request(3, id: 1, [0x0A, UInt8(event.count)] + event))
    #expect(try server.receive().map(\.status) == [.invalidArgument])
  }

  @Test func inFlightLimitIsAnsweredAndLifted() throws {
    var limits = RPCLimits()
    limits.maxRequestsInFlight = 2
    let server = try EmbeddedServer(limits: limits)
    server.methods.holdsFeedback = true
    for id in UInt32(1)...3 { try server.send(try Frames.feedback([Frames.event(1)], id: id)) }
    let refused = try server.receive()
    #expect(refused.map(\.header.requestID) == [3])
    #expect(refused.map(\.status) == [.resourceExhausted])
    server.methods.held[0].completion(.success([.accepted]))
    server.channel.embeddedEventLoop.run()
    #expect(try server.receive().map(\.header.requestID) == [1])
    try server.send(try Frames.feedback([Frames.event(1)], id: 4))
    #expect(try server.receive().isEmpty)
  }

  @Test func streamFramesOfARefusedStreamAreIgnored() throws {
    let server = try EmbeddedServer()
    try server.send(
      Frames.request(1, id: 5, flags: 1)
        + Frames.make(FrameHeader(.streamData, payloadLength: 2, requestID: 5), [1, 2])
        + Frames.make(FrameHeader(.endOfStream, payloadLength: 0, requestID: 5))
        + (try Frames.recommend("u", id: 6)))
    #expect(try server.receive().map(\.status) == [.unimplemented, .ok])
  }

  @Test func streamFramesOnAUnaryRequestEndTheConnection() throws {
    let server = try EmbeddedServer()
    server.methods.holdsFeedback = true
    try server.send(try Frames.feedback([Frames.event(1)], id: 5))
    try server.send(Frames.make(FrameHeader(.streamData, payloadLength: 0, requestID: 5)))
    #expect(try server.receive().map(\.header.type) == [FrameType.goAway.rawValue])
  }

  @Test func idleConnectionsAreToldToGo() throws {
    var limits = RPCLimits()
    limits.idleTimeout = .seconds(20)
    let server = try EmbeddedServer(limits: limits)
    server.clock.advance(.seconds(21))
    server.channel.embeddedEventLoop.advanceTime(by: .seconds(21))
    let frames = try server.receive()
    #expect(frames.map(\.header.type) == [FrameType.goAway.rawValue, FrameType.ping.rawValue])
    #expect(frames.first?.status == .ok)
  }

  @Test func aFrameCutOffByTheEndOfTheConnectionIsReported() throws {
    let server = try EmbeddedServer()
    try server.send(Array(try Frames.recommend("u", id: 1).dropLast()))
    server.channel.pipeline.fireChannelInactive()
    #expect(server.methods.calls == 0)
    #expect(server.log.all.contains { $0.contains("in the middle of a frame") })
  }

  /// The longest reasons of the largest batch still fit a frame, so stored events are never
  /// answered with an error for the length of the answer.
  @Test func aThousandLongReasonsFitAFrame() throws {
    let server = try EmbeddedServer()
    server.methods.holdsFeedback = true
    try server.send(try Frames.feedback((0..<1000).map(Frames.event), id: 1))
    let reason = String(repeating: "r", count: 3000)
    server.methods.held[0].completion(
      .success(Array(repeating: .rejected(reason: reason), count: 1000)))
    server.channel.embeddedEventLoop.run()
    #expect(try server.receive().map(\.status) == [.ok])
  }
}
