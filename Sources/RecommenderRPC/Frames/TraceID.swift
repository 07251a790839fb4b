/// The trace that calls of the current task belong to.
public enum RPCTrace {
  /// nil: the calls carry no trace id.
  @TaskLocal public static var current: TraceID?
}

/// Names the work that one request is part of, in every program it passes through: the trace id of
/// W3C Trace Context, 16 bytes.
public struct TraceID: Hashable, Sendable, CustomStringConvertible {
  /// The first eight bytes, the first byte highest.
  public var high: UInt64
  /// The last eight bytes.
  public var low: UInt64

  /// Makes an identifier of two halves.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Reads 32 hexadecimal digits, as they stand in a `traceparent`; nil for any other text.
  public init?(_ text: String) {
    guard text.utf8.count == 32, text.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let high = UInt64(text.prefix(16), radix: 16), let low = UInt64(text.suffix(16), radix: 16)
    else { return nil }
    self.init(high: high, low: low)
  }

  /// 32 lower-case hexadecimal digits.
  public var description: String {
    [high, low].map { half in
      let digits = String(half, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  /// Reads the first 16 bytes; there must be so many.
  init(reading bytes: UnsafeRawBufferPointer) {
    precondition(bytes.count >= ProtocolVersion1.traceIDByteCount)
    high = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
    low = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
  }
}
