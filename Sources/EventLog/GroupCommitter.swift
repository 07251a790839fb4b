internal import Foundation

/// Appends many callers' events in few transactions, on a thread of its own.
///
/// A flush to the disk costs the same for one event as for a thousand. While one transaction is
/// being flushed, further submissions wait and go together into the next.
public final class GroupCommitter: @unchecked Sendable {
  /// Called once the events are on disk, or could not be brought there; on the committer's thread.
  public typealias Completion = @Sendable (Result<[AppendOutcome], EventLogError>) -> Void

  private struct Submission {
    let events: [Event]
    let completion: Completion
  }

  private let store: any EventStore
  private let whenIdle: @Sendable () -> Bool
  private let condition = NSCondition()
  private let finished = DispatchSemaphore(value: 0)
  private var pending: [Submission] = []
  private var pendingEventCount = 0
  private var isClosed = false
  private var isWoken = false

  /// Starts a committer over a store.
  ///
  /// - Parameters:
  ///   - store: where events go.
  ///   - whenIdle: called on the committer's thread while nothing waits to be written; it does a
  ///     little of other work and returns whether there is more.
  public init(store: any EventStore, whenIdle: @escaping @Sendable () -> Bool = { false }) {
    self.store = store
    self.whenIdle = whenIdle
    let thread = Thread { [self] in
      run()
      finished.signal()
    }
    thread.name = "event log"
    thread.start()
  }

  /// Hands over events, to be appended in order of submission.
  ///
  /// - Parameters:
  ///   - events: the events of one caller, at most ``EventLogLimits/batchLimit``.
  ///   - completion: called exactly once.
  public func submit(_ events: [Event], completion: @escaping Completion) {
    if let error = enqueue(Submission(events: events, completion: completion)) {
      completion(.failure(error))
    }
  }

  /// Writes what waits and stops the thread; later submissions fail. Returns when all is on disk.
  public func close() {
    condition.lock()
    let wasClosed = isClosed
    isClosed = true
    condition.signal()
    condition.unlock()
    if !wasClosed { finished.wait() }
  }

  /// Lets the thread ask anew for what there is to do while nothing waits to be written.
  public func wake() {
    condition.lock()
    isWoken = true
    condition.signal()
    condition.unlock()
  }

  /// How many events wait to be written.
  public var queuedEventCount: Int {
    condition.lock()
    defer { condition.unlock() }
    return pendingEventCount
  }

  private func enqueue(_ submission: Submission) -> EventLogError? {
    let count = submission.events.count
    condition.lock()
    defer { condition.unlock() }
    if isClosed { return .closed }
    if count > EventLogLimits.batchLimit {
      return .batchTooLarge(count: count, limit: EventLogLimits.batchLimit)
    }
    if pendingEventCount + count > EventLogLimits.queueLimit {
      return .queueFull(limit: EventLogLimits.queueLimit)
    }
    pending.append(submission)
    pendingEventCount += count
    condition.signal()
    return nil
  }

  private func run() {
    while let group = nextGroup() {
      do throws(EventLogError) {
        let outcomes = try store.append(group.flatMap(\.events))
        var start = 0
        for submission in group {
          let end = start + submission.events.count
          submission.completion(.success(Array(outcomes[start..<end])))
          start = end
        }
      } catch {
        for submission in group { submission.completion(.failure(error)) }
      }
    }
  }

  /// Whole submissions, as many as one transaction may hold; nil when closed and nothing waits.
  private func nextGroup() -> [Submission]? {
    condition.lock()
    defer { condition.unlock() }
    while pending.isEmpty && !isClosed {
      condition.unlock()
      let hasMore = whenIdle()
      condition.lock()
      if !hasMore && pending.isEmpty && !isClosed && !isWoken { condition.wait() }
      isWoken = false
    }
    if pending.isEmpty { return nil }
    var eventCount = 0
    let fitting = pending.prefix { submission in
      eventCount += submission.events.count
      return eventCount <= EventLogLimits.batchLimit
    }
    let group = Array(fitting)
    pending.removeFirst(group.count)
    pendingEventCount -= group.reduce(0) { $0 + $1.events.count }
    return group
  }
}
