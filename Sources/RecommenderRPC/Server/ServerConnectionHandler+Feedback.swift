internal import NIOCore

extension ServerConnectionHandler {
  /// Hands events to the service, whose result comes back through `finishFeedback`.
  func startFeedback(
    _ header: FrameHeader, _ payload: UnsafeRawBufferPointer, deadline: NIODeadline?
  ) {
    guard let context else { return }
    let events: [FeedbackEvent]
    do throws(RPCError) {
      try dispatcher.checkDeadline(deadline)
      events = try FeedbackCodec.decodeRequest(payload, arena: dispatcher.arena)
      if state.isFull {
        throw RPCError(
          code: .resourceExhausted,
          message: "the connection has its limit of \(limits.maxRequestsInFlight) requests in"
            + " flight: wait for answers")
      }
    } catch {
      dispatcher.writeError(error, header, into: &output)
      return
    }
    let serial = state.begin(
      header, deadlineNanoseconds: deadline.map { $0.uptimeNanoseconds })
    let requestID = header.requestID
    let count = events.count
    let eventLoop = context.eventLoop
    let handler = NIOLoopBound(self, eventLoop: eventLoop)
    let completion = FeedbackCompletion { result in
      if eventLoop.inEventLoop {
        handler.value.finishFeedback(requestID, serial: serial, eventCount: count, result)
      } else {
        eventLoop.execute {
          handler.value.finishFeedback(requestID, serial: serial, eventCount: count, result)
        }
      }
    }
    dispatcher.methods.feedback(events, completion: completion)
  }

  /// Answers, unless the request was cancelled or the connection is gone.
  private func finishFeedback(
    _ requestID: UInt32, serial: UInt64, eventCount: Int,
    _ result: Result<[FeedbackOutcome], RPCError>
  ) {
    guard let request = state.finish(requestID: requestID, serial: serial) else { return }
    let header = FrameHeader(
      .response, payloadLength: 0, method: request.method, requestID: requestID)
    do throws(RPCError) {
      try dispatcher.checkDeadline(request.deadlineNanoseconds.map { .uptimeNanoseconds($0) })
      let outcomes = try result.get()
      guard outcomes.count == eventCount else {
        throw RPCError(
          code: .internalError, message: "\(outcomes.count) outcomes for \(eventCount) events")
      }
      try FeedbackCodec.writeResponse(
        outcomes, header, arena: dispatcher.arena, maxFrameBytes: limits.maxFrameBytes,
        into: &output)
    } catch {
      dispatcher.writeError(error, header, into: &output)
    }
    scheduleFlush()
  }
}
