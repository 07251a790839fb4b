/// One answer read from its bytes, in whichever layout they are.
struct RecordReader {
  /// How the bytes of an answer are laid out.
  enum Layout {
    /// As ``RecordLayout`` has it.
    case packed
    /// Every number in its place and of its full width, as ``FixedRecordLayout`` has it.
    case fixed
  }

  /// The fields and where the parts lie.
  struct Fields {
    var byteCount = 0
    var catalogue: UInt32 = 0
    var number: UInt64 = 0
    var timeMilliseconds: Int64 = 0
    var explorationWeight: Float = 0
    var candidateCount = 0
    var source: UInt8 = 0
    var flags: UInt8 = 0
    var count = 0
    var excludedCount = 0
    var menuCount = 0
    var userByteCount = 0
    var ruleByteCount = 0
    /// Bytes of an item index.
    var indexByteCount = 4
    /// Where the item indexes start.
    var start = 0

    var hasPropensities: Bool { flags & 2 != 0 }
    var scoresStart: Int { start + indexByteCount * count }
    var excludedStart: Int { scoresStart + (hasPropensities ? 8 : 4) * count }
    var menuStart: Int { excludedStart + indexByteCount * excludedCount }
    var userStart: Int { menuStart + RecordLayout.choiceByteCount * menuCount }
    var rulesStart: Int { userStart + userByteCount }
    var end: Int { rulesStart + ruleByteCount }
  }

  private let bytes: UnsafeRawBufferPointer
  private let fields: Fields

  /// Takes the answer at the start of the bytes; nil when it does not hold together.
  init?(_ bytes: UnsafeRawBufferPointer, layout: Layout = .packed) {
    guard
      let fields = layout == .packed ? Self.packedFields(bytes) : FixedRecordLayout.fields(bytes)
    else { return nil }
    self.bytes = UnsafeRawBufferPointer(rebasing: bytes[..<fields.byteCount])
    self.fields = fields
  }

  private static func packedFields(_ bytes: UnsafeRawBufferPointer) -> Fields? {
    guard bytes.count >= RecordLayout.headerByteCount else { return nil }
    var fields = Fields()
    fields.byteCount = Int(bytes[0]) | Int(bytes[1]) << 8
    guard fields.byteCount <= bytes.count, fields.byteCount >= RecordLayout.headerByteCount else {
      return nil
    }
    fields.flags = bytes[2]
    let parts = RecordLayout.Parts(rawValue: bytes[3])
    let widths = Int(bytes[4])
    // A width of 3 has both its bits set.
    guard parts.rawValue < 16, widths & widths >> 1 & 0x55 == 0 else { return nil }
    let (numberByteCount, timeByteCount) = (Int(bytes[5] & 15), Int(bytes[5] >> 4))
    guard numberByteCount <= 8, timeByteCount <= 8 else { return nil }
    fields.source = bytes[6]
    fields.userByteCount = Int(bytes[7]) + 1
    fields.indexByteCount = 1 << (widths & 3)
    var place = PlaceReader(bytes: bytes, offset: RecordLayout.headerByteCount)
    fields.number = place.take(numberByteCount)
    fields.timeMilliseconds = Int64(bitPattern: place.take(timeByteCount))
    fields.catalogue = UInt32(place.take(1 << (widths >> 2 & 3)))
    fields.candidateCount = Int(place.take(1 << (widths >> 4 & 3)))
    fields.count = Int(place.take(1 << (widths >> 6 & 3)))
    if parts.contains(.weight) {
      fields.explorationWeight = Float(bitPattern: UInt32(place.take(4)))
    }
    if parts.contains(.excluded) { fields.excludedCount = Int(place.take(2)) }
    if parts.contains(.rules) { fields.ruleByteCount = Int(place.take(2)) }
    if parts.contains(.menu) { fields.menuCount = Int(place.take(2)) }
    fields.start = place.offset
    guard fields.end == fields.byteCount else { return nil }
    return fields
  }

