internal import NIOCore
internal import Synchronization

/// The answers of one RecommendMany, in the order of the customers asked for.
///
/// The server sends only as much as was read, and a little ahead (64 answers). Leaving the loop, or
/// cancelling its task, ends the call. It can be gone through once.
public struct RecommendationStream: AsyncSequence, Sendable {
  /// One customer's products.
  public typealias Element = RankedItems
  /// Why the answers ended before the last one.
  public typealias Failure = any Error

  let inbox: StreamInbox

  /// The one iterator over the answers.
  public func makeAsyncIterator() -> Iterator { Iterator(inbox: inbox) }

  /// Waits for one answer after another.
  public struct Iterator: AsyncIteratorProtocol {
    fileprivate let inbox: StreamInbox

    /// The next customer's products; nil after the last. Throws an ``RPCError``.
    public mutating func next() async throws -> RankedItems? { try await inbox.next() }
  }
}

/// What came and was not read yet, between the event loop and the reading task.
final class StreamInbox: Sendable {
  /// Answers read before the server is told that more may come.
  static let grantSize = ProtocolVersion1.initialStreamCredit / 2

  private struct State {
    var answers = CircularBuffer<RankedItems>()
    var end: Result<Void, RPCError>?
    var reader: CheckedContinuation<RankedItems?, any Error>?
    var received = 0
    var readSinceGrant = 0
  }

  private let state = Mutex(State())
  private let grant: @Sendable (Int) -> Void
  private let giveUp: @Sendable () -> Void

  /// `grant` lets the server send so many more answers; `giveUp` ends the call.
  init(grant: @escaping @Sendable (Int) -> Void, giveUp: @escaping @Sendable () -> Void) {
    self.grant = grant
    self.giveUp = giveUp
  }

  deinit { giveUp() }

  /// One answer has come.
  func receive(_ answer: RankedItems) {
    let reader = state.withLock { state -> CheckedContinuation<RankedItems?, any Error>? in
      guard state.end == nil else { return nil }
      state.received += 1
      guard let reader = state.reader else {
        state.answers.append(answer)
        return nil
      }
      state.reader = nil
      return reader
    }
    guard let reader else { return }
    noteRead()
    reader.resume(returning: answer)
  }

  /// Nothing more comes. `answered` is how many answers the server says it has sent.
  func finish(_ result: Result<Int, RPCError>) {
    let reader = state.withLock { state -> CheckedContinuation<RankedItems?, any Error>? in
      guard state.end == nil else { return nil }
      let received = state.received
      state.end = result.flatMap { answered in
        answered == received
          ? .success(())
          : .failure(
            RPCError(
              code: .internalError,
              message: "the server says \(answered) answers, \(received) have come"))
      }
      defer { state.reader = nil }
      return state.reader
    }
    guard let reader else { return }
    reader.resume(with: state.withLock { Self.ending($0) })
  }

  private static func ending(_ state: State) -> Result<RankedItems?, any Error> {
    switch state.end {
    case .failure(let error)?: .failure(error)
    case .success?, nil: .success(nil)
    }
  }

  /// The next answer; nil when all were read.
  func next() async throws -> RankedItems? {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let result = state.withLock { state -> Result<RankedItems?, any Error>? in
          if let answer = state.answers.popFirst() { return .success(answer) }
          if state.end != nil { return Self.ending(state) }
          precondition(state.reader == nil, "a stream of answers has one reader")
          state.reader = continuation
          return nil
        }
        guard let result else { return }
        if case .success(.some) = result { noteRead() }
        continuation.resume(with: result)
      }
    } onCancel: {
      giveUp()
    }
  }

  private func noteRead() {
    let count = state.withLock { state -> Int in
      state.readSinceGrant += 1
      guard state.readSinceGrant == Self.grantSize, state.end == nil else { return 0 }
      state.readSinceGrant = 0
      return Self.grantSize
    }
    if count > 0 { grant(count) }
  }
}
