internal import Foundation
internal import Synchronization
internal import Testing

@testable internal import EventLog

struct RecommendationRingTests {
  private typealias Fixture = RecommendationFixture

  private func read(
    _ ring: RecommendationRing, limit: Int = .max
  ) -> [RecommendationRecord] {
    var records: [RecommendationRecord] = []
    let end = ring.forEach(from: ring.readPosition, through: ring.writtenPosition) { bytes in
      guard records.count < limit, let reader = RecordReader(bytes) else { return false }
      records.append(
        reader.record(instance: Fixture.instance, catalogue: Fixture.catalogue))
      return true
    }
    ring.release(through: end)
    return records
  }

  private func append(_ ring: RecommendationRing, _ number: UInt64, count: Int? = nil) -> Bool {
    Fixture.answer(Fixture.record(number, count: count), number: number, catalogue: 0) {
      ring.append($0)
    }
  }

  @Test func everyFieldComesBackAtItsLimitsToo() {
    let ring = RecommendationRing(byteCount: 1 << 16)
    for (number, count) in [(0, 0), (1, 1), (35, 500), (36, 500), (70, 3)] {
      #expect(append(ring, UInt64(number), count: count))
      #expect(read(ring) == [Fixture.record(UInt64(number), count: count)])
    }
    #expect(ring.recordedCount == 5 && ring.droppedCount == 0)
  }

  /// What an answer's last product was drawn from comes back: nothing known, nothing to draw from, and
  /// up to the most. The whole of the largest answer fits a block.
  @Test func menusComeBackUpToTheirLimit() throws {
    let ring = RecommendationRing(byteCount: 1 << 16)
    var record = Fixture.record(30, count: 500)
    record.excludedItemIDs = Fixture.catalogue.itemIDs
    record.userID = String(repeating: "u", count: 256)
    record.rules = [String(repeating: "r", count: RecommendationLogLimits.ruleByteLimit)]
    for count in [nil, 0, 1, 2, RecommendationLogLimits.menuLimit] {
      record.menu = count.map(Fixture.menu)
      let size = Fixture.answer(record, number: 30, catalogue: 0) { answer in
        #expect(ring.append(answer))
        return RecordLayout(answer).byteCount
      }
      #expect(size <= RecommendationLogLimits.blockByteLimit)
      #expect(read(ring) == [record])
    }
  }

  @Test func aMenuPastItsLimitIsCountedAndNotRecorded() {
    let ring = RecommendationRing(byteCount: 1 << 16)
    var record = Fixture.record(30, count: 3)
    record.menu = Fixture.menu(count: RecommendationLogLimits.menuLimit + 1)
    Fixture.answer(record, number: 30, catalogue: 0) { #expect(!ring.append($0)) }
    #expect(ring.droppedCount == 1 && ring.recordedCount == 0)
    record.menu = Fixture.menu(count: RecommendationLogLimits.menuLimit)
    Fixture.answer(record, number: 30, catalogue: 0) { #expect(ring.append($0)) }
    #expect(read(ring) == [record])
    #expect(ring.droppedCount == 1 && ring.recordedCount == 1)
  }

  @Test func everyArmComesBack() {
    let ring = RecommendationRing(byteCount: 1 << 12)
    var catalogue = Fixture.catalogue
    let arms = (0..<RecommendationLogLimits.armLimit).map { "arm \($0)" }
    catalogue.experiment = RecordedExperiment(name: "many", arms: arms)
    for place in arms.indices {
      Fixture.answer(Fixture.record(1), number: 1, catalogue: 0) { answer in
        var answer = copy answer
        answer.arm = place
        #expect(ring.append(answer))
      }
      var found: RecommendationRecord?
      let end = ring.forEach(from: ring.readPosition, through: ring.writtenPosition) { bytes in
        found = RecordReader(bytes)?.record(instance: Fixture.instance, catalogue: catalogue)
        return true
      }
      ring.release(through: end)
      #expect(found?.arm == arms[place] && found?.experiment == "many")
    }
  }

  /// A ring with no header byte to spare: what fits to the byte is taken, one more is not.
  @Test func whatFindsNoRoomIsCounted() {
    let ring = RecommendationRing(byteCount: 1024)
    let size = Fixture.answer(Fixture.record(1, count: 15), number: 1, catalogue: 0) {
      RecordLayout($0).byteCount
    }
    // 8 of header, 1 + 1 + 1 + 2 + 1 of numbers, 15 indexes of 1, 15 scores of 4, "customer 1".
    #expect(size == 99)
    for _ in 0..<9 { #expect(append(ring, 1, count: 15)) }
    // Each takes 104; 88 bytes are left at the end, and none at the start.
    #expect(!append(ring, 1, count: 15))
    #expect(ring.droppedCount == 1)
    #expect(read(ring, limit: 1).count == 1)
    #expect(append(ring, 1, count: 15))
    #expect(!append(ring, 1, count: 15))
    #expect(read(ring) == Array(repeating: Fixture.record(1, count: 15), count: 9))
    #expect(ring.droppedCount == 2 && ring.recordedCount == 10)
  }

  /// Two threads, one ring: all answers arrive or are counted, in order, none torn.
  @Test func aThreadReadsWhatAnotherWrites() {
    let ring = RecommendationRing(byteCount: 4096)
    let isDone = Atomic<Bool>(false)
    let taken = Mutex([UInt64]())
    let finished = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      for number in 0..<20_000 as Range<UInt64> {
        if append(ring, number) { taken.withLock { $0.append(number) } }
      }
      isDone.store(true, ordering: .releasing)
      finished.signal()
    }
    var records: [RecommendationRecord] = []
    while !isDone.load(ordering: .acquiring) { records += read(ring) }
    finished.wait()
    records += read(ring)
    let expected = taken.withLock { $0 }.map { Fixture.record($0) }
    #expect(records == expected)
    #expect(ring.droppedCount + UInt64(records.count) == 20_000)
  }
}
