internal import NIOCore

/// Feedback frames whose events get identifiers of their own each time they are sent.
final class FeedbackTemplates: RequestTemplates {
  /// Frames to choose from.
  private static let frameCount = 256
  /// Hexadecimal digits of an event's identifier: run, request, place in the batch.
  private static let digitCount = (run: 8, serial: 14, place: 4)

  private let frames: [[UInt8]]
  /// Of each frame, where the identifiers of its events begin.
  private let identifierOffsets: [[Int]]
  private let run: UInt32

  init(_ plan: RPCFeedbackPlan) throws(RPCError) {
    guard !plan.userIDs.isEmpty, !plan.itemIDs.isEmpty else {
      throw RPCError(
        code: .invalidArgument, message: "a load of feedback needs a customer and a product")
    }
    let arena = MessageArena()
    var random = SplitMix64(seed: plan.seed)
    var frames: [[UInt8]] = []
    var offsets: [[Int]] = []
    for _ in 0..<Self.frameCount {
      let events = (0..<plan.batchCount).map { place in
        FeedbackEvent(
          eventID: Self.fillerID(place),
          userID: plan.userIDs[random.next(below: plan.userIDs.count)],
          itemID: plan.itemIDs[random.next(below: plan.itemIDs.count)],
          type: Self.type(random.next(below: 100), holdingPercent: plan.holdingPercent),
          channel: "bench")
      }
      var buffer = ByteBuffer()
      try FeedbackCodec.writeRequest(
        events,
        FrameHeader(.request, payloadLength: 0, method: MethodNumber.feedback.rawValue),
        arena: arena, maxFrameBytes: 1 << 20, into: &buffer)
      let bytes = Array(buffer.readableBytesView)
      frames.append(bytes)
      offsets.append(Self.offsets(of: events, in: bytes))
    }
    self.frames = frames
    identifierOffsets = offsets
    run = UInt32(truncatingIfNeeded: plan.run)
  }

  var count: Int { frames.count }

  func write(
    _ index: Int, requestID: UInt32, serial: UInt64, into output: inout ByteBuffer
  ) {
    let frame = frames[index]
    output.writeWithUnsafeMutableBytes(minimumWritableBytes: frame.count) { target in
      target.copyBytes(from: frame)
      target.storeBytes(of: requestID.littleEndian, toByteOffset: 8, as: UInt32.self)
      for (place, offset) in identifierOffsets[index].enumerated() {
        var end = offset
        for (value, digits) in [
          (UInt64(run), Self.digitCount.run), (serial, Self.digitCount.serial),
          (UInt64(place), Self.digitCount.place),
        ] {
          end += digits
          var rest = value
          for position in 1...digits {
            target[end - position] = Self.hexDigit(rest & 15)
            rest >>= 4
          }
        }
      }
      return frame.count
    }
  }

  /// Of those that change what a customer holds one in five is a drop; of the others most are
  /// showings.
  private static func type(_ percentile: Int, holdingPercent: Int) -> FeedbackEventType {
    if percentile < holdingPercent { return percentile % 5 == 4 ? .dropped : .accepted }
    return percentile % 5 < 3 ? .shown : percentile % 5 == 3 ? .clicked : .dismissed
  }

  /// An identifier of the length of the later ones, which nothing else in a frame looks like.
  private static func fillerID(_ place: Int) -> String {
    let digits = String(place, radix: 16)
    let length = digitCount.run + digitCount.serial + digitCount.place
    return String(repeating: "*", count: length - digits.count) + digits
  }

  private static func offsets(of events: [FeedbackEvent], in bytes: [UInt8]) -> [Int] {
    var start = 0
    return events.map { event in
      let identifier = Array(event.eventID.utf8)
      while !bytes[start..<start + identifier.count].elementsEqual(identifier) { start += 1 }
      return start
    }
  }

  private static func hexDigit(_ value: UInt64) -> UInt8 {
    UInt8(value) + (value < 10 ? 0x30 : 0x57)
  }
}
