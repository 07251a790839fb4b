internal import NIOCore
internal import NIOEmbedded
internal import Testing

@testable internal import RecommenderRPC

/// Mutated golden frames. Invariants: no crash; every answer carries an identifier that some frame
/// header in the bytes held; after a farewell nothing more is sent.
@Suite struct FuzzTests {
  @Test(arguments: [UInt64(1), 2, 3, 4])
  func mutatedFramesNeverGetAWrongAnswer(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let frames = try GoldenFrames.good().merging(try GoldenFrames.bad()) { one, _ in one }
      .sorted { $0.key < $1.key }.map(\.value)
    for round in 0..<400 {
      let server = try EmbeddedServer()
      var stream: [UInt8] = []
      for _ in 0..<4 { stream += mutate(frames[random.next(below: frames.count)], &random) }
      let asked = identifiers(in: stream)
      var at = 0
      while at < stream.count {
        let end = min(stream.count, at + 1 + random.next(below: 64))
        try server.send(Array(stream[at..<end]))
        at = end
      }
      let answers = try server.receive()
      for (index, answer) in answers.enumerated() {
        let place = "seed \(seed) round \(round)"
        if answer.header.type == FrameType.goAway.rawValue {
          #expect(index == answers.count - 1, "\(place): sent after the farewell")
        } else if answer.header.type == FrameType.response.rawValue {
          #expect(asked.contains(answer.header.requestID), "\(place): wrong identifier")
        }
      }
    }
  }

  private func mutate(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<random.next(below: 4) where !bytes.isEmpty {
      let at = random.next(below: bytes.count)
      switch random.next(below: 4) {
      case 0: bytes[at] = UInt8(truncatingIfNeeded: random.next())
      case 1: bytes[at] ^= 1 << UInt8(random.next(below: 8))
      case 2: bytes.remove(at: at)
      default: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: at)
      }
    }
    return bytes
  }

  /// Request identifiers of the frames as a reader of the stream sees them.
  private func identifiers(in stream: [UInt8]) -> Set<UInt32> {
    Set(Frames.split(stream).map(\.header.requestID))
  }

  @Test(arguments: [UInt64(11), 12])
  func randomPayloadsDecodeOrAreRefused(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let server = try EmbeddedServer()
    for round in 0..<2000 {
      let payload = (0..<random.next(below: 60)).map { _ in
        UInt8(truncatingIfNeeded: random.next())
      }
      let methods = MethodNumber.allCases
      let method = methods[random.next(below: methods.count)]
      let flags = method.isStreamed ? FrameFlags.streamed : 0
      let id = UInt32(round + 1)
      try server.send(Frames.request(method.rawValue, id: id, flags: flags, payload))
      // Without a deadline to judge, a stream has one answer for each customer before its end.
      server.channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
      let answers = try server.receive()
      #expect(!answers.isEmpty && answers.allSatisfy { $0.header.requestID == id }, "seed \(seed)")
      #expect(answers.last?.header.type == FrameType.response.rawValue, "seed \(seed)")
    }
  }

  /// Whatever a server sends, the client's handler ends each call exactly once.
  @Test(arguments: [UInt64(21), 22, 23])
  func mutatedAnswersEndEachCallOnce(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let frames = try GoldenFrames.good().merging(try GoldenFrames.bad()) { one, _ in one }
      .sorted { $0.key < $1.key }.map(\.value)
    for round in 0..<200 {
      var completions = [Int](repeating: 0, count: 12)
      let handler = ClientConnectionHandler(limits: RPCLimits()) { _ in }
      let channel = EmbeddedChannel(handler: handler)
      try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
      try channel.writeInbound(ByteBuffer(bytes: ProtocolVersion1.preface))
      for number in 0..<12 {
        _ = handler.call(
          .health, timeout: nil,
          encode: { header, _, output throws(RPCError) in output.writeFrame(header) },
          receiver: number % 2 == 0 ? nil : { _, _ in }
        ) { _, _ in completions[number] += 1 }
      }
      for _ in 0..<6 {
        try channel.writeInbound(
          ByteBuffer(bytes: mutate(frames[random.next(below: frames.count)], &random)))
      }
      channel.pipeline.fireChannelInactive()
      #expect(completions == Array(repeating: 1, count: 12), "seed \(seed) round \(round)")
      _ = try? channel.finish(acceptAlreadyClosed: true)
    }
  }

  /// Every decoder of answers takes any bytes and refuses what is none.
  @Test(arguments: [UInt64(31), 32])
  func mutatedMessagesDecodeOrAreRefused(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let arena = MessageArena()
    let decoders: [(UnsafeRawBufferPointer) throws -> Void] = [
      { _ = try RankedItemsClientCodec.decodeRecommend($0, arena: arena) },
      { _ = try RankedItemsClientCodec.decodeSimilarItems($0, arena: arena) },
      { _ = try FeedbackCodec.decodeResponse($0, arena: arena) },
      { _ = try PutItemsCodec.decodeResponse($0, arena: arena) },
      { _ = try HealthCodec.decodeResponse($0, arena: arena) },
      { _ = try DescribeCodec.decodeResponse($0, arena: arena) },
      { _ = try RecommendManyCodec.decodeResponse($0, arena: arena) },
    ]
    let payloads = try GoldenFrames.good().sorted { $0.key < $1.key }.map {
      Array($0.value.dropFirst(FrameHeader.byteCount))
    }
    var (decoded, refused) = (0, 0)
    for _ in 0..<3000 {
      let payload = mutate(payloads[random.next(below: payloads.count)], &random)
      do {
        try payload.withUnsafeBytes { try decoders[random.next(below: decoders.count)]($0) }
        decoded += 1
      } catch is RPCError {
        refused += 1
      }
    }
    #expect(decoded > 0 && refused > 0, "seed \(seed)")
  }
}
