internal import Foundation
internal import InteractionData

/// The codes of one text attribute, as one worker meets its values.
///
/// Nearly every value is one byte, or at most eight: those take a table look-up or a word compare.
/// The memory is the worker's to free: the row loop must not count references.
struct CategoryDictionary {
  private struct Entry {
    /// The text itself when it has at most eight bytes, else a mix of its ends.
    var key: UInt64
    var text: UnsafeMutablePointer<UInt8>?
    var count: Int32
    var code: UInt16
  }

  private let isNumberCode: Bool
  private let limit: Int
  private let single: UnsafeMutablePointer<UInt16>
  private var entries: UnsafeMutablePointer<Entry>
  private var mask: Int
  private var used = 0
  /// The text of each code.
  private(set) var texts: [[UInt8]] = []
  /// Whether there were more different values than codes; the later ones count as missing.
  private(set) var isFull = false

  init(isNumberCode: Bool, limit: Int) {
    self.isNumberCode = isNumberCode
    self.limit = limit
    single = .allocate(capacity: 256)
    single.initialize(repeating: AttributeColumn.missingCode, count: 256)
    mask = 511
    entries = Self.emptyEntries(mask + 1)
  }

  /// Frees the memory; the dictionary is not used again.
  func deallocate() {
    single.deallocate()
    for slot in 0...mask { entries[slot].text?.deallocate() }
    entries.deallocate()
  }

  private static func emptyEntries(_ count: Int) -> UnsafeMutablePointer<Entry> {
    let entries = UnsafeMutablePointer<Entry>.allocate(capacity: count)
    entries.initialize(repeating: Entry(key: 0, text: nil, count: 0, code: 0), count: count)
    return entries
  }

  /// The code of a field, spaces around it not counting.
  @inline(__always)
  mutating func code(_ start: FieldText.Pointer, _ end: FieldText.Pointer) -> UInt16 {
    var start = start
    var end = end
    FieldText.trim(&start, &end)
    let count = end - start
    if count == 0 { return AttributeColumn.missingCode }
    if count == 1 {
      let code = single[Int(start.pointee)]
      if code != AttributeColumn.missingCode { return code }
    }
    return longerCode(start, end)
  }

  @inline(never)
  private mutating func longerCode(
    _ start: FieldText.Pointer, _ end: FieldText.Pointer
  ) -> UInt16 {
    var end = end
    if FieldText.isMissing(start, end) { return AttributeColumn.missingCode }
    if isNumberCode && end - start > 2 && end[-1] == 0x30 && end[-2] == 0x2E { end -= 2 }
    let count = end - start
    if count == 1 {
      let index = Int(start.pointee)
      if single[index] == AttributeColumn.missingCode {
        single[index] = add(start, count) ?? AttributeColumn.missingCode
      }
      return single[index]
    }
    let key = Self.key(start, count)
    var slot = Self.slot(key, mask)
    while entries[slot].count != 0 {
      if entries[slot].key == key && Int(entries[slot].count) == count,
        let text = entries[slot].text, count <= 8 || memcmp(text, start, count) == 0
      {
        return entries[slot].code
      }
      slot = (slot + 1) & mask
    }
    return insert(start, count, key, slot)
  }

  private mutating func insert(
    _ start: FieldText.Pointer, _ count: Int, _ key: UInt64, _ slot: Int
  ) -> UInt16 {
    guard let code = add(start, count) else { return AttributeColumn.missingCode }
    let text = UnsafeMutablePointer<UInt8>.allocate(capacity: count)
    text.initialize(from: start, count: count)
    entries[slot] = Entry(key: key, text: text, count: Int32(count), code: code)
    used += 1
    if used * 2 > mask { grow() }
    return code
  }

  private mutating func grow() {
    let old = entries
    let oldMask = mask
    mask = mask * 2 + 1
    entries = Self.emptyEntries(mask + 1)
    for index in 0...oldMask where old[index].count != 0 {
      var slot = Self.slot(old[index].key, mask)
      while entries[slot].count != 0 { slot = (slot + 1) & mask }
      entries[slot] = old[index]
    }
    old.deallocate()
  }

  @inline(__always)
  private static func key(_ start: FieldText.Pointer, _ count: Int) -> UInt64 {
    let first = UnsafeRawPointer(start).loadUnaligned(as: UInt64.self)
    if count <= 8 { return first & (UInt64.max >> UInt64(64 - count * 8)) }
    let last = UnsafeRawPointer(start + (count - 8)).loadUnaligned(as: UInt64.self)
    return (first &* 0x9e37_79b9_7f4a_7c15) ^ last
  }

  @inline(__always)
  private static func slot(_ key: UInt64, _ mask: Int) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> 40) & mask
  }

  private mutating func add(_ start: FieldText.Pointer, _ count: Int) -> UInt16? {
    guard texts.count < limit else {
      isFull = true
      return nil
    }
    texts.append(Array(UnsafeBufferPointer(start: start, count: count)))
    return UInt16(texts.count - 1)
  }
}
