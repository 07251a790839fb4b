internal import Foundation
internal import GRDB
internal import Synchronization
internal import Testing

@testable internal import EventLog

struct RecommendationStoreTests {
  private typealias Fixture = RecommendationFixture

  @Test func everyAnswerIsFound() throws {
    let fixture = try Fixture()
    try fixture.fill(1..<1_000)
    let store = try fixture.store()
    for number in [1, 35, 256, 257, 512, 999] as [UInt64] {
      let record = Fixture.record(number)
      #expect(try store.find(record.recommendationID) == record)
    }
    for unknown in [
      "", "x", RecommendationName(high: Fixture.instance, low: 0).text,
      RecommendationName(high: Fixture.instance, low: 1_000).text,
      RecommendationName(high: 1, low: 5).text,
      "+000000000000000+000000000000001",
    ] {
      #expect(try store.find(unknown) == nil)
    }
  }

  @Test func aCustomersAnswersAreListedNewestFirst() throws {
    let fixture = try Fixture()
    try fixture.fill(1..<2_000)
    let store = try fixture.store()
    let all = (1..<2_000 as Range<UInt64>).reversed().map { Fixture.record($0) }
      .filter { $0.userID == "customer 4" }
    #expect(try store.list(userID: "customer 4", count: 500) == all)
    #expect(try store.list(userID: "customer 4", count: 3) == Array(all.prefix(3)))
    #expect(
      try store.list(userID: "customer 4", count: 2, before: all[5].timeMilliseconds)
        == Array(all[6...7]))
    #expect(try store.list(userID: "customer 40", count: 500).isEmpty)
    // More than the limit is the limit.
    try fixture.fill(2_000..<12_000)
    #expect(
      try store.list(userID: "customer 4", count: 501).count == RecommendationLogLimits.listLimit)
  }

  /// Blocks of the first versions are read as they are; those of a later one are not guessed at.
  @Test(arguments: [1, 2] as [UInt32]) func blocksOfEarlierVersionsAreRead(version: UInt32) throws {
    let fixture = try Fixture()
    let content = try Fixture.catalogue.content()
    let hash = RecommendationCatalogue.hash(of: content)
    let records = (1..<50 as Range<UInt64>).map { number in
      var record = Fixture.record(number)
      // Menus and arms are recorded since version 2.
      if version == 1 { (record.menu, record.experiment, record.arm) = (nil, nil, nil) }
      return record
    }
    let earlier = EarlierBlock(version: version, catalogueHash: hash, records: records)
    let store = try fixture.store()
    let block = try #require(RecommendationBlock(payload: earlier.payload))
    let index = try #require(block.index())
    #expect(index.first == 1 && index.last == 49 && index.userHashes.count == 49 * 4)
    for version in [0, 4] as [UInt32] {
      let other = EarlierBlock(version: version, catalogueHash: hash, records: records)
      #expect(RecommendationBlock(payload: other.payload) == nil)
    }
    try store.append(
      [NewRecommendationBlock(payload: earlier.payload, index: index)],
      instance: Fixture.instance, catalogues: [hash: content])
    try fixture.fill(50..<100)
    var found: [RecommendationRecord] = []
    try store.forEach { found.append($0) }
    #expect(found == records + (50..<100 as Range<UInt64>).map { Fixture.record($0) })
    #expect(try store.verify().fault == nil)
  }

  /// The longest menu is read back from a block of version 2 and from one as they are written now; one
  /// that is longer is not written, and counted.
  @Test func theLongestMenuIsOnRecordAndNoLongerOne() throws {
    let fixture = try Fixture()
    let content = try Fixture.catalogue.content()
    let hash = RecommendationCatalogue.hash(of: content)
    let limit = RecommendationLogLimits.menuLimit
    var records = [Fixture.record(5), Fixture.record(10), Fixture.record(15)]
    for (place, count) in [limit, 0, limit].enumerated() {
      records[place].menu = Fixture.menu(count: count)
    }
    let earlier = EarlierBlock(version: 2, catalogueHash: hash, records: records)
    let store = try fixture.store()
    let block = try #require(RecommendationBlock(payload: earlier.payload))
    try store.append(
      [NewRecommendationBlock(payload: earlier.payload, index: try #require(block.index()))],
      instance: Fixture.instance, catalogues: [hash: content])
    let recorder = fixture.recorder(store)
    let catalogue = try recorder.register(Fixture.catalogue)
    var newer = [Fixture.record(20), Fixture.record(25), Fixture.record(30)]
    for (place, count) in [limit, limit + 1, limit].enumerated() {
      newer[place].menu = Fixture.menu(count: count)
      let number = UInt64(20 + 5 * place)
      Fixture.answer(newer[place], number: number, catalogue: catalogue) { recorder.record($0) }
    }
    recorder.close()
    #expect(recorder.recordedCount == 2 && recorder.droppedCount == 1)
    var found: [RecommendationRecord] = []
    try store.forEach { found.append($0) }
    #expect(found == records + [newer[0], newer[2]])
    #expect(try store.find(newer[1].recommendationID) == nil)
    #expect(try store.verify().fault == nil)
  }

  @Test func anUntouchedLogVerifies() throws {
    let fixture = try Fixture()
    let empty = try fixture.store().verify()
    #expect(empty.fault == nil && empty.blockCount == 0 && empty.headHash.isEmpty)
    try fixture.fill(1..<1_000)
    let first = try fixture.store().verify()
    #expect(first.fault == nil && first.recordCount == 999 && first.blockCount >= 4)
    #expect(first.headSequence == Int64(first.blockCount) && first.headHash.count == 64)
    // A restarted server goes on with the chain.
    try fixture.fill(1_000..<1_500)
    let second = try fixture.store().verify(expectedHead: first.headHash)
    #expect(second.fault == nil && second.recordCount == 1_499 && second.hasExpectedHead)
    #expect(try fixture.store().verify(expectedHead: "ab").fault != nil)
  }

  /// Every way in which the file can be altered shows at the block where it was.
  @Test(arguments: [
    ("UPDATE blocks SET payload = CAST(X'00' || payload AS BLOB) WHERE sequence = 3", 3),
    ("DELETE FROM blocks WHERE sequence = 2", 2),
    ("DELETE FROM blocks WHERE sequence < 3", 1),
    ("UPDATE blocks SET user_hashes = zeroblob(length(user_hashes)) WHERE sequence = 2", 2),
    ("UPDATE blocks SET instance = instance + 1 WHERE sequence = 4", 4),
    ("UPDATE blocks SET first = first + 1 WHERE sequence = 1", 1),
    ("UPDATE blocks SET last = last + 1 WHERE sequence = 1", 1),
    ("UPDATE blocks SET last_time_ms = 0 WHERE sequence = 2", 2),
    ("UPDATE blocks SET hash = zeroblob(32) WHERE sequence = 3", 3),
    ("DELETE FROM catalogues", 1),
    ("UPDATE catalogues SET content = CAST(replace(content, 'item 7 ', 'item 8 ') AS BLOB)", 1),
    (
      """
      UPDATE blocks SET payload = (SELECT payload FROM blocks WHERE sequence = 4),
        hash = (SELECT hash FROM blocks WHERE sequence = 4) WHERE sequence = 2
      """, 2
    ),
  ])
  func tamperingShows(sql: String, sequence: Int64) throws {
    let fixture = try Fixture()
    try fixture.fill(1..<1_200)
    try fixture.database().write { try $0.execute(sql: sql) }
    #expect(try fixture.store().verify().fault?.sequence == sequence)
  }

  /// Oldest blocks that were taken away as retention does it show by the first block noted.
  @Test func aNotedFirstBlockShowsWhatWentAtTheStart() throws {
    let fixture = try Fixture()
    try fixture.fill(1..<1_200)
    let noted = try fixture.store().verify()
    #expect(noted.firstSequence == 1)
    #expect(try fixture.store().verify(expectedFirst: 1).fault == nil)
    let cut = """
      UPDATE kept SET sequence = 3, previous_hash = (SELECT hash FROM blocks WHERE sequence = 2);
      DELETE FROM blocks WHERE sequence < 3;
      """
    try fixture.database().write { try $0.execute(sql: cut) }
    let after = try fixture.store().verify(expectedHead: noted.headHash)
    #expect(after.fault == nil && after.firstSequence == 3)
    #expect(try fixture.store().verify(expectedFirst: 3).fault == nil)
    let fault = try fixture.store().verify(expectedFirst: 2).fault
    #expect(fault?.sequence == 2 && fault?.reason == "blocks 2 to 2 are gone")
  }

  /// Retention leaves the newest block: a log without any is not one that it emptied.
  @Test func aLogEmptiedAsByRetentionShows() throws {
    let fixture = try Fixture()
    try fixture.fill(1..<1_200)
    let noted = try fixture.store().verify()
    let cut = """
      UPDATE kept SET sequence = (SELECT max(sequence) + 1 FROM blocks), previous_hash =
        (SELECT hash FROM blocks ORDER BY sequence DESC LIMIT 1);
      DELETE FROM blocks;
      """
    try fixture.database().write { try $0.execute(sql: cut) }
    let fault = try fixture.store().verify(expectedHead: noted.headHash).fault
    #expect(fault?.reason == "the newest block is missing")
    #expect(fault?.sequence == noted.headSequence)
  }

  /// Rows of which a page was overwritten hold nothing: that is told on one line, by whoever meets it.
  @Test func rowsWithoutContentAreRefused() throws {
    let fixture = try Fixture()
    try fixture.fill(1..<1_200)
    try fixture.database().write {
      try $0.execute(
        sql: """
          CREATE TABLE empty (sequence, instance, first, last, last_time_ms, hash, user_hashes,
            payload);
          INSERT INTO empty SELECT sequence, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM blocks;
          DROP TABLE blocks;
          ALTER TABLE empty RENAME TO blocks;
          """)
    }
    let store = try fixture.store()
    for body in [
      { _ = try store.verify() }, { try store.forEach { _ in } },
      { _ = try store.compact(cutMilliseconds: .max, byteLimit: 0) },
      { try store.append([], instance: 1, catalogues: [:]) },
    ] as [() throws -> Void] {
      let error = #expect(throws: EventLogError.self) { try body() }
      #expect(!"\(try #require(error))".contains("\n"))
    }
    #expect(try store.list(userID: "customer 4", count: 5).isEmpty)
  }

  /// An index that leads past an answer hides it from whoever asks, and changes no block.
  @Test func anIndexThatLeadsAstrayShows() throws {
    let fixture = try Fixture()
    try fixture.fill(1..<1_200)
    try fixture.database().writeWithoutTransaction { database in
      // The index is of the last blocks only, while the schema says that it is of all.
      try database.execute(
        sql: """
          DROP INDEX blocks_by_number;
          CREATE INDEX blocks_by_number ON blocks (instance, first) WHERE sequence > 1;
          PRAGMA writable_schema = ON;
          UPDATE sqlite_schema SET sql = 'CREATE INDEX blocks_by_number ON blocks (instance, first)'
            WHERE name = 'blocks_by_number';
          PRAGMA writable_schema = OFF;
          """)
    }
    let store = try fixture.store()
    #expect(try store.find(Fixture.record(1).recommendationID) == nil, "it is not hidden")
    let error = #expect(throws: EventLogError.self) { try store.verify() }
    let tells = "\(try #require(error))".contains("the database is damaged")
    #expect(tells, "\(String(describing: error))")
  }

  /// One flipped bit anywhere in a payload shows.
  @Test func everyBitCounts() throws {
    let fixture = try Fixture()
    try fixture.fill(1..<20)
    let database = try fixture.database()
    let payload = try #require(
      try database.read { try Data.fetchOne($0, sql: "SELECT payload FROM blocks") })
    for place in stride(from: 0, to: payload.count, by: 37) {
      var altered = payload
      altered[place] ^= 1 << UInt8(place % 8)
      try database.write {
        try $0.execute(sql: "UPDATE blocks SET payload = ?", arguments: [altered])
      }
      #expect(try fixture.store().verify().fault?.sequence == 1, "byte \(place)")
    }
  }

  /// What is too old or too much goes from the front, and the rest still verifies.
  @Test func retentionKeepsTheChain() throws {
    let fixture = try Fixture()
    try fixture.fill(1..<2_000)
    let store = try fixture.store()
    let before = try store.verify()
    let noted = before.headHash
    #expect(try store.compact(cutMilliseconds: 0, byteLimit: .max) == 0)
    let removed = try store.compact(cutMilliseconds: 600, byteLimit: .max)
    #expect(removed >= 1)
    let after = try store.verify(expectedHead: noted)
    #expect(after.fault == nil && after.blockCount == before.blockCount - removed)
    #expect(try store.find(Fixture.record(1).recommendationID) == nil)
    #expect(try store.find(Fixture.record(600).recommendationID) == Fixture.record(600))
    // The newest block stays even when nothing may: the chain goes on from it.
    _ = try store.compact(cutMilliseconds: .max, byteLimit: 0)
    #expect(try store.verify().blockCount == 1)
    try fixture.fill(2_000..<2_100)
    #expect(try store.verify(expectedHead: noted).fault == nil)
  }

  /// What is too much goes, and no more than that; a call removes no more than it is allowed.
  @Test func retentionRemovesWhatIsTooMuch() throws {
    let fixture = try Fixture()
    try fixture.fill(1..<20_000)
    let store = try fixture.store()
    let before = try store.verify()
    func usedByteCount() throws -> Int {
      try store.reader.read { database in
        func number(_ name: String) throws -> Int {
          try #require(try Int.fetchOne(database, sql: "PRAGMA \(name)"))
        }
        return try (number("page_count") - number("freelist_count")) * number("page_size")
      }
    }
    let used = try usedByteCount()
    #expect(try store.compact(cutMilliseconds: .min, byteLimit: used) == 0)
    #expect(try store.compact(cutMilliseconds: .max, byteLimit: .max, blockLimit: 3) == 3)
    let removed = try store.compact(cutMilliseconds: .min, byteLimit: used - 500_000)
    let after = try store.verify(expectedHead: before.headHash)
    #expect(after.fault == nil && after.blockCount == before.blockCount - 3 - removed)
    // Blocks lie on whole pages: what is freed is what was asked for, within a few of them.
    let freed = try used - usedByteCount()
    #expect((400_000...700_000).contains(freed), "\(freed) bytes in \(removed) blocks")
  }

  @Test func aFullDiskIsCountedAndToldOnce() throws {
    let fixture = try Fixture()
    let store = try fixture.store()
    let errors = Mutex(0)
    let recorder = fixture.recorder(store) { _ in errors.withLock { $0 += 1 } }
    let catalogue = try recorder.register(Fixture.catalogue)
    func record(_ numbers: Range<UInt64>) {
      for number in numbers {
        Fixture.answer(Fixture.record(number), number: number, catalogue: catalogue) {
          recorder.record($0)
        }
      }
      recorder.flush()
    }
    record(1..<300)
    try store.writer.writeWithoutTransaction { database in
      let used = try #require(try Int.fetchOne(database, sql: "PRAGMA page_count"))
      try database.execute(sql: "PRAGMA max_page_count = \(used + 2)")
    }
    record(300..<3_000)
    record(3_000..<3_100)
    let dropped = recorder.droppedCount
    #expect(dropped > 0 && errors.withLock { $0 } >= 1)
    try store.writer.writeWithoutTransaction {
      try $0.execute(sql: "PRAGMA max_page_count = 1000000")
    }
    record(3_100..<3_200)
    recorder.close()
    #expect(recorder.droppedCount == dropped)
    #expect(try store.find(Fixture.record(3_150).recommendationID) == Fixture.record(3_150))
    let chain = try store.verify()
    #expect(chain.fault == nil && UInt64(chain.recordCount) == 3_199 - dropped)
  }
}
