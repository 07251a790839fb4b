internal import Foundation

/// Gives each different run of bytes a number, counted from 0 in the order of arrival.
struct TextInterner {
  private(set) var bytes: [UInt8] = []
  private(set) var offsets: [Int] = [0]
  private var slots: [UInt32]
  private var mask: Int

  init() {
    slots = [UInt32](repeating: .max, count: 64)
    mask = 63
  }

  var count: Int { offsets.count - 1 }

  /// The text of a number.
  subscript(index: Int) -> ArraySlice<UInt8> { bytes[offsets[index]..<offsets[index + 1]] }

  /// The number of a text, new or known.
  mutating func index(of text: UnsafeBufferPointer<UInt8>) -> Int {
    var slot = Self.hash(text) & mask
    while slots[slot] != .max {
      let candidate = Int(slots[slot])
      if isEqual(candidate, text) { return candidate }
      slot = (slot + 1) & mask
    }
    let index = count
    slots[slot] = UInt32(index)
    bytes.append(contentsOf: text)
    offsets.append(bytes.count)
    if index * 2 >= mask { grow() }
    return index
  }

  /// The numbers in the order of their texts: by value when every text is a whole number in its
  /// shortest form, else by bytes.
  func sortedIndexes() -> [Int] {
    let naturals = (0..<count).map { canonicalNatural(self[$0]) }
    if naturals.allSatisfy({ $0 != nil }) {
      return (0..<count).sorted { (naturals[$0] ?? 0) < (naturals[$1] ?? 0) }
    }
    return (0..<count).sorted { self[$0].lexicographicallyPrecedes(self[$1]) }
  }

  private func canonicalNatural(_ text: ArraySlice<UInt8>) -> UInt64? {
    guard let first = text.first, text.count <= 18, first != 0x30 || text.count == 1 else {
      return nil
    }
    var value: UInt64 = 0
    for byte in text {
      guard (0x30...0x39).contains(byte) else { return nil }
      value = value * 10 + UInt64(byte - 0x30)
    }
    return value
  }

  private func isEqual(_ candidate: Int, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
    let start = offsets[candidate]
    guard offsets[candidate + 1] - start == text.count else { return false }
    return bytes.withUnsafeBufferPointer { bytes in
      guard let stored = bytes.baseAddress, let given = text.baseAddress else { return true }
      return memcmp(stored + start, given, text.count) == 0
    }
  }

  private mutating func grow() {
    mask = mask * 2 + 1
    slots = [UInt32](repeating: .max, count: mask + 1)
    for index in 0..<count {
      var slot = bytes.withUnsafeBufferPointer { bytes in
        Self.hash(UnsafeBufferPointer(rebasing: bytes[offsets[index]..<offsets[index + 1]]))
      }
      slot &= mask
      while slots[slot] != .max { slot = (slot + 1) & mask }
      slots[slot] = UInt32(index)
    }
  }

  private static func hash(_ text: UnsafeBufferPointer<UInt8>) -> Int {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    hash ^= hash >> 32
    return Int(truncatingIfNeeded: hash &* 0x9e37_79b9_7f4a_7c15 >> 20)
  }
}
