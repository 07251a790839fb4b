/// One step of reading: what the next bytes mean, and how many of them were used up.
struct FrameStep<Event> {
  var event: Event
  /// 0 when more bytes are needed or the connection is over.
  var consumed: Int
}

/// What reading the next frame's envelope found, before the role decides what it means.
enum Envelope: Equatable {
  case needMoreBytes
  case frame(FrameHeader, FrameType)
  case violation(ConnectionViolation)

  /// Reads a header and checks what does not depend on the role. The length is refused as soon as
  /// the header is there, before memory is spent on the payload.
  static func read(_ bytes: UnsafeRawBufferPointer, maxFrameBytes: Int) -> Envelope {
    guard bytes.count >= FrameHeader.byteCount else { return .needMoreBytes }
    let header = FrameHeader(reading: bytes)
    let length = Int(header.payloadLength)
    if length > maxFrameBytes {
      return .violation(.frameTooLong(actual: length, limit: maxFrameBytes))
    }
    guard let type = FrameType(rawValue: header.type) else {
      return .violation(.unknownFrameType(header.type))
    }
    let meaningful = type == .request ? FrameFlags.known : 0
    if header.flags & ~meaningful != 0 { return .violation(.unknownFlags(header.flags)) }
    switch type {
    case .ping, .pong:
      if length != ProtocolVersion1.pingByteCount {
        return .violation(
          .wrongPayloadLength(type, actual: length, expected: ProtocolVersion1.pingByteCount))
      }
    case .cancel, .endOfStream, .credit:
      if length != 0 {
        return .violation(.wrongPayloadLength(type, actual: length, expected: 0))
      }
    case .credentials:
      if !(1...ProtocolVersion1.maxTokenBytes).contains(length) {
        return .violation(.tokenLength(actual: length))
      }
    case .request, .response, .streamData, .goAway: break
    }
    return bytes.count >= header.frameByteCount ? .frame(header, type) : .needMoreBytes
  }
}

/// What the first bytes of a connection say.
enum PrefaceReading: Equatable {
  case needMoreBytes
  case accepted
  case violation(ConnectionViolation)

  /// Wrong magic is refused at the first wrong byte, so that a stray HTTP client is told at once.
  static func read(_ bytes: UnsafeRawBufferPointer) -> PrefaceReading {
    let magic = ProtocolVersion1.magic
    // A TLS client's first record, or the alert of a TLS server.
    if let first = bytes.first, first == 0x16 || first == 0x15 { return .violation(.tlsInstead) }
    for index in 0..<min(bytes.count, magic.count) where bytes[index] != magic[index] {
      return .violation(.wrongMagic)
    }
    guard bytes.count >= ProtocolVersion1.prefaceByteCount else { return .needMoreBytes }
    let version = UInt16(bytes[6]) | UInt16(bytes[7]) << 8
    return version == ProtocolVersion1.version
      ? .accepted : .violation(.unsupportedVersion(version))
  }
}
