internal import Dispatch
internal import NIOCore
internal import RecommenderRPC

/// Decodes and checks feedback: a few events at once, many away from the thread that answers.
///
/// A hundred events take 150 µs, and every answer of the event loop would wait for them. Requests
/// go on in the order they came, whichever way each was prepared. For one event loop.
final class FeedbackPreparation {
  /// The largest request that is prepared at once, in bytes: some ten events, which cost less than
  /// the way to another thread and back.
  static let inlineByteLimit = 1024

  private let eventLoop: any EventLoop
  private let queue = DispatchQueue(label: "feedback", qos: .userInitiated)
  private let decoder = FeedbackDecoder()
  /// Touched on the queue alone.
  private let queueDecoder = UncheckedSendable(FeedbackDecoder())
  /// The requests on the queue, or on their way back from it.
  private var underWayCount = 0

  init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

  /// Prepares a request.
  ///
  /// - Parameters:
  ///   - request: what came.
  ///   - items: the products that events may name.
  ///   - nowMilliseconds: the time of events that have none, in milliseconds since 1970.
  ///   - next: called with what can be logged, on the event loop, during this call or later.
  func prepare(
    _ request: FeedbackRequest, items: CatalogueSnapshot, nowMilliseconds: Int64,
    next: @escaping (Result<FeedbackValidation, RPCError>) -> Void
  ) {
    if underWayCount == 0, request.byteCount <= Self.inlineByteLimit {
      return next(Self.check(request, decoder, items, nowMilliseconds))
    }
    underWayCount += 1
    let done = NIOLoopBound(
      { [self] (checked: Result<FeedbackValidation, RPCError>) in
        underWayCount -= 1
        next(checked)
      }, eventLoop: eventLoop)
    queue.async { [eventLoop, queueDecoder] in
      let checked = Self.check(request, queueDecoder.value, items, nowMilliseconds)
      eventLoop.execute { done.value(checked) }
    }
  }

  private static func check(
    _ request: FeedbackRequest, _ decoder: FeedbackDecoder, _ items: CatalogueSnapshot,
    _ nowMilliseconds: Int64
  ) -> Result<FeedbackValidation, RPCError> {
    Result { () throws(RPCError) in
      FeedbackValidation(
        try request.events(by: decoder), items: items, nowMilliseconds: nowMilliseconds)
    }
  }

  /// A reference that one queue alone follows.
  private struct UncheckedSendable<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
  }
}
