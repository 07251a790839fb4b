internal import NIOCore

/// What a frame is for. The numbers are those of the wire.
enum FrameType: UInt8, CaseIterable {
  /// Client to server: a call begins; the payload is its message.
  case request = 1
  /// Server to client: a call ends; the payload is the answer, or text when the status is not OK.
  case response = 2
  /// Either way: one more message of a streamed call.
  case streamData = 3
  /// Client to server: the client has sent its last message of a streamed call.
  case endOfStream = 4
  /// Client to server: the answer is no longer wanted.
  case cancel = 5
  /// Either way: answer with `pong` and the same eight bytes.
  case ping = 6
  /// Either way: answers `ping`.
  case pong = 7
  /// Either way: the sender will close the connection; the payload is text for people.
  case goAway = 8
  /// Client to server: a bearer token; the request id is 0.
  case credentials = 9
  /// Client to server: `word` more messages of a stream may come.
  case credit = 10
}

/// Bits of a frame's flags. Only `request` has any; on other types each is a violation.
enum FrameFlags {
  /// On `request`: the call is streamed.
  static let streamed: UInt8 = 0x01
  /// On `request`: the payload begins with a trace id.
  static let traced: UInt8 = 0x02
  /// Bits with a meaning; any other is a violation.
  static let known: UInt8 = streamed | traced
}

/// The sixteen bytes before every payload, little-endian:
///
/// | offset | size | field |
/// |---|---|---|
/// | 0 | 4 | payload length in bytes |
/// | 4 | 1 | frame type |
/// | 5 | 1 | flags |
/// | 6 | 2 | method number |
/// | 8 | 4 | request id |
/// | 12 | 4 | deadline in ms (`request`), status (`response`, `goAway`), messages (`credit`), else 0 |
struct FrameHeader: Equatable {
  /// Bytes of a header on the wire.
  static let byteCount = 16

  var payloadLength: UInt32
  /// Raw, for a type that is not known must be reported.
  var type: UInt8
  var flags: UInt8 = 0
  var method: UInt16 = 0
  var requestID: UInt32 = 0
  /// Deadline in milliseconds, status code, or number of messages.
  var word: UInt32 = 0

  init(
    _ type: FrameType, payloadLength: Int, flags: UInt8 = 0, method: UInt16 = 0,
    requestID: UInt32 = 0, word: UInt32 = 0
  ) {
    self.payloadLength = UInt32(payloadLength)
    self.type = type.rawValue
    self.flags = flags
    self.method = method
    self.requestID = requestID
    self.word = word
  }

  /// Reads a header; `bytes` must hold at least `byteCount`.
  init(reading bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count >= Self.byteCount, "a header needs 16 bytes, not \(bytes.count)")
    let low = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    let high = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    payloadLength = UInt32(truncatingIfNeeded: low)
    type = UInt8(truncatingIfNeeded: low >> 32)
    flags = UInt8(truncatingIfNeeded: low >> 40)
    method = UInt16(truncatingIfNeeded: low >> 48)
    requestID = UInt32(truncatingIfNeeded: high)
    word = UInt32(truncatingIfNeeded: high >> 32)
  }

  /// Writes the header; `bytes` must hold at least `byteCount`.
  func write(to bytes: UnsafeMutableRawBufferPointer) {
    let low =
      UInt64(payloadLength) | UInt64(type) << 32 | UInt64(flags) << 40 | UInt64(method) << 48
    let high = UInt64(requestID) | UInt64(word) << 32
    bytes.storeBytes(of: low.littleEndian, as: UInt64.self)
    bytes.storeBytes(of: high.littleEndian, toByteOffset: 8, as: UInt64.self)
  }

  /// Length of the whole frame in bytes.
  var frameByteCount: Int { Self.byteCount + Int(payloadLength) }

  /// The status this header carries; numbers beyond the known ones are `unknown`.
  var status: StatusCode { StatusCode(rawValue: UInt8(clamping: word)) ?? .unknown }
}

extension ByteBuffer {
  /// Appends one frame whose payload is given as bytes.
  mutating func writeFrame(_ header: FrameHeader, payload: UnsafeRawBufferPointer) {
    precondition(Int(header.payloadLength) == payload.count)
    writeWithUnsafeMutableBytes(minimumWritableBytes: header.frameByteCount) { target in
      header.write(to: target)
      UnsafeMutableRawBufferPointer(rebasing: target[FrameHeader.byteCount...])
        .copyMemory(from: payload)
      return header.frameByteCount
    }
  }

  /// Puts a trace id between the header and the message of the request that begins at `start` and
  /// ends the buffer.
  mutating func putTrace(_ trace: TraceID, intoFrameAt start: Int) {
    let count = ProtocolVersion1.traceIDByteCount
    let length = writerIndex - start
    let offset = start - readerIndex
    var header = withUnsafeReadableBytes {
      FrameHeader(reading: UnsafeRawBufferPointer(rebasing: $0[offset...]))
    }
    header.payloadLength += UInt32(count)
    header.flags |= FrameFlags.traced
    writeRepeatingByte(0, count: count)
    withUnsafeMutableReadableBytes { bytes in
      let frame = UnsafeMutableRawBufferPointer(rebasing: bytes[offset...])
      let message = frame[FrameHeader.byteCount..<length]
      UnsafeMutableRawBufferPointer(rebasing: frame[(FrameHeader.byteCount + count)...])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: message))
      header.write(to: frame)
      frame.storeBytes(of: trace.high.bigEndian, toByteOffset: 16, as: UInt64.self)
      frame.storeBytes(of: trace.low.bigEndian, toByteOffset: 24, as: UInt64.self)
    }
  }

  /// Appends what a client says first: the preface, and who it is.
  mutating func writeGreeting(token: String?) {
    writeBytes(ProtocolVersion1.preface)
    guard var token else { return }
    token.withUTF8 { bytes in
      writeFrame(
        FrameHeader(.credentials, payloadLength: bytes.count),
        payload: UnsafeRawBufferPointer(bytes))
    }
  }

  /// Appends one frame without a payload.
  mutating func writeFrame(_ header: FrameHeader) {
    writeFrame(header, payload: UnsafeRawBufferPointer(start: nil, count: 0))
  }

  /// Appends one frame whose payload is text, cut to `ProtocolVersion1.maxStatusTextBytes`.
  mutating func writeTextFrame(
    _ type: FrameType, method: UInt16 = 0, requestID: UInt32 = 0, status: StatusCode, text: String
  ) {
    var text = ProtocolVersion1.cut(text)
    text.withUTF8 { bytes in
      let header = FrameHeader(
        type, payloadLength: bytes.count, method: method, requestID: requestID,
        word: UInt32(status.rawValue))
      writeFrame(header, payload: UnsafeRawBufferPointer(bytes))
    }
  }
}
