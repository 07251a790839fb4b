public import TensorFiles

/// A two-way table between identifiers (UTF-8 text) and indexes counted from 0.
///
/// The text of all identifiers is one run of bytes; identifier `i` is
/// `bytes[offsets[i]..<offsets[i+1]]`. Looking up an identifier probes an open-addressing hash
/// table and allocates nothing.
public struct IdentifierTable: Sendable {
  /// The text of all identifiers, one after another.
  public let bytes: Column<UInt8>
  /// Where each identifier starts, and at last where the final one ends. `[count + 1]`
  public let offsets: Column<UInt32>
  private let slots: Column<UInt32>

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
      slots.update(repeating: UInt32.max)
      for index in 0..<count {
        let text = UnsafeRawBufferPointer(
          rebasing: bytes.bytes[Int(offsets[index])..<Int(offsets[index + 1])])
        var slot = Int(truncatingIfNeeded: Self.hash(text)) & (capacity - 1)
        while slots[slot] != UInt32.max { slot = (slot + 1) & (capacity - 1) }
        slots[slot] = UInt32(index)
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
    var slot = Int(truncatingIfNeeded: Self.hash(identifier)) & mask
    while true {
      let candidate = slots[slot]
      if candidate == UInt32.max { return nil }
      let text = utf8(at: Int(candidate))
      if text.count == identifier.count && text.elementsEqual(identifier) {
        return Int(candidate)
      }
      slot = (slot + 1) & mask
    }
  }

  /// The index of an identifier; nil when it is unknown.
  public func index(of identifier: String) -> Int? {
    var identifier = identifier
    return identifier.withUTF8 { index(of: UnsafeRawBufferPointer($0)) }
  }

  /// All identifiers in index order.
  public var all: [String] { (0..<count).map { self[$0] } }

  /// FNV-1a in eight-byte strides with a final mix: identifiers are short, so little else counts.
  private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ UInt64(bytes.count)
    var index = 0
    while index + 8 <= bytes.count {
      hash = (hash ^ bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
      hash = (hash &* 0x9e37_79b9_7f4a_7c15) ^ (hash >> 29)
      index += 8
    }
    while index < bytes.count {
      hash = (hash ^ UInt64(bytes[index])) &* 0x0000_0100_0000_01b3
      index += 1
    }
    hash ^= hash >> 32
    hash = hash &* 0xd6e8_feb8_6659_fd93
    return hash ^ (hash >> 32)
  }
}
