/// Lays values one behind another, little-endian, to be read by ``StateReader`` in the same order.
struct StateWriter {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// A count of what follows.
  mutating func append(count: Int) { append(UInt32(count)) }

  mutating func append(_ value: Bool) { bytes.append(value ? 1 : 0) }

  /// To the bit, whatever the value.
  mutating func append(_ value: Double) { append(value.bitPattern) }

  mutating func append(_ values: [UInt8]) {
    append(count: values.count)
    bytes.append(contentsOf: values)
  }

  mutating func append(_ text: String) {
    append(count: text.utf8.count)
    bytes.append(contentsOf: text.utf8)
  }
}
