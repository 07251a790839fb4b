internal import Synchronization

/// Brings answers from the thread that makes them to the one that writes them, through memory that
/// is there from the start. Neither waits for the other: where there is no room an answer is counted
/// and left out.
///
/// One thread writes and one reads. A position counts all bytes ever written; its place is the
/// remainder by the capacity. An answer starts at a multiple of 8 and is never cut in two: where the
/// end of the memory is too near, a mark says that the next one is at its start.
final class RecommendationRing: @unchecked Sendable {
  /// Stands where an answer has the number of its bytes, which is never 0.
  private static let skipMark: UInt16 = 0

  private let memory: UnsafeMutableRawBufferPointer
  private let written = Atomic<Int>(0)
  private let read = Atomic<Int>(0)
  private let recorded = Atomic<UInt64>(0)
  private let dropped = Atomic<UInt64>(0)

  /// Makes a ring of a capacity that is a power of two.
  init(byteCount: Int) {
    precondition(byteCount >= 64 && byteCount & (byteCount - 1) == 0, "a power of two")
    memory = .allocate(byteCount: byteCount, alignment: 8)
    memory.initializeMemory(as: UInt8.self, repeating: 0)
  }

  deinit { memory.deallocate() }

  /// The answers that were taken.
  var recordedCount: UInt64 { recorded.load(ordering: .relaxed) }
  /// The answers that found no room, or could not be written.
  var droppedCount: UInt64 { dropped.load(ordering: .relaxed) }
  /// Where the next answer comes.
  var writtenPosition: Int { written.load(ordering: .acquiring) }
  /// Before this everything was read.
  var readPosition: Int { read.load(ordering: .acquiring) }

  /// Counts answers that were taken and then lost.
  func countLost(_ count: Int) { dropped.wrappingAdd(UInt64(count), ordering: .relaxed) }

  /// Writing thread: lays an answer down; false when there is no room, or its menu is longer than
  /// ``RecommendationLogLimits/menuLimit``.
  func append(_ answer: borrowing AnsweredRecommendation) -> Bool {
    guard answer.menu?.count ?? 0 <= RecommendationLogLimits.menuLimit else {
      dropped.wrappingAdd(1, ordering: .relaxed)
      return false
    }
    let layout = RecordLayout(answer)
    let size = (layout.byteCount + 7) & ~7
    let position = written.load(ordering: .relaxed)
    let free = memory.count - (position - read.load(ordering: .acquiring))
    var start = position & (memory.count - 1)
    var skipped = 0
    if start + size > memory.count {
      skipped = memory.count - start
      start = 0
    }
    guard size + skipped <= free else {
      dropped.wrappingAdd(1, ordering: .relaxed)
      return false
    }
    if skipped > 0 {
      memory.storeBytes(
        of: Self.skipMark, toByteOffset: memory.count - skipped, as: UInt16.self)
    }
    layout.write(
      answer,
      to: UnsafeMutableRawBufferPointer(rebasing: memory[start..<start + layout.byteCount]))
    recorded.wrappingAdd(1, ordering: .relaxed)
    written.store(position + skipped + size, ordering: .releasing)
    return true
  }

  /// Reading thread: hands over the answers between two positions, one after another, until `body`
  /// returns false; the one it refused comes again. They stay in place until ``release(through:)``.
  ///
  /// - Parameters:
  ///   - position: where to start.
  ///   - end: where to end, at most ``writtenPosition``.
  ///   - body: takes the bytes of an answer and returns whether it did.
  /// - Returns: where the answers handed over end.
  func forEach(
    from position: Int, through end: Int, _ body: (UnsafeRawBufferPointer) -> Bool
  ) -> Int {
    var position = position
    while position < end {
      let start = position & (memory.count - 1)
      let size = memory.load(fromByteOffset: start, as: UInt16.self)
      if size == Self.skipMark {
        position += memory.count - start
        continue
      }
      let length = Int(UInt16(littleEndian: size))
      guard body(UnsafeRawBufferPointer(rebasing: memory[start..<start + length])) else { break }
      position += (length + 7) & ~7
    }
    return position
  }

  /// Reading thread: gives the place before a position back.
  func release(through position: Int) { read.store(position, ordering: .releasing) }
}
