internal import Foundation
internal import Synchronization

/// Writes answers to the log of recommendations, on a thread of its own.
///
/// The thread that answers lays each down in a ring and goes on, whatever the disk does: where the
/// ring is full, and where the disk refuses, answers are counted as dropped.
public final class RecommendationRecorder: @unchecked Sendable {
  /// How long answers are gathered before they are written together, in milliseconds: every
  /// transaction writes some pages anew that the one before wrote.
  private static let gatherMilliseconds = 50
  /// How many blocks are written between two looks for what is too old.
  private static let retentionBlockInterval = 256

  private let store: SQLiteRecommendationStore
  private let instance: UInt64
  private let retention: RecommendationRetention
  private let nowMilliseconds: @Sendable () -> Int64
  private let report: @Sendable (EventLogError) -> Void
  private let ring: RecommendationRing
  private let catalogues = Mutex<[(hash: Data, content: Data)]>([])
  private let wakeUp = DispatchSemaphore(value: 0)
  /// Ends the gathering early.
  private let hurry = DispatchSemaphore(value: 0)
  private let finished = DispatchSemaphore(value: 0)
  private let isAsleep = Atomic<Bool>(false)
  private let isClosing = Atomic<Bool>(false)
  private let progress = NSCondition()
  private var isFinished = false
  private var blocksSinceRetention = 0
  private var isFailing = false

  /// Starts the thread.
  ///
  /// - Parameters:
  ///   - store: where answers go; nobody else writes to it.
  ///   - instance: the high half of the answers' names.
  ///   - retention: what is removed, now and then.
  ///   - ringByteCount: the memory for answers that wait, a power of two.
  ///   - nowMilliseconds: the clock, in milliseconds since 1970.
  ///   - report: told the first of each run of failures, on the recorder's thread.
  public init(
    store: SQLiteRecommendationStore, instance: UInt64, retention: RecommendationRetention,
    ringByteCount: Int = RecommendationLogLimits.ringByteCount,
    nowMilliseconds: @escaping @Sendable () -> Int64,
    report: @escaping @Sendable (EventLogError) -> Void = { _ in }
  ) {
    self.store = store
    self.instance = instance
    self.retention = retention
    self.nowMilliseconds = nowMilliseconds
    self.report = report
    ring = RecommendationRing(byteCount: ringByteCount)
    let thread = Thread { [self] in
      run()
      finished.signal()
    }
    thread.name = "recommendation log"
    thread.start()
  }

  /// The answers that were laid down.
  public var recordedCount: UInt64 { ring.recordedCount }
  /// The answers that are not in the log because there was no room or the disk refused.
  public var droppedCount: UInt64 { ring.droppedCount }

  /// Takes note of a catalogue.
  ///
  /// - Returns: what answers refer to it by.
  /// - Throws: what `JSONEncoder` throws; never for text.
  public func register(_ catalogue: RecommendationCatalogue) throws -> UInt32 {
    let content = try catalogue.content()
    return catalogues.withLock { catalogues in
      catalogues.append((RecommendationCatalogue.hash(of: content), content))
      return UInt32(catalogues.count - 1)
    }
  }

  /// Lays an answer down to be written; never waits and, once warm, allocates nothing. Only the
  /// thread that answers calls it.
  public func record(_ answer: borrowing AnsweredRecommendation) {
    guard ring.append(answer) else { return }
    // Sequentially consistent on both sides: either this sees the sleeper, or it sees the answer.
    if isAsleep.load(ordering: .sequentiallyConsistent),
      isAsleep.exchange(false, ordering: .sequentiallyConsistent)
    {
      wakeUp.signal()
    }
  }

  /// Returns when all that was laid down before is in the log or counted as dropped.
  public func flush() {
    let target = ring.writtenPosition
    if ring.readPosition < target { hurry.signal() }
    progress.lock()
    while ring.readPosition < target && !isFinished { progress.wait() }
    progress.unlock()
  }

  /// Writes what waits and stops the thread. Returns when all is in the log.
  public func close() {
    guard !isClosing.exchange(true, ordering: .sequentiallyConsistent) else { return }
    wakeUp.signal()
    hurry.signal()
    finished.wait()
  }

  private func run() {
    while applyRetention() == SQLiteRecommendationStore.removalLimit {}
    while true {
      let wasClosing = isClosing.load(ordering: .sequentiallyConsistent)
      writeAll()
      if wasClosing { break }
      isAsleep.store(true, ordering: .sequentiallyConsistent)
      if ring.writtenPosition == ring.readPosition
        && !isClosing.load(ordering: .sequentiallyConsistent)
      {
        wakeUp.wait()
      }
      isAsleep.store(false, ordering: .sequentiallyConsistent)
      if !isClosing.load(ordering: .sequentiallyConsistent) {
        _ = hurry.wait(timeout: .now() + .milliseconds(Self.gatherMilliseconds))
      }
    }
    do throws(EventLogError) { try store.settle() } catch { report(error) }
    progress.lock()
    isFinished = true
    progress.broadcast()
    progress.unlock()
  }

  /// Writes what was laid down before the call. What comes meanwhile is gathered first, or under load
  /// there would be a transaction for every few answers and no end.
  private func writeAll() {
    let target = ring.writtenPosition
    while ring.readPosition < target {
      // In this order: the answers up to here refer to catalogues that are known by now.
      let written = ring.writtenPosition
      var builder = RecommendationBlockBuilder(
        instance: instance, droppedCount: ring.droppedCount,
        catalogues: catalogues.withLock { $0 })
      let end = ring.forEach(from: ring.readPosition, through: written) { builder.append($0) }
      let blocks = builder.finish()
      do throws(EventLogError) {
        try store.append(blocks, instance: instance, catalogues: builder.usedCatalogues)
        isFailing = false
      } catch {
        ring.countLost(builder.recordCount)
        if !isFailing { report(error) }
        isFailing = true
      }
      progress.lock()
      ring.release(through: end)
      progress.broadcast()
      progress.unlock()
      blocksSinceRetention += blocks.count
      if blocksSinceRetention >= Self.retentionBlockInterval { applyRetention() }
    }
  }

  @discardableResult
  private func applyRetention() -> Int {
    blocksSinceRetention = 0
    do throws(EventLogError) {
      return try store.compact(
        cutMilliseconds: nowMilliseconds() - retention.milliseconds,
        byteLimit: retention.byteLimit)
    } catch {
      report(error)
      return 0
    }
  }
}

/// How long recommendations stay on record.
public struct RecommendationRetention: Sendable, Equatable {
  /// The age at which answers may go, in milliseconds.
  public var milliseconds: Int64
  /// The most bytes of answers that stay.
  public var byteLimit: Int

  /// Makes one.
  public init(milliseconds: Int64, byteLimit: Int) {
    self.milliseconds = milliseconds
    self.byteLimit = byteLimit
  }
}
