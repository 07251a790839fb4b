/// Tells the methods which customers a burst asks about, before its first request is answered.
///
/// What is known of a customer lies in tables larger than the processor's caches. Looked up one
/// request after another, each look waits for memory; looked up together, they wait together.
struct BurstOutlook {
  /// The most customers told of at once.
  static let customerLimit = 32

  private let userIDs: UnsafeMutableBufferPointer<UnsafeRawBufferPointer>

  /// Makes the memory for it; ``deallocate()`` gives it back.
  init() {
    userIDs = .allocate(capacity: Self.customerLimit)
    userIDs.initialize(repeating: UnsafeRawBufferPointer(start: nil, count: 0))
  }

  func deallocate() { userIDs.deallocate() }

  /// Looks at the frames ahead, none of which has been checked yet.
  ///
  /// - Parameters:
  ///   - bytes: what was received, from the start of a frame on.
  ///   - methods: who is told, where more than one Recommend request is in sight.
  /// - Returns: how far it looked, in bytes: behind that is the time to look again.
  func look(ahead bytes: UnsafeRawBufferPointer, for methods: any RecommenderMethods) -> Int {
    var (offset, count) = (0, 0)
    while count < Self.customerLimit, bytes.count - offset >= FrameHeader.byteCount {
      let frame = UnsafeRawBufferPointer(rebasing: bytes[offset...])
      let header = FrameHeader(reading: frame)
      guard header.frameByteCount <= frame.count else { break }
      offset += header.frameByteCount
      if header.type == FrameType.request.rawValue, header.flags == 0,
        header.method == MethodNumber.recommend.rawValue,
        let userID = Self.userID(
          UnsafeRawBufferPointer(rebasing: frame[FrameHeader.byteCount..<header.frameByteCount]))
      {
        userIDs[count] = userID
        count += 1
      }
    }
    if count > 1 { methods.anticipate(UnsafeBufferPointer(rebasing: userIDs[..<count])) }
    return offset
  }

  /// The customer of a request as encoders write it: the identifier first, its length in one byte.
  @inline(__always)
  private static func userID(_ message: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    guard message.count >= 2, message[0] == 0x0A, message[1] < 0x80 else { return nil }
    let end = 2 + Int(message[1])
    return end <= message.count ? UnsafeRawBufferPointer(rebasing: message[2..<end]) : nil
  }
}
