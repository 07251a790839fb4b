internal import Foundation
internal import InteractionData

/// The codes of one text attribute, as one worker meets its values.
///
/// Nearly every value is one byte, or at most eight: those take a table look-up or a word compare.
final class CategoryDictionary {
  private let isNumberCode: Bool
  private let single: UnsafeMutablePointer<UInt16>
  private var words: [UInt64]
  private var wordCodes: [UInt16]
  private var wordCount = 0
  private var long = TextInterner()
  private var longCodes: [UInt16] = []
  private var lastLong: [UInt8] = []
  private var lastLongCode = AttributeColumn.missingCode
  /// The text of each code.
  private(set) var texts: [[UInt8]] = []
  /// Whether there were more different values than codes; the later ones count as missing.
  private(set) var isFull = false
  private let limit: Int

  init(isNumberCode: Bool, limit: Int) {
    self.isNumberCode = isNumberCode
    self.limit = limit
    single = .allocate(capacity: 256)
    single.initialize(repeating: AttributeColumn.missingCode, count: 256)
    words = [UInt64](repeating: 0, count: 256)
    wordCodes = [UInt16](repeating: AttributeColumn.missingCode, count: 256)
  }

  deinit { single.deallocate() }

  /// The code of a field, spaces around it not counting.
  @inline(__always)
  func code(_ start: FieldText.Pointer, _ end: FieldText.Pointer) -> UInt16 {
    var start = start
    var end = end
    FieldText.trim(&start, &end)
    if end - start == 1 {
      let code = single[Int(start.pointee)]
      if code != AttributeColumn.missingCode { return code }
    }
    return longerCode(start, end)
  }

  @inline(never)
  private func longerCode(_ start: FieldText.Pointer, _ end: FieldText.Pointer) -> UInt16 {
    var end = end
    if FieldText.isMissing(start, end) { return AttributeColumn.missingCode }
    if isNumberCode && end - start > 2 && end[-1] == 0x30 && end[-2] == 0x2E { end -= 2 }
    let count = end - start
    if count == 1 {
      let index = Int(start.pointee)
      if single[index] == AttributeColumn.missingCode { single[index] = add(start, count) }
      return single[index]
    }
    return count <= 8 ? wordCode(start, count) : longCode(start, count)
  }

  private func wordCode(_ start: FieldText.Pointer, _ count: Int) -> UInt16 {
    // Bytes of text are not zero, so that the word tells its length too.
    let loaded = UnsafeRawPointer(start).loadUnaligned(as: UInt64.self)
    let word = loaded & (UInt64.max >> UInt64(64 - count * 8))
    let mask = words.count - 1
    var slot = Int(truncatingIfNeeded: (word &* 0x9e37_79b9_7f4a_7c15) >> 40) & mask
    while words[slot] != 0 {
      if words[slot] == word { return wordCodes[slot] }
      slot = (slot + 1) & mask
    }
    guard word != 0 else { return AttributeColumn.missingCode }
    let code = add(start, count)
    guard code != AttributeColumn.missingCode else { return code }
    words[slot] = word
    wordCodes[slot] = code
    wordCount += 1
    if wordCount * 2 > words.count { grow() }
    return code
  }

  private func grow() {
    let old = zip(words, wordCodes).filter { $0.0 != 0 }
    let mask = words.count * 2 - 1
    words = [UInt64](repeating: 0, count: mask + 1)
    wordCodes = [UInt16](repeating: AttributeColumn.missingCode, count: mask + 1)
    for (word, code) in old {
      var slot = Int(truncatingIfNeeded: (word &* 0x9e37_79b9_7f4a_7c15) >> 40) & mask
      while words[slot] != 0 { slot = (slot + 1) & mask }
      words[slot] = word
      wordCodes[slot] = code
    }
  }

  private func longCode(_ start: FieldText.Pointer, _ count: Int) -> UInt16 {
    if count == lastLong.count && memcmp(start, lastLong, count) == 0 { return lastLongCode }
    let index = long.index(of: UnsafeBufferPointer(start: start, count: count))
    if index == longCodes.count { longCodes.append(add(start, count)) }
    lastLong = Array(UnsafeBufferPointer(start: start, count: count))
    lastLongCode = longCodes[index]
    return lastLongCode
  }

  private func add(_ start: FieldText.Pointer, _ count: Int) -> UInt16 {
    guard texts.count < limit else {
      isFull = true
      return AttributeColumn.missingCode
    }
    texts.append(Array(UnsafeBufferPointer(start: start, count: count)))
    return UInt16(texts.count - 1)
  }
}
