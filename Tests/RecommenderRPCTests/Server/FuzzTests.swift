internal import NIOCore
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
      let method = UInt16(1 + random.next(below: 5))
      try server.send(Frames.request(method, id: UInt32(round + 1), payload))
      let answers = try server.receive()
      #expect(answers.map(\.header.requestID) == [UInt32(round + 1)], "seed \(seed)")
    }
  }
}
