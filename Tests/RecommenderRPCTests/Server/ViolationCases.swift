internal import NIOCore
internal import NIOEmbedded
internal import Testing

@testable internal import RecommenderRPC

/// What is tried for each row of the violation table, and what the server did.
enum ViolationCases {
  typealias Reaction = ViolationTableTests.Reaction
  typealias Case = @Sendable () throws -> [Reaction]

  static let all: [String: Case] = connection.merging(framing) { one, _ in one }
    .merging(streams) { one, _ in one }.merging(requests) { one, _ in one }

  /// Sends bytes and says what came of them; a connection that lives on must answer.
  static func react(
    to bytes: [UInt8], limits: RPCLimits = RPCLimits(), tokens: TokenTable? = nil,
    greet: Bool = true, before: (EmbeddedServer) throws -> Void = { _ in },
    after: (EmbeddedServer) throws -> Void = { _ in }
  ) throws -> Reaction {
    let server = try EmbeddedServer(limits: limits, greet: greet, tokens: tokens)
    try before(server)
    _ = try server.receive()
    try server.send(bytes)
    try after(server)
    var sent = try server.receiveBytes().bytes
    if !greet, sent.starts(with: ProtocolVersion1.preface) { sent.removeFirst(8) }
    let frames = Frames.split(sent).filter { $0.header.type != FrameType.ping.rawValue }
    #expect(frames.count <= 1, "\(frames)")
    guard let frame = frames.first else { return .ignores }
    if frame.header.type == FrameType.goAway.rawValue {
      try server.send(try Frames.recommend("u", id: 99_999))
      #expect(try server.receive().isEmpty, "the connection lives on")
      return .ends(frame.status.name)
    }
    server.methods.failure = nil
    if server.handler.farewell == .none {
      try server.send(try Frames.recommend("u", id: 99_999))
      #expect(try server.receive().map(\.header.requestID) == [99_999])
    }
    return .answers(frame.status.name)
  }

  private static func holdFeedback(id: UInt32) -> (EmbeddedServer) throws -> Void {
    { server in
      server.methods.holdsFeedback = true
      try server.send(try Frames.feedback([Frames.event(1)], id: id))
    }
  }

  private static func openStream(id: UInt32) -> (EmbeddedServer) throws -> Void {
    { try $0.send(try Frames.recommendMany((0..<100).map { "user-\($0)" }, id: id)) }
  }

  private static let connection: [String: Case] = [
    "the preface is not complete within 10 s": {
      let bytes = Array(ProtocolVersion1.preface.prefix(7))
      return [try react(to: bytes, greet: false, after: { $0.pass(seconds: 11) })]
    },
    "wrong magic (noticed at the first wrong byte)": {
      try [Array("GET / HTTP/1.1".utf8), Array("TELLEX".utf8), [0]].map {
        try react(to: $0, greet: false)
      }
    },
    "TLS on a plain port (noticed at the first byte)": {
      try [[0x16, 3, 1], [0x16], [0x15]].map { try react(to: $0, greet: false) }
    },
    "no good token within 10 s, where tokens are asked for": {
      [try react(to: [], tokens: AccessTests.table(), after: { $0.pass(seconds: 10) })]
    },
    "a frame of more than 4096 bytes before a good token, where tokens are asked for": {
      let header = FrameHeader(.request, payloadLength: 4097, method: 1, requestID: 1)
      return [
        try react(
          to: Array(Frames.make(header, [UInt8](repeating: 0, count: 4097)).prefix(16)),
          tokens: AccessTests.table())
      ]
    },
    "a call before a good token, where tokens are asked for": {
      try [1, 4, 99].map {
        try react(to: Frames.request($0, id: 1), tokens: AccessTests.table())
      }
    },
    "a call that needs another role": {
      try [3, 7, 99].map {
        try react(
          to: Frames.credentials(Array("read-token".utf8)) + Frames.request($0, id: 1),
          tokens: AccessTests.table())
      }
    },
    "unsupported version": {
      try [[2, 0], [0, 0], [1, 1]].map {
        try react(to: ProtocolVersion1.magic + $0, greet: false)
      }
    },
    "CREDENTIALS without 1 to 1024 bytes": {
      try [0, 1025].map {
        try react(to: Frames.credentials([UInt8](repeating: 0x61, count: $0)))
      }
    },
    "CREDENTIALS with a bad token": {
      [try react(to: Frames.credentials(Array("no".utf8)), tokens: AccessTests.table())]
    },
    "requests in flight, and a PING not answered within 20 s": {
      [try react(to: [], before: holdFeedback(id: 1), after: { $0.pass(seconds: 51) })]
    },
    "closed in the middle of a frame": {
      let bytes = Array(try Frames.recommend("u", id: 1).dropLast())
      return [
        try react(to: bytes, after: { $0.channel.pipeline.fireChannelInactive() })
      ]
    },
    "bytes after GO_AWAY with a status": {
      let bad = Frames.request(1, id: 0)
      let more = try Frames.recommend("u", id: 1)
      return [try react(to: more, before: { try $0.send(bad) })]
    },
    "a request after the client has seen GO_AWAY": {
      [
        try react(
          to: try Frames.recommend("u", id: 2),
          before: { server in
            try holdFeedback(id: 1)(server)
            server.handler.goAway(reason: "stopping")
            server.channel.embeddedEventLoop.run()
            try server.send(
              Frames.make(FrameHeader(.pong, payloadLength: 8), Array(repeating: 0, count: 8)))
          })
      ]
    },
  ]

