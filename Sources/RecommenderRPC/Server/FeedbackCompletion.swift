internal import Synchronization

/// Carries the result of one Feedback back to its connection.
///
/// Call it once, from any thread. A second call does nothing. When the last reference goes without
/// a call, the caller is told INTERNAL rather than left waiting.
public final class FeedbackCompletion: Sendable {
  private let isDone = Atomic<Bool>(false)
  private let deliver: @Sendable (Result<[FeedbackOutcome], RPCError>) -> Void

  /// Makes a completion that hands its result to `deliver`, at most once, on the thread of the call.
  public init(deliver: @escaping @Sendable (Result<[FeedbackOutcome], RPCError>) -> Void) {
    self.deliver = deliver
  }

  /// Answers the request with one outcome for each event, in order, or with an error.
  public func callAsFunction(_ result: Result<[FeedbackOutcome], RPCError>) {
    if isDone.exchange(true, ordering: .acquiringAndReleasing) { return }
    deliver(result)
  }

  deinit {
    if isDone.load(ordering: .acquiring) { return }
    deliver(
      .failure(
        RPCError(code: .internalError, message: "the service forgot to answer this feedback")))
  }
}
