internal import Synchronization

/// Carries the result of one call that is answered later back to its connection.
///
/// Call it once, from any thread. A second call does nothing. When the last reference goes without
/// a call, the caller is told INTERNAL rather than left waiting.
public final class AnswerCompletion<Answer: Sendable>: Sendable {
  private let isDone = Atomic<Bool>(false)
  private let deliver: @Sendable (Result<Answer, RPCError>) -> Void

  /// Makes a completion that hands its result to `deliver`, at most once, on the thread of the call.
  public init(deliver: @escaping @Sendable (Result<Answer, RPCError>) -> Void) {
    self.deliver = deliver
  }

  /// Answers the request, or tells what went wrong.
  public func callAsFunction(_ result: Result<Answer, RPCError>) {
    if isDone.exchange(true, ordering: .acquiringAndReleasing) { return }
    deliver(result)
  }

  deinit {
    if isDone.load(ordering: .acquiring) { return }
    deliver(
      .failure(
        RPCError(code: .internalError, message: "the service forgot to answer this request")))
  }
}

/// Answers a Feedback with one outcome for each event, in order.
public typealias FeedbackCompletion = AnswerCompletion<[FeedbackOutcome]>
/// Answers a GetRecommendation with exactly one record, or a ListRecommendations with any number.
public typealias RecommendationsCompletion = AnswerCompletion<[RecordedRecommendation]>
/// Answers a PutItems with one outcome for each product, in order.
public typealias PutItemsCompletion = AnswerCompletion<[PutItemOutcome]>
