/// The bytes of one answer, in the memory between threads as on disk; integers are little-endian.
///
/// | bytes | content |
/// |---|---|
/// | 2 | bytes in all |
/// | 1 | bit 0: explored; bit 1: with propensities; bit 2: the menu is known; bits 3 to 7: the arm's place and 1, 0 for none |
/// | 1 | bit 0: an exploration weight follows; 1: products left out; 2: rules; 3: a menu |
/// | 1 | the widths of item indexes (bits 0 and 1), the catalogue (2, 3), candidates (4, 5) and the count of products (6, 7): 0 for 1 byte, 1 for 2, 2 for 4 |
/// | 1 | bytes of the answer's number (bits 0 to 3) and of the time (4 to 7) |
/// | 1 | source |
/// | 1 | bytes of the customer's identifier, less 1 |
/// | … | number of the answer; time in milliseconds since 1970; number of the catalogue; candidates; count of products |
/// | 4, 2, 2, 2 | exploration weight, count of products left out, bytes of the rules, choices of the menu, of these what follows |
/// | … | item indexes, scores (4 each), propensities (4 each), indexes left out, the menu (16 each, as ``AnsweredChoice``), the identifier, the rules joined by line feeds |
///
/// An answer of seven products of a bank's catalogue takes some 60 bytes: at full load everything
/// that is written passes the page cache twice, which costs more than packing it.
struct RecordLayout {
  /// The bytes before the first number of a width of its own.
  static let headerByteCount = 8
  static let choiceByteCount = MemoryLayout<AnsweredChoice>.stride

  /// What follows the header, as bits of its fourth byte.
  struct Parts: OptionSet {
    let rawValue: UInt8
    static let weight = Parts(rawValue: 1)
    static let excluded = Parts(rawValue: 2)
    static let rules = Parts(rawValue: 4)
    static let menu = Parts(rawValue: 8)
  }

  /// The bytes in all.
  let byteCount: Int
  private let ruleByteCount: Int
  private let parts: Parts
  private let indexWidth: UInt8
  private let catalogueWidth: UInt8
  private let candidateWidth: UInt8
  private let countWidth: UInt8
  private let numberByteCount: Int
  private let timeByteCount: Int

  /// Measures an answer.
  @inline(__always)
  init(_ answer: borrowing AnsweredRecommendation) {
    let (count, excludedCount) = (answer.itemIndexes.count, answer.excludedItemIndexes.count)
    let menuCount = answer.menu?.count ?? 0
    ruleByteCount = Self.ruleByteCount(answer.rules)
    // One item after another, or'ed together: as wide as the widest.
    var indexes: UInt32 = 0
    for index in answer.itemIndexes { indexes |= index }
    for index in answer.excludedItemIndexes { indexes |= index }
    indexWidth = Self.width(indexes)
    catalogueWidth = Self.width(answer.catalogue)
    candidateWidth = Self.width(UInt32(clamping: answer.candidateCount))
    countWidth = Self.width(UInt32(count))
    numberByteCount = Self.byteCount(answer.number)
    timeByteCount = Self.byteCount(UInt64(bitPattern: answer.timeMilliseconds))
    var (parts, bytes) = (Parts(), Self.headerByteCount + numberByteCount + timeByteCount)
    if answer.explorationWeight != 0 { (parts, bytes) = (parts.union(.weight), bytes + 4) }
    if excludedCount > 0 { (parts, bytes) = (parts.union(.excluded), bytes + 2) }
    if ruleByteCount > 0 { (parts, bytes) = (parts.union(.rules), bytes + 2) }
    if menuCount > 0 { (parts, bytes) = (parts.union(.menu), bytes + 2) }
    self.parts = parts
    bytes += 1 << Int(catalogueWidth) + 1 << Int(candidateWidth) + 1 << Int(countWidth)
    bytes += (count + excludedCount) << Int(indexWidth)
    bytes += 4 * (count + answer.propensities.count) + Self.choiceByteCount * menuCount
    byteCount = bytes + answer.userID.count + ruleByteCount
  }

