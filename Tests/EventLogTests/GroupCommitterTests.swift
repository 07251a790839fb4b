internal import EventLog
internal import Foundation
internal import Synchronization
internal import Testing

struct GroupCommitterTests {
  /// Keeps events in memory, and can be made to wait or to fail.
  private final class HeldStore: EventStore {
    let entered = DispatchSemaphore(value: 0)
    let gate = DispatchSemaphore(value: 0)
    let isGated: Bool
    let failure: EventLogError?
    let batches = Mutex([[Event]]())

    init(isGated: Bool = false, failure: EventLogError? = nil) {
      self.isGated = isGated
      self.failure = failure
    }

    func append(_ events: [Event]) throws(EventLogError) -> [AppendOutcome] {
      entered.signal()
      if isGated { gate.wait() }
      if let failure { throw failure }
      batches.withLock { $0.append(events) }
      return events.map { .appended(sequence: $0.timeMilliseconds) }
    }

    func forEach(after sequence: Int64, _ body: (Int64, Event) -> Void) throws(EventLogError) {}
    func count() throws(EventLogError) -> Int { batches.withLock { $0.joined().count } }
    func mark(at sequence: Int64) throws(EventLogError) -> String? { nil }
    func compact(_ rule: RetentionRule) throws(EventLogError) -> Int { 0 }
  }

  private typealias Outcome = Result<[AppendOutcome], EventLogError>

  private func events(_ range: Range<Int>) -> [Event] {
    range.map { EventStoreConformance.event($0) }
  }

  /// Other work is done bit by bit until there is no more, and again after the next events.
  @Test func idleTimeIsUsedUntilNothingIsLeft() {
    let store = HeldStore()
    let left = Mutex(3)
    let done = DispatchSemaphore(value: 0)
    let committer = GroupCommitter(store: store) {
      let rest = left.withLock { left in
        left -= left > 0 ? 1 : 0
        return left
      }
      if rest == 0 { done.signal() }
      return rest > 0
    }
    done.wait()
    #expect(left.withLock { $0 } == 0)
    committer.submit(events(0..<1)) { _ in left.withLock { $0 = 2 } }
    while left.withLock({ $0 }) > 0 { done.wait() }
    committer.close()
    #expect(store.batches.withLock { $0.count } == 1)
  }

  @Test func everyCallerGetsItsOwnOutcomes() {
    let store = HeldStore()
    let committer = GroupCommitter(store: store)
    let results = Mutex([Int: Outcome]())
    for caller in 0..<200 {
      committer.submit(events(caller * 3..<caller * 3 + 1 + caller % 3)) { result in
        results.withLock { $0[caller] = result }
      }
    }
    committer.close()
    for caller in 0..<200 {
      let expected = (caller * 3..<caller * 3 + 1 + caller % 3).map {
        AppendOutcome.appended(sequence: Int64($0))
      }
      #expect(results.withLock { $0[caller] } == .success(expected))
    }
  }

  /// Time runs down:
  ///
  ///     committer's thread             this test
  ///     ------------------             ---------
  ///                                    submits A
  ///     takes A, waits at the gate
  ///                                    sees that, submits B, C, D
  ///                                    opens the gate twice
  ///     writes A; writes B, C, D
  @Test func whatWaitsGoesTogether() {
    let store = HeldStore(isGated: true)
    let committer = GroupCommitter(store: store)
    committer.submit(events(0..<1)) { _ in }
    store.entered.wait()
    for number in 1..<4 { committer.submit(events(number..<number + 1)) { _ in } }
    store.gate.signal()
    store.gate.signal()
    committer.close()
    #expect(store.batches.withLock { $0 } == [events(0..<1), events(1..<4)])
  }

  @Test func aFailureReachesEveryCaller() {
    let error = EventLogError.unwritable(path: "p", reason: "disk full")
    let committer = GroupCommitter(store: HeldStore(failure: error))
    let failures = Mutex(0)
    for number in 0..<10 {
      committer.submit(events(number..<number + 1)) { result in
        if result == .failure(error) { failures.withLock { $0 += 1 } }
      }
    }
    committer.close()
    #expect(failures.withLock { $0 } == 10)
  }

  @Test func theQueueHasALimit() {
    let store = HeldStore(isGated: true)
    let committer = GroupCommitter(store: store)
    let refusals = Mutex([EventLogError]())
    let batch = events(0..<EventLogLimits.batchLimit)
    // One batch may have been taken from the queue already: one more than fits is sent, and one.
    let count = EventLogLimits.queueLimit / EventLogLimits.batchLimit + 2
    for _ in 0..<count {
      committer.submit(batch) { result in
        if case .failure(let error) = result { refusals.withLock { $0.append(error) } }
      }
    }
    let refused = refusals.withLock { $0 }
    #expect((1...2).contains(refused.count))
    #expect(refused.allSatisfy { $0 == .queueFull(limit: EventLogLimits.queueLimit) })
    for _ in 0..<count { store.gate.signal() }
    committer.close()
    #expect(
      store.batches.withLock { $0.joined().count }
        == (count - refused.count) * EventLogLimits.batchLimit)
  }

  @Test func afterClosingNothingIsTaken() {
    let committer = GroupCommitter(store: HeldStore())
    committer.close()
    committer.close()
    let result = Mutex<Outcome?>(nil)
    committer.submit(events(0..<1)) { outcome in result.withLock { $0 = outcome } }
    #expect(result.withLock { $0 } == .failure(.closed))
  }
}
