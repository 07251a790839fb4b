/// Takes numbers from a fuzzer's bytes, one after another; behind the end they are 0.
public struct ByteCursor {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  /// Starts with the first byte.
  ///
  /// - Parameter bytes: valid as long as the cursor.
  public init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Whether all bytes were taken.
  public var isAtEnd: Bool { position >= bytes.count }

  /// Takes a number, little-endian.
  public mutating func next<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) -> Value {
    var value: UInt64 = 0
    for place in 0..<MemoryLayout<Value>.size where position < bytes.count {
      value |= UInt64(bytes[position]) << UInt64(8 * place)
      position += 1
    }
    return Value(truncatingIfNeeded: value)
  }

  /// Takes a number below a limit, which is 1 to 65,536.
  public mutating func index(below limit: Int) -> Int {
    limit <= 256 ? Int(next(UInt8.self)) % limit : Int(next(UInt16.self)) % limit
  }

  /// Takes some bytes, or what is left.
  public mutating func take(_ count: Int) -> UnsafeRawBufferPointer {
    let start = min(position, bytes.count)
    position = min(start + count, bytes.count)
    return UnsafeRawBufferPointer(rebasing: bytes[start..<position])
  }

  /// Takes what is left.
  public mutating func rest() -> UnsafeRawBufferPointer { take(bytes.count) }
}
