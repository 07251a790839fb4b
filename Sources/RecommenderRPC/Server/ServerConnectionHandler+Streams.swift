internal import CRecommenderMessages
internal import NIOCore

// Calls answered by a stream of messages.
extension ServerConnectionHandler {
  /// Takes a RecommendMany in; its messages follow in later turns of the loop.
  func startStream(
    _ header: FrameHeader, _ payload: UnsafeRawBufferPointer, deadline: NIODeadline?,
    trace: TraceID?
  ) throws(RPCError) {
    guard let context else { return }
    try dispatcher.checkDeadline(deadline)
    try checkRoom()
    if state.isFullOfStreams {
      throw RPCError(
        code: .resourceExhausted,
        message: "the connection has its limit of \(limits.maxStreams) streams: wait for one to end"
      )
    }
    let byteCount = RecommendManyCodec.arenaBytes(payloadByteCount: payload.count)
    try reserveRequest(bytes: byteCount)
    let stream: ServerStream
    do throws(RPCError) {
      let arena = MessageArena(capacity: byteCount, capacityMax: byteCount)
      let request = try RecommendManyCodec.decodeRequest(payload, arena: arena)
      let serial = state.begin(
        header, deadlineNanoseconds: deadline.map { $0.uptimeNanoseconds }, isStreamed: true)
      stream = ServerStream(
        request, in: arena, byteCount: byteCount, header: header, serial: serial,
        start: arrival ?? dispatcher.clock(), deadline: deadline, trace: trace)
    } catch {
      dispatcher.statistics.releaseRequest(bytes: byteCount)
      throw error
    }
    streams[header.requestID] = stream
    if let deadline {
      stream.timer = context.eventLoop.assumeIsolated().scheduleTask(
        in: deadline - dispatcher.clock()
      ) { [weak self] in self?.expire(stream) }
    }
    wake(stream)
  }

  private func wake(_ stream: ServerStream) {
    guard let context else { return }
    dispatcher.streams.wake(stream, of: self, on: context.eventLoop)
  }

  /// More may be sent on this stream.
  func wakeStream(_ requestID: UInt32) {
    if let stream = streams[requestID] { wake(stream) }
  }

  /// The client reads again.
  func wakeStreams() {
    for stream in streams.values { wake(stream) }
  }

  /// Sends messages until the credit, the room for output, `limit` or the customers end. Returns how
  /// many were sent. Whoever gives credit or room again wakes the stream.
  func advance(_ stream: ServerStream, atMost limit: Int) -> Int {
    let requestID = stream.header.requestID
    guard streams[requestID] === stream, let context, !state.isClosed else { return 0 }
    guard mayAnswerMore(context) else { return 0 }
    let credit = state.credit(of: requestID, serial: stream.serial)
    let count = min(limit, credit, stream.left)
    var sent = 0
    do throws(RPCError) {
      while sent < count, output.readableBytes < limits.outputHighWatermark {
        try dispatcher.checkDeadline(stream.deadline)
        try dispatcher.recommend(
          stream.takeNext(), answering: stream.header, as: .streamData, into: &output)
        sent += 1
      }
      state.spendCredit(sent, of: requestID)
      if stream.left == 0 {
        try RecommendManyCodec.writeResponse(
          answered: stream.next, stream.header.answer, maxFrameBytes: limits.maxFrameBytes,
          into: &output)
        dispatcher.countAnswer(stream.header.method, .ok, arrival: stream.start)
        end(stream)
      }
    } catch {
      fail(stream, error)
    }
    flushOutput()
    closeIfDone()
    if streams[requestID] === stream, sent < credit, mayAnswerMore(context) { wake(stream) }
    return sent
  }

  private func expire(_ stream: ServerStream) {
    guard streams[stream.header.requestID] === stream else { return }
    fail(stream, RequestDispatcher.deadlineExceeded)
    scheduleFlush()
  }

  private func fail(_ stream: ServerStream, _ error: RPCError) {
    end(stream)
    fail(stream.header, error, arrival: stream.start, trace: stream.trace)
  }

  private func end(_ stream: ServerStream) {
    _ = state.finish(requestID: stream.header.requestID, serial: stream.serial)
    forget(stream)
    reportIfSlow(stream.header, since: stream.start, trace: stream.trace)
  }

  /// Gives back what a stream holds.
  private func forget(_ stream: ServerStream) {
    streams[stream.header.requestID] = nil
    stream.timer?.cancel()
    dispatcher.statistics.releaseRequest(bytes: stream.byteCount)
  }

  /// The client gave the request up; nothing when it is not a stream.
  func cancelStream(_ requestID: UInt32) {
    if let stream = streams[requestID] { forget(stream) }
  }

  /// The connection is over.
  func forgetStreams() {
    for stream in Array(streams.values) { forget(stream) }
  }
}