  private static let framing: [String: Case] = [
    "payload length over the limit (noticed before the payload comes)": {
      try [UInt32(1 << 20) + 1, .max].map { length in
        var header = FrameHeader(.request, payloadLength: 0, method: 1, requestID: 1)
        header.payloadLength = length
        return try react(to: GoldenFrames.headerBytes(header))
      }
    },
    "unknown frame type": {
      try [UInt8(0), 11, 255].map { type in
        var header = FrameHeader(.request, payloadLength: 0, method: 1, requestID: 1)
        header.type = type
        return try react(to: GoldenFrames.headerBytes(header))
      }
    },
    "unknown flag, or a flag on another type than REQUEST": {
      let requests = try [UInt8(0x04), 0x80].map {
        try react(to: Frames.request(1, id: 1, flags: $0))
      }
      let others = try [FrameType.cancel, .endOfStream, .credit, .goAway, .streamData].map {
        try react(to: Frames.make(FrameHeader($0, payloadLength: 0, flags: 0x01, requestID: 1)))
      }
      return requests + others
    },
    "a RESPONSE from a client": {
      [try react(to: Frames.make(FrameHeader(.response, payloadLength: 0, requestID: 1)))]
    },
    "PING or PONG without exactly 8 bytes; CANCEL, END_OF_STREAM or CREDIT with a payload": {
      let frames: [(FrameType, Int)] = [
        (.ping, 7), (.ping, 9), (.pong, 0), (.cancel, 1), (.endOfStream, 1), (.credit, 4),
      ]
      return try frames.map { type, count in
        try react(
          to: Frames.make(
            FrameHeader(type, payloadLength: count, requestID: 1),
            [UInt8](repeating: 0, count: count)))
      }
    },
    "a REQUEST with id 0": { [try react(to: Frames.request(1, id: 0))] },
    "request id used again while in flight": {
      [
        try react(to: try Frames.recommend("u", id: 7), before: holdFeedback(id: 7)),
        try react(to: try Frames.recommend("u", id: 7), before: openStream(id: 7)),
      ]
    },
  ]

