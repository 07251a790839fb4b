/// Reads what ``StateWriter`` has laid down; what is not as expected is an error, never a trap.
struct StateReader {
  /// The bytes end too early, or say what cannot be.
  struct Damaged: Error {}

  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  /// - Parameter bytes: valid as long as the reader.
  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  mutating func integer<Value: FixedWidthInteger>(
    _ type: Value.Type = Value.self
  ) throws(Damaged) -> Value {
    Value(
      littleEndian: try take(MemoryLayout<Value>.size).loadUnaligned(as: Value.self))
  }

  /// A count of things that take at least so many bytes each.
  mutating func count(ofAtLeast byteCount: Int = 1) throws(Damaged) -> Int {
    let count = Int(try integer(UInt32.self))
    guard count * byteCount <= bytes.count - position else { throw Damaged() }
    return count
  }

  /// An index below a limit.
  mutating func index(below limit: Int) throws(Damaged) -> Int {
    let index = Int(try integer(UInt32.self))
    guard index < limit else { throw Damaged() }
    return index
  }

  mutating func bool() throws(Damaged) -> Bool { try integer(UInt8.self) != 0 }

  mutating func double() throws(Damaged) -> Double { Double(bitPattern: try integer()) }

  mutating func array() throws(Damaged) -> [UInt8] {
    Array(try take(try count()))
  }

  mutating func text() throws(Damaged) -> String {
    String(decoding: try take(try count()), as: UTF8.self)
  }

  private mutating func take(_ count: Int) throws(Damaged) -> UnsafeRawBufferPointer {
    guard count <= bytes.count - position else { throw Damaged() }
    defer { position += count }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
  }
}
