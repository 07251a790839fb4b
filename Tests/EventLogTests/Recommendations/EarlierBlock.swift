internal import Foundation

@testable internal import EventLog

/// A block as servers wrote it before version 3, byte for byte after ``FixedRecordLayout``.
struct EarlierBlock {
  private(set) var payload = Data()

  init(version: UInt32, catalogueHash: Data, records: [RecommendationRecord]) {
    put(version)
    put(1 as UInt32)
    put(RecommendationFixture.instance)
    put(0 as UInt64)
    put(0 as UInt32)
    payload += catalogueHash
    for record in records { put(record) }
  }

  private mutating func put(_ value: some FixedWidthInteger & BitwiseCopyable) {
    withUnsafeBytes(of: value.littleEndian) { payload += $0 }
  }

  private mutating func put(_ floats: [Float]) { for float in floats { put(float.bitPattern) } }

  private mutating func put(_ record: RecommendationRecord) {
    let catalogue = RecommendationFixture.catalogue
    func index(_ item: String) -> UInt32 {
      UInt32(catalogue.itemIDs.firstIndex(of: item) ?? 0)
    }
    let rules = Array(record.rules.joined(separator: "\n").utf8)
    let menu = record.menu ?? []
    let words =
      record.itemIndexes.count + record.scores.count + record.propensities.count
      + record.excludedItemIDs.count + 4 * menu.count
    let size = 44 + 4 * words + record.userID.utf8.count + rules.count
    let end = payload.count + (size + 7) / 8 * 8
    put(UInt32(end - payload.count))
    put(0 as UInt32)
    put(RecommendationName(record.recommendationID)?.low ?? 0)
    put(record.timeMilliseconds)
    put(record.explorationWeight.bitPattern)
    put(UInt32(record.candidateCount))
    put(UInt16(record.itemIndexes.count))
    put(UInt16(record.excludedItemIDs.count))
    put(UInt16(record.userID.utf8.count))
    put(UInt16(rules.count))
    put(record.source)
    let arm = record.arm.flatMap { catalogue.experiment?.arms.firstIndex(of: $0) }
    put(
      (record.explored ? 1 : 0) | (record.propensities.isEmpty ? 0 : 2)
        | (record.menu == nil ? 0 : 4) | UInt8(arm.map { $0 + 1 } ?? 0) << 3)
    put(UInt16(menu.count))
    for item in record.itemIndexes { put(item) }
    put(record.scores)
    put(record.propensities)
    for item in record.excludedItemIDs { put(index(item)) }
    for choice in menu {
      put(index(choice.itemID))
      put([choice.propensity, choice.matchingProbability ?? .nan, choice.score])
    }
    payload += Array(record.userID.utf8) + rules
    payload += [UInt8](repeating: 0, count: end - payload.count)
  }
}
