internal import InteractionData

/// What one worker knows of one customer: of each attribute the newest known value and its month.
struct CustomerRecord: BitwiseCopyable {
  static let categoricalCapacity = 16
  static let numericCapacity = 4

  // The order of the first two is relied on where they are updated.
  var codes = SIMD16<UInt16>(repeating: AttributeColumn.missingCode)
  var codeMonths = SIMD16<UInt16>(repeating: 0)
  var numbers = SIMD4<Float>(repeating: .nan)
  var numberMonths = SIMD4<UInt16>(repeating: 0)
  var identifier: UInt64
  var rowCount: UInt32 = 0
}

/// The customers that one worker has met: an open-addressing table from identifier to record.
///
/// Records lie in chunks, which never move, so that growing copies nothing but the table of slots.
final class CustomerRecords: @unchecked Sendable {
  static let chunkShift = 15
  static let chunkSize = 1 << chunkShift
  /// A row stores its customer in 28 bits.
  static let limit = (1 << 28) - 1

  private var chunks: [UnsafeMutablePointer<CustomerRecord>] = []
  private var slots: UnsafeMutablePointer<UInt32>
  private var mask: Int
  private(set) var count = 0

  init() {
    mask = (1 << 16) - 1
    slots = .allocate(capacity: mask + 1)
    slots.initialize(repeating: .max, count: mask + 1)
  }

  deinit {
    slots.deallocate()
    for chunk in chunks { chunk.deallocate() }
  }

  /// The record at an index.
  @inline(__always)
  subscript(index: Int) -> UnsafeMutablePointer<CustomerRecord> {
    chunks[index >> Self.chunkShift] + (index & (Self.chunkSize - 1))
  }

  /// The index of a customer, new or known.
  @inline(__always)
  func index(of identifier: UInt64) -> Int {
    var slot = Self.hash(identifier) & mask
    while true {
      let candidate = slots[slot]
      if candidate == .max { break }
      if self[Int(candidate)].pointee.identifier == identifier { return Int(candidate) }
      slot = (slot + 1) & mask
    }
    return insert(identifier, slot: slot)
  }

  @inline(never)
  private func insert(_ identifier: UInt64, slot: Int) -> Int {
    let index = count
    if index & (Self.chunkSize - 1) == 0 {
      chunks.append(.allocate(capacity: Self.chunkSize))
    }
    self[index].initialize(to: CustomerRecord(identifier: identifier))
    slots[slot] = UInt32(index)
    count += 1
    if count * 2 > mask { grow() }
    return index
  }

  private func grow() {
    slots.deallocate()
    mask = mask * 2 + 1
    slots = .allocate(capacity: mask + 1)
    slots.initialize(repeating: .max, count: mask + 1)
    for index in 0..<count {
      var slot = Self.hash(self[index].pointee.identifier) & mask
      while slots[slot] != .max { slot = (slot + 1) & mask }
      slots[slot] = UInt32(index)
    }
  }

  /// Sixteen neighbouring numbers share a cache line of slots, since rows mostly come in the order
  /// of numbers; the lines are mixed.
  @inline(__always)
  private static func hash(_ identifier: UInt64) -> Int {
    let line = (identifier >> 4) &* 0x9e37_79b9_7f4a_7c15
    return Int(truncatingIfNeeded: line >> 32) << 4 | Int(identifier & 15)
  }
}
