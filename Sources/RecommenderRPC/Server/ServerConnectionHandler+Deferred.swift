internal import NIOCore

// Methods whose result comes later: what they ask for is brought to disk first.
extension ServerConnectionHandler {
  /// Hands a request to the service, whose result comes back through `finish`.
  func startDeferred(
    _ method: MethodNumber, _ header: FrameHeader, _ payload: UnsafeRawBufferPointer,
    deadline: NIODeadline?, trace: TraceID?
  ) throws(RPCError) {
    try dispatcher.checkDeadline(deadline)
    let (methods, arena) = (dispatcher.methods, dispatcher.arena)
    let request = Deferred(
      header: header, deadline: deadline, trace: trace, start: arrival ?? dispatcher.clock(),
      byteCount: payload.count)
    switch method {
    case .feedback:
      let feedback = FeedbackRequest(payload: payload)
      methods.feedback(
        feedback,
        completion: try begin(
          request, count: { feedback.eventCount }, FeedbackCodec.writeResponse))
    case .putItems:
      let items = try PutItemsCodec.decodeRequest(payload, arena: arena)
      methods.putItems(
        items,
        completion: try begin(
          request, count: { [count = items.count] in count }, PutItemsCodec.writeResponse))
    case .updateModels:
      let update = try ModelUpdateCodec.decodeRequest(payload, arena: arena)
      methods.updateModels(
        update, completion: try begin(request, count: { 1 }, ModelUpdateCodec.writeResponse))
    case .getRecommendation:
      let id = try RecordedRecommendationCodec.decodeGetRequest(payload, arena: arena)
      methods.getRecommendation(
        id, completion: try begin(request, count: { 1 }, RecordedRecommendationCodec.writeOne))
    case .listRecommendations:
      let query = try RecordedRecommendationCodec.decodeListRequest(payload, arena: arena)
      methods.listRecommendations(
        query,
        completion: try begin(request, count: { nil }, RecordedRecommendationCodec.writeList))
    case .recommend, .similarItems, .health, .describe, .recommendMany, .status:
      preconditionFailure("\(method.name) is not answered by one message in its own time")
    }
  }

  /// What is remembered of a request until its result comes.
  private struct Deferred {
    var header: FrameHeader
    var deadline: NIODeadline?
    var trace: TraceID?
    var start: NIODeadline
    var byteCount: Int
  }

  /// Takes room in what all connections share; `statistics.releaseRequest` gives it back.
  func reserveRequest(bytes: Int) throws(RPCError) {
    guard !dispatcher.statistics.reserveRequest(bytes: bytes, limits: limits) else { return }
    throw RPCError(
      code: .resourceExhausted,
      message: "the server has its limit of \(limits.maxServerRequestsInFlight) requests or"
        + " \(limits.maxServerBytesInFlight) bytes in flight: try again later")
  }

  func checkRoom() throws(RPCError) {
    guard state.isFull else { return }
    throw RPCError(
      code: .resourceExhausted,
      message: "the connection has its limit of \(limits.maxRequestsInFlight) requests in"
        + " flight: wait for answers")
  }

  /// Encodes the answer to a list, an outcome for each of its entries.
  private typealias Writer<Outcome> =
    @Sendable ([Outcome], FrameHeader, MessageArena, Int, inout ByteBuffer) throws(RPCError) ->
    Void

  /// Takes note of a request in flight; the completion may be called from any thread. The answer must
  /// have as many entries as `count` says then, or any number when that is nil. The room it
  /// takes in what all connections share is free again when the service is done with it, so that
  /// cancelling requests does not make room for more than the service can take.
  private func begin<Outcome: Sendable>(
    _ request: Deferred, count: @escaping @Sendable () -> Int?, _ write: @escaping Writer<Outcome>
  ) throws(RPCError) -> AnswerCompletion<[Outcome]> {
    guard let eventLoop = context?.eventLoop else { return AnswerCompletion { _ in } }
    try checkRoom()
    try reserveRequest(bytes: request.byteCount)
    let serial = state.begin(
      request.header, deadlineNanoseconds: request.deadline.map { $0.uptimeNanoseconds })
    let handler = NIOLoopBound(self, eventLoop: eventLoop)
    let statistics = dispatcher.statistics
    return AnswerCompletion { result in
      statistics.releaseRequest(bytes: request.byteCount)
      if eventLoop.inEventLoop {
        handler.value.finish(request, serial: serial, count: count(), result, write)
      } else {
        eventLoop.execute {
          handler.value.finish(request, serial: serial, count: count(), result, write)
        }
      }
    }
  }

  /// Answers, unless the request was cancelled or the connection is gone.
  private func finish<Outcome: Sendable>(
    _ request: Deferred, serial: UInt64, count: Int?, _ result: Result<[Outcome], RPCError>,
    _ write: Writer<Outcome>
  ) {
    let header = request.header
    guard state.finish(requestID: header.requestID, serial: serial) != nil else { return }
    do throws(RPCError) {
      try dispatcher.checkDeadline(request.deadline)
      let outcomes = try result.get()
      if let count, outcomes.count != count {
        throw RPCError(
          code: .internalError, message: "\(outcomes.count) outcomes for \(count) entries")
      }
      try write(outcomes, header.answer, dispatcher.arena, limits.maxFrameBytes, &output)
      dispatcher.countAnswer(header.method, .ok, arrival: request.start)
    } catch {
      fail(header, error, arrival: request.start, trace: request.trace)
    }
    reportIfSlow(header, since: request.start, trace: request.trace)
    scheduleFlush()
  }
}
