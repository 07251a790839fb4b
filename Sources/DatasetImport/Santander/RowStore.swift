/// One row of the panel as a worker keeps it.
struct PackedRow: BitwiseCopyable {
  static let lineBits: UInt64 = 23
  static let monthBits: UInt64 = 12
  static let customerShift = lineBits + 1 + monthBits
  /// Month 0 of a row is January 1800, so that 12 bits reach up to April 2141.
  static let firstMonthNumber = 1800 * 12
  static let monthLimit = 1 << 12

  /// The products held, bit `i` for product `i`.
  var held: UInt64
  /// From the top: customer (28 bits), month (12), line in the block (23), active (1).
  var word: UInt64

  init(held: UInt64, customer: Int, month: Int, line: Int, isActive: Bool) {
    self.held = held
    word =
      UInt64(customer) << Self.customerShift | UInt64(month) << (Self.lineBits + 1)
      | UInt64(line) << 1 | (isActive ? 1 : 0)
  }

  var customer: Int { Int(word >> Self.customerShift) }
  var month: Int { Int(word >> (Self.lineBits + 1)) & (Self.monthLimit - 1) }
  var line: Int { Int(word >> 1) & (1 << Int(Self.lineBits) - 1) }
  var isActive: Bool { word & 1 != 0 }
}

/// The rows one worker has read, in the order in which it read them.
final class RowStore: @unchecked Sendable {
  static let chunkShift = 16
  static let chunkSize = 1 << chunkShift
  private var chunks: [UnsafeMutablePointer<PackedRow>] = []
  private(set) var count = 0

  deinit { removeAll() }

  @inline(__always)
  func append(_ row: PackedRow) {
    if count & (Self.chunkSize - 1) == 0 { addChunk() }
    chunks[count >> Self.chunkShift][count & (Self.chunkSize - 1)] = row
    count += 1
  }

  @inline(__always)
  subscript(index: Int) -> PackedRow {
    chunks[index >> Self.chunkShift][index & (Self.chunkSize - 1)]
  }

  func removeAll() {
    for chunk in chunks { chunk.deallocate() }
    chunks = []
    count = 0
  }

  @inline(never)
  private func addChunk() { chunks.append(.allocate(capacity: Self.chunkSize)) }
}