  /// Takes one number after another; behind the end they are 0.
  private struct PlaceReader {
    let bytes: UnsafeRawBufferPointer
    var offset: Int

    @inline(__always)
    mutating func take(_ byteCount: Int) -> UInt64 {
      if offset + 8 <= bytes.count {
        let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        offset += byteCount
        return byteCount == 0
          ? 0 : UInt64(littleEndian: word) & UInt64.max >> UInt64(64 - 8 * byteCount)
      }
      var value: UInt64 = 0
      for place in 0..<byteCount where offset + place < bytes.count {
        value |= UInt64(bytes[offset + place]) << UInt64(8 * place)
      }
      offset += byteCount
      return value
    }
  }

  var byteCount: Int { fields.byteCount }
  var catalogue: UInt32 { fields.catalogue }
  var number: UInt64 { fields.number }
  var timeMilliseconds: Int64 { fields.timeMilliseconds }
  var userID: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[fields.userStart..<fields.rulesStart])
  }

  private func word(_ offset: Int) -> UInt32 {
    UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  private func floats(at start: Int) -> [Float] {
    (0..<fields.count).map { Float(bitPattern: word(start + 4 * $0)) }
  }

  private func indexes(at start: Int, count: Int) -> [UInt32] {
    var place = PlaceReader(bytes: bytes, offset: start)
    return (0..<count).map { _ in UInt32(place.take(fields.indexByteCount)) }
  }

  /// What the last product was drawn from; nil when that was not recorded.
  private func menu(_ catalogue: RecommendationCatalogue) -> [RecordedChoice]? {
    guard fields.flags & 4 != 0 else { return nil }
    return (0..<fields.menuCount).map { place in
      let start = fields.menuStart + RecordLayout.choiceByteCount * place
      func float(_ offset: Int) -> Float { Float(bitPattern: word(start + offset)) }
      let item = Int(word(start))
      let matching = float(8)
      return RecordedChoice(
        itemID: item < catalogue.itemIDs.count ? catalogue.itemIDs[item] : "",
        propensity: float(4), matchingProbability: matching.isNaN ? nil : matching,
        score: float(12))
    }
  }

  /// The name of the customer's arm; nil when no experiment ran.
  private func arm(_ catalogue: RecommendationCatalogue) -> String? {
    let place = Int(fields.flags >> 3) - 1
    guard let arms = catalogue.experiment?.arms, arms.indices.contains(place) else { return nil }
    return arms[place]
  }

  /// The whole record, item indexes read by a catalogue.
  func record(instance: UInt64, catalogue: RecommendationCatalogue) -> RecommendationRecord {
    let indexes = indexes(at: fields.start, count: fields.count)
    func names(_ indexes: [UInt32]) -> [String] {
      indexes.map { $0 < catalogue.itemIDs.count ? catalogue.itemIDs[Int($0)] : "" }
    }
    let excluded = self.indexes(at: fields.excludedStart, count: fields.excludedCount)
    let rules = String(decoding: bytes[fields.rulesStart..<fields.end], as: UTF8.self)
    let arm = arm(catalogue)
    return RecommendationRecord(
      recommendationID: RecommendationName(high: instance, low: number).text,
      userID: String(decoding: userID, as: UTF8.self), timeMilliseconds: timeMilliseconds,
      modelVersion: catalogue.modelVersion, source: fields.source,
      candidateCount: fields.candidateCount, excludedItemIDs: names(excluded),
      itemIDs: names(indexes), itemIndexes: indexes, scores: floats(at: fields.scoresStart),
      propensities: fields.hasPropensities
        ? floats(at: fields.scoresStart + 4 * fields.count) : [],
      explored: fields.flags & 1 != 0, explorationWeight: fields.explorationWeight,
      rules: rules.isEmpty ? [] : rules.split(separator: "\n").map(String.init),
      menu: menu(catalogue), experiment: arm == nil ? nil : catalogue.experiment?.name, arm: arm)
  }
}
