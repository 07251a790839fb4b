/// The bytes of one answer, in the memory between threads as on disk; integers are little-endian.
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
/// Before version 2 of the blocks, bits 2 to 7 and the choices are 0.
enum RecordLayout {
  static let headerByteCount = 44
  static let choiceByteCount = MemoryLayout<AnsweredChoice>.stride

  static func byteCount(_ answer: borrowing AnsweredRecommendation) -> Int {
    let words =
      answer.itemIndexes.count + answer.scores.count + answer.propensities.count
      + answer.excludedItemIndexes.count
    let bytes =
      headerByteCount + 4 * words + choiceByteCount * (answer.menu?.count ?? 0)
      + answer.userID.count + ruleByteCount(answer.rules)
    return (bytes + 7) & ~7
  }

  /// Writes an answer into memory of exactly ``byteCount(_:)`` bytes.
  static func write(
    _ answer: borrowing AnsweredRecommendation, to target: UnsafeMutableRawBufferPointer
  ) {
    // The last word first: the padding is part of it.
    target.storeBytes(of: 0 as UInt64, toByteOffset: target.count - 8, as: UInt64.self)
    func store<Value: BitwiseCopyable>(_ value: Value, _ offset: Int) {
      target.storeBytes(of: value, toByteOffset: offset, as: Value.self)
    }
    store(UInt32(target.count).littleEndian, 0)
    store(answer.catalogue.littleEndian, 4)
    store(answer.number.littleEndian, 8)
    store(answer.timeMilliseconds.littleEndian, 16)
    store(answer.explorationWeight.bitPattern.littleEndian, 24)
    store(UInt32(clamping: answer.candidateCount).littleEndian, 28)
    store(UInt16(answer.itemIndexes.count).littleEndian, 32)
    store(UInt16(answer.excludedItemIndexes.count).littleEndian, 34)
    store(UInt16(answer.userID.count).littleEndian, 36)
    store(UInt16(ruleByteCount(answer.rules)).littleEndian, 38)
    store(answer.source, 40)
    store(flags(answer), 41)
    store(UInt16(answer.menu?.count ?? 0).littleEndian, 42)
    var offset = headerByteCount
    append(UnsafeRawBufferPointer(answer.itemIndexes), to: target, at: &offset)
    append(UnsafeRawBufferPointer(answer.scores), to: target, at: &offset)
    append(UnsafeRawBufferPointer(answer.propensities), to: target, at: &offset)
    append(UnsafeRawBufferPointer(answer.excludedItemIndexes), to: target, at: &offset)
    if let menu = answer.menu { append(UnsafeRawBufferPointer(menu), to: target, at: &offset) }
    append(answer.userID, to: target, at: &offset)
    if !answer.rules.isEmpty {
      let rules = Array(answer.rules.joined(separator: "\n").utf8)
      rules.withUnsafeBytes { append($0, to: target, at: &offset) }
    }
  }

  private static func flags(_ answer: borrowing AnsweredRecommendation) -> UInt8 {
    let arm = answer.arm.map { UInt8($0 + 1) } ?? 0
    return (answer.explored ? 1 : 0) | (answer.propensities.isEmpty ? 0 : 2)
      | (answer.menu == nil ? 0 : 4) | arm << 3
  }

  // Not a nested function: what that captures is checked for overlapping access at every call.
  @inline(__always)
  private static func append(
    _ bytes: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer,
    at offset: inout Int
  ) {
    UnsafeMutableRawBufferPointer(rebasing: target[offset..<offset + bytes.count])
      .copyMemory(from: bytes)
    offset += bytes.count
  }

  private static func ruleByteCount(_ rules: [String]) -> Int {
    rules.isEmpty ? 0 : rules.reduce(rules.count - 1) { $0 + $1.utf8.count }
  }
}

/// One answer read from its bytes.
struct RecordReader {
  private let bytes: UnsafeRawBufferPointer

