/// The bytes of one answer as blocks of versions 1 and 2 have them: read, and not written any more.
///
/// | offset | size | content |
/// |---|---|---|
/// | 0 | 4 | bytes in all, a multiple of 8 |
/// | 4 | 4 | number of the catalogue |
/// | 8 | 8 | number of the answer |
/// | 16 | 8 | time in milliseconds since 1970 |
/// | 24 | 4 | exploration weight |
/// | 28 | 4 | candidates |
/// | 32 | 2 | products |
/// | 34 | 2 | products left out by the caller |
/// | 36 | 2 | bytes of the customer's identifier |
/// | 38 | 2 | bytes of the rules, joined by line feeds |
/// | 40 | 1 | source |
/// | 41 | 1 | bit 0: explored; bit 1: with propensities; bit 2: the menu is known; bits 3 to 7: the arm's place and 1, 0 for none |
/// | 42 | 2 | choices of the menu |
/// | 44 | … | indexes, scores, propensities, indexes left out (4 each), the menu (16 each, as ``AnsweredChoice``), the identifier, the rules, zeros |
///
/// In version 1, bits 2 to 7 and the choices are 0.
enum FixedRecordLayout {
  static let headerByteCount = 44

  /// The fields of the answer at the start of the bytes; nil when it does not hold together.
  static func fields(_ bytes: UnsafeRawBufferPointer) -> RecordReader.Fields? {
    guard bytes.count >= headerByteCount else { return nil }
    func load<Value: FixedWidthInteger & BitwiseCopyable>(
      _ type: Value.Type, _ offset: Int
    ) -> Value {
      Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
    }
    var fields = RecordReader.Fields()
    fields.byteCount = Int(load(UInt32.self, 0))
    guard fields.byteCount <= bytes.count, fields.byteCount >= headerByteCount,
      fields.byteCount % 8 == 0
    else { return nil }
    fields.catalogue = load(UInt32.self, 4)
    fields.number = load(UInt64.self, 8)
    fields.timeMilliseconds = load(Int64.self, 16)
    fields.explorationWeight = Float(bitPattern: load(UInt32.self, 24))
    fields.candidateCount = Int(load(UInt32.self, 28))
    fields.count = Int(load(UInt16.self, 32))
    fields.excludedCount = Int(load(UInt16.self, 34))
    fields.userByteCount = Int(load(UInt16.self, 36))
    fields.ruleByteCount = Int(load(UInt16.self, 38))
    fields.source = bytes[40]
    fields.flags = bytes[41]
    fields.menuCount = Int(load(UInt16.self, 42))
    fields.start = headerByteCount
    guard (fields.end + 7) & ~7 == fields.byteCount else { return nil }
    return fields
  }
}
