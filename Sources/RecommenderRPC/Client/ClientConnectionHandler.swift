internal import NIOCore

/// One connection of a client on its event loop: hands each answer to the call that waits for it.
final class ClientConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// Encodes a request under the header given to it.
  typealias Encoder = (FrameHeader, MessageArena, inout ByteBuffer) throws(RPCError) -> Void
  /// Gets the answer's payload, or why there is none. Called exactly once, on the event loop.
  typealias Completion = (Result<UnsafeRawBufferPointer, RPCError>, MessageArena) -> Void

  /// Gets one message of a stream, on the event loop.
  typealias Receiver = (UnsafeRawBufferPointer, MessageArena) -> Void

  private struct Call {
    var completion: Completion
    var receiver: Receiver?
    var timer: Scheduled<Void>?
  }

  private let limits: RPCLimits
  private let arena = MessageArena()
  var state: ClientConnectionState
  private(set) var context: ChannelHandlerContext?
  private var calls: [UInt32: Call] = [:]
  var pings = WaitingPings()
  private var pendingInput = ByteBuffer()
  var output = ByteBuffer()
  private var isFlushScheduled = false
  private var hasBegun = false
  private var farewell: RPCError?
  private var onReady: ((RPCError?) -> Void)?
  private let token: String?

  /// `onReady` is called once: with nil when the server's preface has come, else with the error.
  /// A token is presented before anything is asked.
  init(limits: RPCLimits, token: String? = nil, onReady: @escaping (RPCError?) -> Void) {
    self.token = token
    self.limits = limits
    self.onReady = onReady
    state = ClientConnectionState(limits: limits)
  }

  // MARK: Calls

  /// Sends a request; `timeout` nil waits for as long as the connection lives. Returns the request's
  /// identifier, or nil when it has been completed already. A `receiver` makes it a streamed call.
  func call(
    _ method: MethodNumber, timeout: Duration?, trace: TraceID? = nil, encode: Encoder,
    receiver: Receiver? = nil, completion: @escaping Completion
  ) -> UInt32? {
    let milliseconds = timeout.map { Self.milliseconds($0) }
    if let refusal = refusal(milliseconds: milliseconds) {
      completion(.failure(refusal), arena)
      return nil
    }
    let requestID = state.openRequest(isStreamed: receiver != nil)
    let header = FrameHeader(
      .request, payloadLength: 0, flags: receiver == nil ? 0 : FrameFlags.streamed,
      method: method.rawValue, requestID: requestID, word: milliseconds ?? 0)
    do throws(RPCError) {
      let start = output.writerIndex
      try encode(header, arena, &output)
      if let trace { output.putTrace(trace, intoFrameAt: start) }
    } catch {
      state.forget(requestID)
      completion(.failure(error), arena)
      return nil
    }
    let timer = schedule(afterMilliseconds: milliseconds) { self.giveUp(requestID, $0) }
    calls[requestID] = Call(completion: completion, receiver: receiver, timer: timer)
    scheduleFlush()
    return requestID
  }

  /// Why nothing can be sent; nil when it can.
  func refusal(milliseconds: UInt32?) -> RPCError? {
    guard context != nil, farewell == nil, !state.isClosed else {
      return farewell ?? RPCError(code: .unavailable, message: "the connection is closed")
    }
    if milliseconds != 0 { return nil }
    return RPCError(code: .deadlineExceeded, message: "no time was left for the call")
  }

  /// Gives something up when its time has passed; nil never does.
  func schedule(
    afterMilliseconds milliseconds: UInt32?, _ giveUp: @escaping (RPCError) -> Void
  ) -> Scheduled<Void>? {
    guard let context, let milliseconds else { return nil }
    return context.eventLoop.assumeIsolated().scheduleTask(
      in: .milliseconds(Int64(milliseconds))
    ) {
      giveUp(RPCError(code: .deadlineExceeded, message: "no answer within \(milliseconds) ms"))
    }
  }

  /// Ends a call that still waits, and tells the server.
  func giveUp(_ requestID: UInt32, _ error: RPCError) {
    guard state.abandon(requestID), let call = calls.removeValue(forKey: requestID) else { return }
    call.timer?.cancel()
    output.writeFrame(FrameHeader(.cancel, payloadLength: 0, requestID: requestID))
    scheduleFlush()
    call.completion(.failure(error), arena)
  }

  /// Lets the server send more messages of a stream.
  func grant(_ count: Int, to requestID: UInt32) {
    guard state.grant(count, to: requestID) else { return }
    output.writeFrame(
      FrameHeader(.credit, payloadLength: 0, requestID: requestID, word: UInt32(count)))
    scheduleFlush()
  }

  /// Whole milliseconds rounded up, so that a short timeout does not become none.
  static func milliseconds(_ duration: Duration) -> UInt32 {
    let (seconds, attoseconds) = duration.components
    if seconds < 0 || attoseconds < 0 { return 0 }
    if seconds >= Int64(UInt32.max / 1000) { return UInt32.max }
    let attosecondsPerMillisecond: Int64 = 1_000_000_000_000_000
    let rest = (attoseconds + attosecondsPerMillisecond - 1) / attosecondsPerMillisecond
    return UInt32(seconds) * 1000 + UInt32(rest)
  }

  /// Says that no more requests come, and closes when everything is answered.
  func close() {
    farewell = farewell ?? RPCError(code: .unavailable, message: "the client was closed")
    closeIfDone()
  }

  func closeIfDone() {
    if farewell != nil, state.unansweredCount == 0 && pings.isEmpty || state.isClosed {
      flush()
      context?.close(promise: nil)
    }
  }

  // MARK: Life of the channel

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    if context.channel.isActive { begin() }
  }

  func channelActive(context: ChannelHandlerContext) {
    begin()
    context.fireChannelActive()
  }

  private func begin() {
    guard let context, !hasBegun else { return }
    hasBegun = true
    var greeting = ByteBuffer()
    greeting.writeGreeting(token: token)
    context.writeAndFlush(Self.wrapOutboundOut(greeting), promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    end(RPCError(code: .unavailable, message: "the server closed the connection"))
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    end(
      TLSFailure.clientError(error, in: context)
        ?? RPCError(code: .unavailable, message: "the connection failed: \(error)"))
    context.close(promise: nil)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    end(RPCError(code: .unavailable, message: "the connection is closed"))
    self.context = nil
  }

  /// Every call that waits fails; the first reason given stays.
  private func end(_ error: RPCError) {
    let error = farewell.flatMap { $0.code == .unavailable ? nil : $0 } ?? error
    farewell = farewell ?? error
    state.close()
    let unanswered = calls
    calls.removeAll()
    for call in unanswered.values {
      call.timer?.cancel()
      call.completion(.failure(error), arena)
    }
    failPings(error)
    onReady?(error)
    onReady = nil
  }

  // MARK: Reading

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var input = Self.unwrapInboundIn(data)
    if pendingInput.readableBytes > 0 {
      pendingInput.writeBuffer(&input)
      swap(&input, &pendingInput)
    }
    process(&input)
    pendingInput.clear()
    if input.readableBytes > 0 { pendingInput.writeBuffer(&input) }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    flush()
    if farewell != nil { closeIfDone() }
    context.fireChannelReadComplete()
  }

  private func process(_ input: inout ByteBuffer) {
    _ = input.readWithUnsafeReadableBytes { bytes in
      var offset = 0
      while offset < bytes.count {
        let step = state.receive(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
        let start = min(offset + FrameHeader.byteCount, offset + step.consumed)
        handle(
          step.event,
          payload: UnsafeRawBufferPointer(rebasing: bytes[start..<(offset + step.consumed)]))
        if step.consumed == 0 { break }
        offset += step.consumed
      }
      return state.isClosed ? bytes.count : offset
    }
  }

  private func handle(_ event: ClientConnectionState.Event, payload: UnsafeRawBufferPointer) {
    switch event {
    case .needMoreBytes, .abandonedResponse: break
    case .pong: answerPing(payload)
    case .prefaceAccepted:
      onReady?(nil)
      onReady = nil
    case .response(let header):
      guard let call = calls.removeValue(forKey: header.requestID) else { return }
      call.timer?.cancel()
      if header.status == .ok {
        call.completion(.success(payload), arena)
      } else {
        let error = RPCError(code: header.status, message: ProtocolVersion1.text(payload))
        call.completion(.failure(error), arena)
      }
    case .streamData(let header): calls[header.requestID]?.receiver?(payload, arena)
    case .ping(let header):
      output.writeFrame(
        FrameHeader(.pong, payloadLength: payload.count, requestID: header.requestID),
        payload: payload)
    case .goAway(let header):
      // A farewell without a fault still means that this connection takes no more requests.
      farewell = RPCError(
        code: header.status == .ok ? .unavailable : header.status,
        message: ProtocolVersion1.text(payload))
    case .violation(let violation):
      end(
        RPCError(
          code: violation == .tlsInstead ? .unauthenticated : .internalError,
          message: violation == .tlsInstead
            ? "the server speaks TLS on this port: connect with TLS"
            : "the server broke the protocol: \(violation)"))
      context?.close(promise: nil)
    }
  }

  // MARK: Writing

  private func flush() {
    guard output.readableBytes > 0, let context else { return }
    context.writeAndFlush(Self.wrapOutboundOut(output), promise: nil)
    output.clear()
  }

  /// Requests made in one turn of the loop leave in one write.
  func scheduleFlush() {
    guard !isFlushScheduled, let context else { return }
    isFlushScheduled = true
    context.eventLoop.assumeIsolated().execute {
      self.isFlushScheduled = false
      self.flush()
    }
  }
}
