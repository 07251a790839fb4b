public import TensorFiles

/// A two-way table between identifiers (UTF-8 text) and indexes counted from 0.
///
/// The text of all identifiers is one run of bytes; identifier `i` is
/// `bytes[offsets[i]..<offsets[i+1]]`. Looking up an identifier probes an open-addressing hash
/// table and allocates nothing; short identifiers stand in the table itself, so that finding one
/// touches memory once.
public struct IdentifierTable: Sendable {
  /// The text of all identifiers, one after another.
  public let bytes: Column<UInt8>
  /// Where each identifier starts, and at last where the final one ends. `[count + 1]`
  public let offsets: Column<UInt32>
  private let slots: Column<Slot>

  /// One place of the hash table.
  private struct Slot: BitwiseCopyable, Sendable {
    /// The identifier's bytes where there are at most eight, otherwise where they start.
    var text: UInt64 = 0
    /// The identifier's index; the largest number where the place is free.
    var index = UInt32.max
    /// The number of its bytes, and above them 16 bits of its hash.
    var tag: UInt32 = 0
  }

  /// The longest identifier accepted anywhere, in bytes of UTF-8.
  public static let identifierByteLimit = 256

  /// Makes a table from its stored form and builds the hash index.
  public init(bytes: Column<UInt8>, offsets: Column<UInt32>) {
    precondition(!offsets.isEmpty, "offsets hold one element more than there are identifiers")
    self.bytes = bytes
    self.offsets = offsets
    let count = offsets.count - 1
    // At most half full, so that a miss ends after about two probes.
    var capacity = 16
    while capacity < count * 2 { capacity *= 2 }
    slots = Column(count: capacity) { slots in
      slots.update(repeating: Slot())
      for index in 0..<count {
        let start = Int(offsets[index])
        let text = UnsafeRawBufferPointer(
          rebasing: bytes.bytes[start..<Int(offsets[index + 1])])
        let hash = Self.hash(text)
        var place = Int(truncatingIfNeeded: hash) & (capacity - 1)
        while slots[place].index != UInt32.max { place = (place + 1) & (capacity - 1) }
        slots[place] = Slot(
          text: text.count <= 8 ? Self.word(text, from: 0) : UInt64(start),
          index: UInt32(index), tag: Self.tag(hash, text))
      }
    }
  }

  /// Makes a table from identifiers in index order, which must differ from one another.
  public init(_ identifiers: [String]) {
    var bytes: [UInt8] = []
    var offsets: [UInt32] = [0]
    offsets.reserveCapacity(identifiers.count + 1)
    for identifier in identifiers {
      bytes.append(contentsOf: identifier.utf8)
      offsets.append(UInt32(bytes.count))
    }
    self.init(bytes: Column(bytes), offsets: Column(offsets))
  }

  /// The number of identifiers.
  public var count: Int { offsets.count - 1 }

  /// The UTF-8 bytes of an identifier, valid as long as the table.
  public func utf8(at index: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes.bytes[Int(offsets[index])..<Int(offsets[index + 1])])
  }

  /// An identifier as a string.
  public subscript(index: Int) -> String { String(decoding: utf8(at: index), as: UTF8.self) }

  /// The index of an identifier given as UTF-8 bytes; nil when it is unknown.
  public func index(of identifier: UnsafeRawBufferPointer) -> Int? {
    let mask = slots.count - 1
    let hash = Self.hash(identifier)
    let tag = Self.tag(hash, identifier)
    let isShort = identifier.count <= 8
    let word = isShort ? Self.word(identifier, from: 0) : 0
    var place = Int(truncatingIfNeeded: hash) & mask
    while true {
      let slot = slots[place]
      if slot.index == UInt32.max { return nil }
      if slot.tag == tag
        && (isShort ? slot.text == word : utf8(at: Int(slot.index)).elementsEqual(identifier))
      {
        return Int(slot.index)
      }
      place = (place + 1) & mask
    }
  }

  /// The index of an identifier; nil when it is unknown.
  public func index(of identifier: String) -> Int? {
    var identifier = identifier
    return identifier.withUTF8 { index(of: UnsafeRawBufferPointer($0)) }
  }

  /// All identifiers in index order.
  public var all: [String] { (0..<count).map { self[$0] } }

  /// Multiplications over words of eight bytes with a final mix: identifiers are short, so little
  /// else counts.
  private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(bytes.count)
    var index = 0
    while index < bytes.count {
      hash = (hash ^ word(bytes, from: index)) &* 0x9e37_79b9_7f4a_7c15
      hash ^= hash >> 32
      index += 8
    }
    hash = hash &* 0xd6e8_feb8_6659_fd93
    return hash ^ (hash >> 32)
  }

  /// The length of an identifier and the upper bits of its hash; the lower ones chose the place.
  private static func tag(_ hash: UInt64, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
    UInt32(bytes.count & 0xFFFF) | UInt32(truncatingIfNeeded: hash >> 48) << 16
  }

  /// The up to eight bytes from an index on, zeros behind the end.
  @inline(__always)
  private static func word(_ bytes: UnsafeRawBufferPointer, from index: Int) -> UInt64 {
    let count = bytes.count - index
    func load<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type, _ at: Int) -> UInt64 {
      UInt64(Value(littleEndian: bytes.loadUnaligned(fromByteOffset: index + at, as: type)))
    }
    if count >= 8 { return load(UInt64.self, 0) }
    // Two loads that overlap say the same of what both cover.
    if count >= 4 {
      return load(UInt32.self, 0) | load(UInt32.self, count - 4) << UInt64(8 * (count - 4))
    }
    if count >= 2 {
      return load(UInt16.self, 0) | load(UInt16.self, count - 2) << UInt64(8 * (count - 2))
    }
    return count == 1 ? load(UInt8.self, 0) : 0
  }
}
