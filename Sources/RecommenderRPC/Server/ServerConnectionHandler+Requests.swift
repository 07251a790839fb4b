internal import NIOCore

// From a whole request to the method that answers it.
extension ServerConnectionHandler {
  /// Executes one request, or begins to.
  func start(
    _ method: MethodNumber, _ header: FrameHeader, _ payload: UnsafeRawBufferPointer
  ) {
    let deadline =
      header.word == 0
      ? nil : dispatcher.deadline(of: header, arrival: arrival ?? dispatcher.clock())
    if header.flags == 0, !method.isAnsweredLater {
      do throws(RPCError) {
        try dispatcher.execute(method, header, payload: payload, deadline: deadline, into: &output)
      } catch {
        fail(header, error, trace: nil)
      }
      return
    }
    let trace = Self.trace(of: header, payload)
    let message =
      trace == nil
      ? payload
      : UnsafeRawBufferPointer(rebasing: payload[ProtocolVersion1.traceIDByteCount...])
    do throws(RPCError) {
      if method.isStreamed {
        try startStream(header, message, deadline: deadline, trace: trace)
      } else if method.isAnsweredLater {
        try startDeferred(method, header, message, deadline: deadline, trace: trace)
      } else {
        let begin = dispatcher.clock()
        defer { reportIfSlow(header, since: begin, trace: trace) }
        try dispatcher.execute(method, header, payload: message, deadline: deadline, into: &output)
      }
    } catch {
      fail(header, error, trace: trace)
    }
  }

  /// Answers a request with an error.
  ///
  /// `arrival` is given for one that came with an earlier burst.
  func fail(
    _ header: FrameHeader, _ error: RPCError, arrival: NIODeadline? = nil, trace: TraceID?
  ) {
    dispatcher.writeError(error, header, arrival: arrival, into: &output)
    report(
      .requestFailed(
        peer: peer,
        request: ReportedRequest(
          method: header.method, requestID: header.requestID, trace: trace), error: error))
  }
}