  /// Writes the answer that was measured into memory of exactly ``byteCount`` bytes.
  @inline(__always)
  func write(
    _ answer: borrowing AnsweredRecommendation, to target: UnsafeMutableRawBufferPointer
  ) {
    guard let start = target.baseAddress else { return }
    var place = start
    Self.put(UInt16(byteCount), 2, &place)
    Self.put(Self.flags(answer), 1, &place)
    Self.put(parts.rawValue, 1, &place)
    Self.put(indexWidth | catalogueWidth << 2 | candidateWidth << 4 | countWidth << 6, 1, &place)
    Self.put(UInt8(numberByteCount | timeByteCount << 4), 1, &place)
    Self.put(answer.source, 1, &place)
    Self.put(UInt8(answer.userID.count - 1), 1, &place)
    Self.put(answer.number, numberByteCount, &place)
    Self.put(UInt64(bitPattern: answer.timeMilliseconds), timeByteCount, &place)
    Self.put(answer.catalogue, 1 << Int(catalogueWidth), &place)
    Self.put(UInt32(clamping: answer.candidateCount), 1 << Int(candidateWidth), &place)
    Self.put(UInt32(answer.itemIndexes.count), 1 << Int(countWidth), &place)
    if parts.contains(.weight) { Self.put(answer.explorationWeight.bitPattern, 4, &place) }
    if parts.contains(.excluded) {
      Self.put(UInt16(answer.excludedItemIndexes.count), 2, &place)
    }
    if parts.contains(.rules) { Self.put(UInt16(ruleByteCount), 2, &place) }
    if parts.contains(.menu) { Self.put(UInt16(answer.menu?.count ?? 0), 2, &place) }
    putIndexes(answer.itemIndexes, &place)
    Self.append(UnsafeRawBufferPointer(answer.scores), &place)
    Self.append(UnsafeRawBufferPointer(answer.propensities), &place)
    putIndexes(answer.excludedItemIndexes, &place)
    if let menu = answer.menu { Self.append(UnsafeRawBufferPointer(menu), &place) }
    Self.append(answer.userID, &place)
    if parts.contains(.rules) {
      let rules = Array(answer.rules.joined(separator: "\n").utf8)
      rules.withUnsafeBytes { Self.append($0, &place) }
    }
    assert(place == start + byteCount, "as many bytes as were measured")
  }

  @inline(__always)
  private static func width(_ value: UInt32) -> UInt8 {
    value < 0x100 ? 0 : value < 0x1_0000 ? 1 : 2
  }

  @inline(__always)
  private static func byteCount(_ value: UInt64) -> Int { (71 - value.leadingZeroBitCount) / 8 }

  private static func flags(_ answer: borrowing AnsweredRecommendation) -> UInt8 {
    let arm = answer.arm.map { UInt8($0 + 1) } ?? 0
    return (answer.explored ? 1 : 0) | (answer.propensities.isEmpty ? 0 : 2)
      | (answer.menu == nil ? 0 : 4) | arm << 3
  }

  private static func ruleByteCount(_ rules: [String]) -> Int {
    rules.isEmpty ? 0 : rules.reduce(rules.count - 1) { $0 + $1.utf8.count }
  }

  // Not nested functions: what those capture is checked for overlapping access at every call.

  /// Writes the lower bytes of a number.
  @inline(__always)
  private static func put<Value: FixedWidthInteger>(
    _ value: Value, _ byteCount: Int, _ place: inout UnsafeMutableRawPointer
  ) {
    var rest = UInt64(truncatingIfNeeded: value)
    for offset in 0..<byteCount {
      place.storeBytes(of: UInt8(truncatingIfNeeded: rest), toByteOffset: offset, as: UInt8.self)
      rest >>= 8
    }
    place += byteCount
  }

  @inline(__always)
  private func putIndexes(
    _ indexes: UnsafeBufferPointer<UInt32>, _ place: inout UnsafeMutableRawPointer
  ) {
    for index in indexes { Self.put(index, 1 << Int(indexWidth), &place) }
  }

  @inline(__always)
  private static func append(
    _ bytes: UnsafeRawBufferPointer, _ place: inout UnsafeMutableRawPointer
  ) {
    guard let source = bytes.baseAddress else { return }
    place.copyMemory(from: source, byteCount: bytes.count)
    place += bytes.count
  }
}