  private static let streams: [String: Case] = [
    "STREAM_DATA, END_OF_STREAM or CREDIT for a unary request in flight; STREAM_DATA for a stream":
      {
        try [FrameType.streamData, .endOfStream, .credit].map { type in
          try react(
            to: Frames.make(FrameHeader(type, payloadLength: 0, requestID: 7)),
            before: holdFeedback(id: 7))
        } + [
          try react(
            to: Frames.make(FrameHeader(.streamData, payloadLength: 0, requestID: 7)),
            before: openStream(id: 7))
        ]
      },
    "CREDIT beyond 65,535 messages of a stream": {
      try [UInt32(65_535 - 63), .max].map {
        try react(to: Frames.credit($0, id: 7), before: openStream(id: 7))
      }
    },
    "STREAM_DATA, END_OF_STREAM, CREDIT or CANCEL for an id not in flight": {
      try [FrameType.streamData, .endOfStream, .credit, .cancel].map {
        try react(to: Frames.make(FrameHeader($0, payloadLength: 0, requestID: 7)))
      }
    },
    "flag STREAMED on a unary method, or missing on a streamed one": {
      [
        try react(to: Frames.request(1, id: 1, flags: 1)),
        try react(to: try Frames.recommendMany(["u"], id: 1, flags: 0)),
      ]
    },
    "more than 16 streams of one connection": {
      [
        try react(
          to: try Frames.recommendMany(["u"], id: 99),
          before: { server in for id in UInt32(1)...16 { try openStream(id: id)(server) } })
      ]
    },
    "more than 1024 requests of one connection in flight": {
      let before: (EmbeddedServer) throws -> Void = { server in
        server.methods.holdsFeedback = true
        try openStream(id: 2000)(server)
        for id in UInt32(1)...1023 {
          try server.send(try Frames.feedback([Frames.event(1)], id: id))
        }
        #expect(server.inFlight.requests == 1024)
      }
      return [
        try react(to: try Frames.feedback([Frames.event(1)], id: 3000), before: before),
        try react(to: try Frames.putItems([PutItem(itemID: "i")], id: 3000), before: before),
        try react(to: try Frames.recommendMany(["u"], id: 3000), before: before),
      ]
    },
  ]

  private static let requests: [String: Case] = [
    "unknown method": {
      try [UInt16(0), 6, 77, 0xFFFF].map { try react(to: Frames.request($0, id: 1)) }
    },
    "flag TRACED and fewer than 16 bytes of payload": {
      try [0, 15].map {
        try react(to: Frames.request(1, id: 1, flags: 2, [UInt8](repeating: 1, count: $0)))
      }
    },
    "payload does not decode, or a known field has another wire type": {
      try [[0x0A, 0x20, 0x61], [0x08, 0x01]].map { try react(to: Frames.request(1, id: 1, $0)) }
        + [try react(to: Frames.request(10, id: 1, flags: 1, [0x0A, 0x20, 0x61]))]
    },
    "text that is not UTF-8, or holds a NUL": {
      try [[0x0A, 2, 0xC3, 0x28], [0x0A, 2, 0x61, 0]].flatMap {
        [
          try react(to: Frames.request(1, id: 1, $0)),
          try react(to: Frames.request(10, id: 1, flags: 1, $0)),
        ]
      }
    },
    "a limit of messages is broken (`count` 0 or 501, 501 exclusions, an empty id …)": {
      [
        try react(to: try Frames.recommend("u", id: 1, count: 0)),
        try react(to: try Frames.recommend("u", id: 1, count: 501)),
        try react(
          to: try Frames.recommend("u", id: 1, excluding: Array(repeating: "i", count: 501))),
        try react(to: try Frames.recommend("", id: 1)),
        try react(to: try Frames.recommendMany([], id: 1)),
        try react(to: try Frames.recommendMany(Array(repeating: "u", count: 10_001), id: 1)),
      ]
    },
    "`first_item_index` past the catalogue": {
      [try react(to: Frames.request(5, id: 1, [0x08, 0xE9, 0x07]))]
    },
    "`exploration_weight` above 0, and the server does not explore": {
      // It is the service that refuses; this is how its word arrives.
      [
        try react(
          to: try Frames.recommend("u", id: 1, explorationWeight: 0.5),
          before: {
            $0.methods.failure = RPCError(code: .failedPrecondition, message: "no exploration")
          })
      ]
    },
    "`update` of UpdateModels neither 1 nor 2": {
      [
        try react(to: Frames.request(14, id: 1)),
        try react(to: Frames.request(14, id: 1, [0x08, 0x03])),
      ]
    },
    "the answer would be longer than a frame": {
      var limits = RPCLimits()
      limits.maxFrameBytes = 600
      return [try react(to: try Frames.recommend("u", id: 1, count: 500), limits: limits)]
    },
    "deadline passed": {
      [
        try react(
          to: try Frames.recommend("u", id: 1, deadline: 5),
          before: { server in
            let clock = server.clock
            server.methods.onRecommend = { clock.advance(.milliseconds(5)) }
          })
      ]
    },
  ]
}
