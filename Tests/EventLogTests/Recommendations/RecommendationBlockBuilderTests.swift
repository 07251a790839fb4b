internal import Foundation
internal import GRDB
internal import Testing

@testable internal import EventLog

struct RecommendationBlockBuilderTests {
  private typealias Fixture = RecommendationFixture

  /// The blocks of answers of these numbers, each of `count` products.
  private func blocks(
    _ numbers: Range<UInt64>, count: Int
  ) throws -> (blocks: [NewRecommendationBlock], hash: Data, content: Data) {
    let content = try Fixture.catalogue.content()
    let hash = RecommendationCatalogue.hash(of: content)
    var builder = RecommendationBlockBuilder(
      instance: Fixture.instance, droppedCount: 0, catalogues: [(hash, content)])
    for number in numbers {
      Fixture.answer(Fixture.record(number, count: count), number: number, catalogue: 0) {
        answer in
        let layout = RecordLayout(answer)
        withUnsafeTemporaryAllocation(byteCount: layout.byteCount, alignment: 8) { bytes in
          layout.write(answer, to: bytes)
          let isTaken = builder.append(UnsafeRawBufferPointer(bytes))
          #expect(isTaken)
        }
      }
    }
    return (builder.finish(), hash, content)
  }

  @Test func aBlockHoldsSoManyAnswersAndNotOneMore() throws {
    let limit = UInt64(RecommendationLogLimits.blockRecordLimit)
    let full = try blocks(1..<limit + 1, count: 0).blocks
    #expect(full.count == 1 && full[0].index.last == limit)
    let more = try blocks(1..<limit + 2, count: 0).blocks
    #expect(more.map(\.index.last) == [limit, limit + 1])
  }

  /// Blocks that end for their bytes fill a page of the file each, and none needs a second.
  @Test func aFullBlockLiesOnOnePage() throws {
    let (blocks, hash, content) = try blocks(1..<10_000, count: 20)
    let whole = blocks.dropLast()
    #expect(whole.count > 10)
    for block in whole {
      let bytes = block.payload.count + block.index.userHashes.count
      #expect((64_000...65_300).contains(bytes), "\(bytes) bytes")
    }
    let fixture = try Fixture()
    let store = try fixture.store()
    func pageCount() throws -> Int {
      try store.reader.read { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
    }
    try store.append([whole[0]], instance: Fixture.instance, catalogues: [hash: content])
    let before = try pageCount()
    try store.append(Array(whole.dropFirst()), instance: Fixture.instance, catalogues: [:])
    // One more where the table's root had to be divided.
    #expect(try pageCount() - before <= whole.count)
  }
}
