internal import Foundation

/// Some events of the log, in order.
struct EventBatch: Sendable {
  /// The most rows of a batch.
  static let limit = 4096

  var events: [(sequence: Int64, event: Event)] = []
  /// The number of its last row.
  var lastSequence: Int64
  /// The rows it was read from; some may be of a kind that only a newer program knows.
  var rowCount = 0

  /// Whether nothing stood behind it when it was read.
  var isLast: Bool { rowCount < Self.limit }
}

/// Reads the log ahead of whoever takes its events in.
///
/// What fits one batch is read on the caller's thread; the rest by another one, up to
/// ``queueLimit`` batches ahead.
final class EventReadAhead: @unchecked Sendable {
  /// The most batches that are read and not taken.
  static let queueLimit = 4

  typealias Read =
    @Sendable (_ after: Int64, inout TextReader) throws(EventLogError) -> EventBatch

  private let read: Read
  private let condition = NSCondition()
  private var start: Int64?
  // Guarded by the condition.
  private var queue: [Result<EventBatch, EventLogError>] = []
  private var isAtEnd = false

  init(after sequence: Int64, read: @escaping Read) {
    start = sequence
    self.read = read
  }

  /// The next batch; nil at the end of the log.
  ///
  /// - Throws: ``EventLogError``; then it is at its end.
  func next() throws(EventLogError) -> EventBatch? {
    if isAtEnd { return nil }
    if let first = start {
      start = nil
      var texts = TextReader()
      let batch = try read(first, &texts)
      isAtEnd = batch.isLast
      if !batch.isLast { run(after: batch.lastSequence) }
      return batch
    }
    condition.lock()
    while queue.isEmpty { condition.wait() }
    let result = queue.removeFirst()
    condition.signal()
    condition.unlock()
    do {
      let batch = try result.get()
      isAtEnd = batch.isLast
      return batch
    } catch {
      isAtEnd = true
      throw error
    }
  }

  private func run(after sequence: Int64) {
    let thread = Thread { [self] in
      var texts = TextReader()
      var last = sequence
      while true {
        let result: Result<EventBatch, EventLogError>
        do throws(EventLogError) {
          let batch = try read(last, &texts)
          last = batch.lastSequence
          result = .success(batch)
        } catch {
          result = .failure(error)
        }
        put(result)
        guard case .success(let batch) = result, !batch.isLast else { return }
      }
    }
    thread.name = "event reader"
    thread.start()
  }

  private func put(_ result: Result<EventBatch, EventLogError>) {
    condition.lock()
    while queue.count >= Self.queueLimit { condition.wait() }
    queue.append(result)
    condition.signal()
    condition.unlock()
  }
}