  /// Takes the answer at the start of the bytes; nil when it does not hold together.
  init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= RecordLayout.headerByteCount else { return nil }
    let length = Int(UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)))
    guard length <= bytes.count, length >= RecordLayout.headerByteCount, length % 8 == 0 else {
      return nil
    }
    self.bytes = UnsafeRawBufferPointer(rebasing: bytes[..<length])
    guard (rulesStart + ruleByteCount + 7) & ~7 == length else { return nil }
  }

  private func load<Value: FixedWidthInteger & BitwiseCopyable>(
    _ type: Value.Type, _ offset: Int
  ) -> Value {
    Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
  }

  var byteCount: Int { bytes.count }
  var catalogue: UInt32 { load(UInt32.self, 4) }
  var number: UInt64 { load(UInt64.self, 8) }
  var timeMilliseconds: Int64 { load(Int64.self, 16) }
  var userID: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[userStart..<rulesStart])
  }

  private var count: Int { Int(load(UInt16.self, 32)) }
  private var excludedCount: Int { Int(load(UInt16.self, 34)) }
  private var userByteCount: Int { Int(load(UInt16.self, 36)) }
  private var ruleByteCount: Int { Int(load(UInt16.self, 38)) }
  private var hasPropensities: Bool { bytes[41] & 2 != 0 }
  private var listCount: Int { hasPropensities ? 3 : 2 }
  private var excludedStart: Int { RecordLayout.headerByteCount + 4 * listCount * count }
  private var menuCount: Int { Int(load(UInt16.self, 42)) }
  private var menuStart: Int { excludedStart + 4 * excludedCount }
  private var userStart: Int { menuStart + RecordLayout.choiceByteCount * menuCount }
  private var rulesStart: Int { userStart + userByteCount }

  private func words(at start: Int, count: Int) -> [UInt32] {
    (0..<count).map { load(UInt32.self, start + 4 * $0) }
  }

  /// What the last product was drawn from; nil when that was not recorded.
  private func menu(_ catalogue: RecommendationCatalogue) -> [RecordedChoice]? {
    guard bytes[41] & 4 != 0 else { return nil }
    return (0..<menuCount).map { place in
      let start = menuStart + RecordLayout.choiceByteCount * place
      func float(_ offset: Int) -> Float { Float(bitPattern: load(UInt32.self, start + offset)) }
      let item = Int(load(UInt32.self, start))
      let matching = float(8)
      return RecordedChoice(
        itemID: item < catalogue.itemIDs.count ? catalogue.itemIDs[item] : "",
        propensity: float(4), matchingProbability: matching.isNaN ? nil : matching,
        score: float(12))
    }
  }

  /// The name of the customer's arm; nil when no experiment ran.
  private func arm(_ catalogue: RecommendationCatalogue) -> String? {
    let place = Int(bytes[41] >> 3) - 1
    guard let arms = catalogue.experiment?.arms, arms.indices.contains(place) else { return nil }
    return arms[place]
  }

  /// The whole record, item indexes read by a catalogue.
  func record(instance: UInt64, catalogue: RecommendationCatalogue) -> RecommendationRecord {
    let start = RecordLayout.headerByteCount
    let indexes = words(at: start, count: count)
    func names(_ indexes: [UInt32]) -> [String] {
      indexes.map { $0 < catalogue.itemIDs.count ? catalogue.itemIDs[Int($0)] : "" }
    }
    let rules = String(
      decoding: bytes[rulesStart..<rulesStart + ruleByteCount], as: UTF8.self)
    let arm = arm(catalogue)
    return RecommendationRecord(
      recommendationID: RecommendationName(high: instance, low: number).text,
      userID: String(decoding: userID, as: UTF8.self), timeMilliseconds: timeMilliseconds,
      modelVersion: catalogue.modelVersion, source: bytes[40],
      candidateCount: Int(load(UInt32.self, 28)),
      excludedItemIDs: names(words(at: excludedStart, count: excludedCount)),
      itemIDs: names(indexes), itemIndexes: indexes,
      scores: words(at: start + 4 * count, count: count).map { Float(bitPattern: $0) },
      propensities: hasPropensities
        ? words(at: start + 8 * count, count: count).map { Float(bitPattern: $0) } : [],
      explored: bytes[41] & 1 != 0, explorationWeight: Float(bitPattern: load(UInt32.self, 24)),
      rules: rules.isEmpty ? [] : rules.split(separator: "\n").map(String.init),
      menu: menu(catalogue), experiment: arm == nil ? nil : catalogue.experiment?.name, arm: arm)
  }
}

/// The name of an answer: 128 bits, as 32 hexadecimal digits.
struct RecommendationName: Equatable {
  /// The run of the server.
  var high: UInt64
  /// The answer's number in it.
  var low: UInt64

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Reads a name; nil for what no server gave.
  init?(_ text: String) {
    guard text.utf8.count == 32, text.utf8.allSatisfy({ $0 != 0x2B && $0 != 0x2D }),
      let high = UInt64(text.prefix(16), radix: 16), let low = UInt64(text.suffix(16), radix: 16)
    else { return nil }
    self.init(high: high, low: low)
  }

  var text: String {
    [high, low].map { half in
      let digits = String(half, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}
