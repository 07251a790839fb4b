internal import NIOCore

// Methods whose result comes later: what they ask for is brought to disk first.
extension ServerConnectionHandler {
  /// Hands a request to the service, whose result comes back through `finish`.
  func startDeferred(
    _ method: MethodNumber, _ header: FrameHeader, _ payload: UnsafeRawBufferPointer,
    deadline: NIODeadline?
  ) {
    do throws(RPCError) {
      try dispatcher.checkDeadline(deadline)
      let (methods, arena) = (dispatcher.methods, dispatcher.arena)
      switch method {
      case .feedback:
        let events = try FeedbackCodec.decodeRequest(payload, arena: arena)
        try checkRoom()
        methods.feedback(
          events,
          completion: begin(header, deadline, count: events.count, FeedbackCodec.writeResponse))
      case .putItems:
        let items = try PutItemsCodec.decodeRequest(payload, arena: arena)
        try checkRoom()
        methods.putItems(
          items,
          completion: begin(header, deadline, count: items.count, PutItemsCodec.writeResponse))
      case .updateModels:
        let update = try ModelUpdateCodec.decodeRequest(payload, arena: arena)
        try checkRoom()
        methods.updateModels(
          update, completion: begin(header, deadline, count: 1, ModelUpdateCodec.writeResponse))
      case .recommend, .similarItems, .health, .describe, .status:
        preconditionFailure("\(method.name) is answered at once")
      }
    } catch {
      dispatcher.writeError(error, header, into: &output)
    }
  }

  private func checkRoom() throws(RPCError) {
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

  /// Takes note of a request in flight; the completion may be called from any thread.
  private func begin<Outcome: Sendable>(
    _ header: FrameHeader, _ deadline: NIODeadline?, count: Int, _ write: @escaping Writer<Outcome>
  ) -> AnswerCompletion<[Outcome]> {
    guard let eventLoop = context?.eventLoop else { return AnswerCompletion { _ in } }
    let serial = state.begin(
      header, deadlineNanoseconds: deadline.map { $0.uptimeNanoseconds })
    let requestID = header.requestID
    let arrival = arrival ?? dispatcher.clock()
    let handler = NIOLoopBound(self, eventLoop: eventLoop)
    return AnswerCompletion { result in
      if eventLoop.inEventLoop {
        handler.value.finish(requestID, serial, arrival, count: count, result, write)
      } else {
        eventLoop.execute {
          handler.value.finish(requestID, serial, arrival, count: count, result, write)
        }
      }
    }
  }

  /// Answers, unless the request was cancelled or the connection is gone.
  private func finish<Outcome: Sendable>(
    _ requestID: UInt32, _ serial: UInt64, _ arrival: NIODeadline, count: Int,
    _ result: Result<[Outcome], RPCError>, _ write: Writer<Outcome>
  ) {
    guard let request = state.finish(requestID: requestID, serial: serial) else { return }
    let header = FrameHeader(
      .response, payloadLength: 0, method: request.method, requestID: requestID)
    do throws(RPCError) {
      try dispatcher.checkDeadline(request.deadlineNanoseconds.map { .uptimeNanoseconds($0) })
      let outcomes = try result.get()
      guard outcomes.count == count else {
        throw RPCError(
          code: .internalError, message: "\(outcomes.count) outcomes for \(count) entries")
      }
      try write(outcomes, header, dispatcher.arena, limits.maxFrameBytes, &output)
      dispatcher.countAnswer(request.method, .ok, arrival: arrival)
    } catch {
      dispatcher.writeError(error, header, arrival: arrival, into: &output)
    }
    reportIfSlow(since: arrival, answers: 1)
    scheduleFlush()
  }
}
