internal import NIOCore

/// Constants of version 1 of the protocol; `proto/PROTOCOL.md` is their documentation.
enum ProtocolVersion1 {
  /// First six bytes either side sends: `TELLER` in ASCII.
  static let magic: [UInt8] = [0x54, 0x45, 0x4C, 0x4C, 0x45, 0x52]
  /// The version, two little-endian bytes after the magic.
  static let version: UInt16 = 1
  /// Bytes of the preface.
  static let prefaceByteCount = 8
  /// Bytes of a ping's payload.
  static let pingByteCount = 8
  /// Longest bearer token in bytes; the shortest is 1.
  static let maxTokenBytes = 1024
  /// Bytes of a trace id before the message of a traced request.
  static let traceIDByteCount = 16
  /// Messages of a stream that a server may send before the client has granted any.
  static let initialStreamCredit = 64
  /// Most messages of a stream that may be granted and not yet sent.
  static let maxStreamCredit = 65_535
  /// Longest text in an answer with a status, or in a farewell.
  static let maxStatusTextBytes = 1024
  /// Longest reason of one rejected event; a thousand of them must fit one frame.
  static let maxReasonBytes = 256

  /// What both sides send first.
  static let preface: [UInt8] = magic + [UInt8(version & 0xFF), UInt8(version >> 8)]

  /// The longest beginning of the text that keeps the limit and ends at a whole scalar.
  static func cut(_ text: String, to limit: Int = maxStatusTextBytes) -> String {
    guard text.utf8.count > limit else { return text }
    var result = ""
    var bytes = 0
    for scalar in text.unicodeScalars {
      bytes += scalar.utf8.count
      if bytes > limit { break }
      result.unicodeScalars.append(scalar)
    }
    return result
  }

  /// Text of a frame; bytes that are no UTF-8 become replacement characters.
  static func text(_ payload: UnsafeRawBufferPointer) -> String {
    String(decoding: payload.prefix(maxStatusTextBytes), as: UTF8.self)
  }
}
