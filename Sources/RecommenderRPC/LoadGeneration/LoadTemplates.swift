internal import NIOCore

/// Request frames made in advance, one for each customer, with request id 0 to be overwritten.
final class LoadTemplates: RequestTemplates {
  private let frames: ByteBuffer
  private let offsets: [Int]

  init(_ plan: RPCLoadPlan) throws(RPCError) {
    guard !plan.userIDs.isEmpty else {
      throw RPCError(code: .invalidArgument, message: "a load needs at least one customer")
    }
    let arena = MessageArena()
    var frames = ByteBuffer()
    var offsets = [0]
    offsets.reserveCapacity(plan.userIDs.count + 1)
    for user in plan.userIDs {
      try RankedItemsClientCodec.writeRecommend(
        user: user, count: plan.count, excluding: [], itemIndexesOnly: plan.itemIndexesOnly,
        softmaxScores: false,
        FrameHeader(.request, payloadLength: 0, method: MethodNumber.recommend.rawValue),
        arena: arena, maxFrameBytes: 1 << 16, into: &frames)
      offsets.append(frames.writerIndex)
    }
    self.frames = frames
    self.offsets = offsets
  }

  var count: Int { offsets.count - 1 }

  func write(
    _ index: Int, requestID: UInt32, serial: UInt64, into output: inout ByteBuffer
  ) {
    let start = offsets[index]
    let length = offsets[index + 1] - start
    frames.withUnsafeReadableBytes { bytes in
      let frame = UnsafeRawBufferPointer(rebasing: bytes[start..<(start + length)])
      output.writeWithUnsafeMutableBytes(minimumWritableBytes: length) { target in
        target.copyMemory(from: frame)
        target.storeBytes(of: requestID.littleEndian, toByteOffset: 8, as: UInt32.self)
        return length
      }
    }
  }
}

/// SplitMix64 (Steele, Lea, Flood 2014, doi:10.1145/2660193.2660195): small, fast, and good enough
/// to draw customers.
struct SplitMix64 {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number from 0 up to `bound`, by the high half of a product; the bias is under `bound` / 2^64.
  mutating func next(below bound: Int) -> Int {
    Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
  }
}
