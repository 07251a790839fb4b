internal import NIOCore

/// One connection of the server on its event loop: feeds the state machine, executes what it finds,
/// and sends the answers of a whole burst of requests in one write.
final class ServerConnectionHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = Never
  typealias OutboundIn = Never
  typealias OutboundOut = ByteBuffer

  enum Farewell: Equatable {
    case none
    /// GO_AWAY and a ping are sent; requests sent before the client saw them still count.
    case announced
    /// The client has seen it: what comes now is refused, and nothing in flight means the end.
    case acknowledged
    /// The last byte is written.
    case closing
  }

  let dispatcher: RequestDispatcher
  let limits: RPCLimits
  let report: @Sendable (RPCServerEvent) -> Void
  private let onClose: (ServerConnectionHandler) -> Void
  /// Whether nothing between this handler and the socket changes what is written.
  private let writesStraight: Bool

  var state: ServerConnectionState
  var context: ChannelHandlerContext?
  var output = ByteBuffer()
  private let straight = StraightOutput()
  var farewell = Farewell.none
  var peer = "?"
  var hasSentPreface = false
  /// Who the client is and what it may call.
  var access: ConnectionAccess
  /// Calls being answered by many messages, by request id.
  var streams: [UInt32: ServerStream] = [:]
  /// Set for a connection that is one too many: it is told so as soon as it is open.
  var refuseAtOnce: ConnectionViolation?
  /// Whether that is worth a warning: not the hundredth in a minute.
  var refusalIsNews = true
  private var pendingInput = ByteBuffer()
  /// When the burst that is being read came; nil outside of one.
  private(set) var arrival: NIODeadline?
  /// Part of a frame, as the limit of all connections counts it.
  private var pendingBytesReserved = 0
  /// Bytes written that the client has not fetched, as the limit of all connections counts them.
  var unsentBytes = 0
  var flushedSinceLook = 0
  /// What says how many there are.
  var measureUnsent: (any Channel) -> Int = ServerConnectionHandler.unsent
  private var isInsideRead = false
  private var isFlushScheduled = false
  private var isReadHeldBack = false
  private var answered: UInt64 = 0
  var lastActivity: NIODeadline
  /// When the peer was asked whether it is still there, and has not said so.
  var pingSent: NIODeadline?
  private var timer: Scheduled<Void>?

  init(
    dispatcher: RequestDispatcher, limits: RPCLimits,
    report: @escaping @Sendable (RPCServerEvent) -> Void,
    access: ConnectionAccess = ConnectionAccess(), writesStraight: Bool = false,
    onClose: @escaping (ServerConnectionHandler) -> Void
  ) {
    self.dispatcher = dispatcher
    self.limits = limits
    self.report = report
    self.access = access
    self.writesStraight = writesStraight
    self.onClose = onClose
    state = ServerConnectionState(limits: limits)
    if access.rights.isEmpty { state.maxFrameBytes = limits.maxUnprovenFrameBytes }
    lastActivity = dispatcher.clock()
  }

  // MARK: Life of the channel

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    peer = context.remoteAddress.map { "\($0)" } ?? "?"
    schedule(after: limits.prefaceTimeout) { handler in
      if !handler.state.hasPreface { handler.violate(.prefaceTimeout) }
    }
    awaitCredentials()
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    timer?.cancel()
    self.context = nil
  }

  func channelActive(context: ChannelHandlerContext) {
    if writesStraight { straight.open(context.channel) }
    if let refuseAtOnce { violate(refuseAtOnce, isNews: refusalIsNews) }
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    straight.close()
    if !state.isClosed, pendingInput.readableBytes > 0 {
      dispatcher.counters.add(.violations)
      report(
        .violation(peer: peer, reason: ConnectionViolation.closedInsideFrame.description))
    }
    state.close()
    timer?.cancel()
    access.leavePlace()
    forgetStreams()
    releasePending()
    forgetUnsent(context)
    onClose(self)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    reportFailure(error)
    context.close(promise: nil)
  }

  // MARK: Reading

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    isInsideRead = true
    var input = Self.unwrapInboundIn(data)
    dispatcher.counters.add(.bytesReceived, input.readableBytes)
    if state.isClosed { return }
    if arrival == nil { arrival = dispatcher.clock() }
    if pendingInput.readableBytes == 0 {
      process(&input)
      guard input.readableBytes > 0, !state.isClosed else { return }
      pendingInput.clear()
      pendingInput.writeBuffer(&input)
    } else {
      pendingInput.writeBuffer(&input)
      if mayAnswerMore(context) { processPending() }
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    isInsideRead = false
    if let arrival { lastActivity = arrival }
    accountForPending()
    flushOutput()
    arrival = nil
    closeIfDone()
    context.fireChannelReadComplete()
  }

  /// A client that does not read its answers is not read from either.
  func read(context: ChannelHandlerContext) {
    if mayAnswerMore(context) || state.isClosed {
      context.read()
    } else {
      isReadHeldBack = true
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    goOnIfThereIsRoom()
    context.fireChannelWritabilityChanged()
  }

  /// Answers what waits and reads on, if the client reads its answers again.
  func goOnIfThereIsRoom() {
    guard let context, mayAnswerMore(context) else { return }
    if pendingInput.readableBytes > 0, !isInsideRead {
      arrival = dispatcher.clock()
      processPending()
      accountForPending()
      flushOutput()
      arrival = nil
      closeIfDone()
    }
    wakeStreams()
    if isReadHeldBack, mayAnswerMore(context) {
      isReadHeldBack = false
      context.read()
    }
  }

  private func processPending() {
    var input = pendingInput
    pendingInput = ByteBuffer()
    process(&input)
    if input.readableBytes == 0 {
      input.clear()
      // Keep the memory for the next frame cut in two, unless one large frame left it large.
      if input.capacity > 1 << 16 { input = ByteBuffer() }
    } else {
      input.discardReadBytes()
    }
    pendingInput = input
  }

  /// What is kept of a frame that has not come whole counts in the limit of all connections.
  private func accountForPending() {
    let bytes = state.isClosed ? 0 : pendingInput.readableBytes
    guard bytes != pendingBytesReserved else { return }
    let statistics = dispatcher.statistics
    statistics.release(bytes: pendingBytesReserved)
    pendingBytesReserved = 0
    if statistics.reserve(bytes: bytes, limits: limits) {
      pendingBytesReserved = bytes
    } else {
      pendingInput = ByteBuffer()
      violate(.serverBytesExhausted(limit: limits.maxServerBytesInFlight))
    }
  }

  private func releasePending() {
    dispatcher.statistics.release(bytes: pendingBytesReserved)
    pendingBytesReserved = 0
  }

  /// Executes whole frames until the bytes end, the connection ends, or too many answers wait to be
  /// sent.
  private func process(_ input: inout ByteBuffer) {
    let flushBytes =
      isServerFullOfUnsent
      ? min(UnsentOutput.lookBytes, limits.outputHighWatermark) : limits.outputHighWatermark
    _ = input.readWithUnsafeReadableBytes { bytes in
      var (offset, outlook) = (0, 0)
      while offset < bytes.count {
        if offset >= outlook, state.hasPreface {
          outlook =
            offset + dispatcher.look(ahead: UnsafeRawBufferPointer(rebasing: bytes[offset...]))
        }
        let step = state.receive(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
        let payloadStart = min(offset + FrameHeader.byteCount, offset + step.consumed)
        let payload = UnsafeRawBufferPointer(
          rebasing: bytes[payloadStart..<(offset + step.consumed)])
        handle(step.event, payload: payload)
        if step.consumed == 0 { break }
        offset += step.consumed
        if output.readableBytes >= flushBytes {
          flushOutput()
          guard let context, mayAnswerMore(context) else { break }
        }
      }
      return state.isClosed ? bytes.count : offset
    }
  }

  private func handle(_ event: ServerConnectionState.Event, payload: UnsafeRawBufferPointer) {
    switch event {
    case .request(let header, let method):
      answered += 1
      guard admits(header) else { return }
      start(method, header, payload)
    case .needMoreBytes, .ignored: break
    case .prefaceAccepted:
      timer?.cancel()
      hasSentPreface = true
      output.writeBytes(ProtocolVersion1.preface)
      passGate()
      watchSilence()
    case .refuse(let header, let code, let reason):
      answered += 1
      guard admits(header) else { return }
      fail(header, RPCError(code: code, message: reason), trace: Self.trace(of: header, payload))
    case .credited(let requestID): wakeStream(requestID)
    case .credentials: present(payload)
    case .cancelled(let header):
      cancelStream(header.requestID)
      dispatcher.writeError(
        RPCError(code: .cancelled, message: "cancelled by the caller"), header, into: &output)
    case .ping(let header):
      output.writeFrame(
        FrameHeader(.pong, payloadLength: payload.count, requestID: header.requestID),
        payload: payload)
    case .pong:
      if farewell == .announced, payload.elementsEqual(Self.farewellPing) {
        acknowledgeFarewell()
      }
    case .peerGoingAway: farewell = .acknowledged
    case .violation(let violation): violate(explained(violation))
    }
  }

  // MARK: Writing

  /// Sends what is in `output` now.
  func flushOutput() {
    dispatcher.statistics.addRequests(answered)
    answered = 0
    if dispatcher.counters.isInsideBurst { endBurst() }
    guard output.readableBytes > 0, let context else { return }
    dispatcher.counters.add(.bytesSent, output.readableBytes)
    flushedSinceLook += output.readableBytes
    straight.write(&output, context)
    // Usually all is sent and the memory ours again; otherwise `clear` takes new memory.
    if output.capacity > 2 * limits.outputHighWatermark {
      output = ByteBuffer()
    } else {
      output.clear()
    }
    if flushedSinceLook >= UnsentOutput.lookBytes || unsentBytes > 0 { countUnsent() }
  }

  /// The answers of this burst are about to be written: their time is known.
  private func endBurst() {
    let start = arrival ?? dispatcher.clock()
    dispatcher.counters.endBurst(nanoseconds: dispatcher.nanoseconds(since: start))
  }

  /// Sends what is in `output` when everything that is ready in this turn of the loop has been added.
  func scheduleFlush() {
    guard !isInsideRead, !isFlushScheduled, let context else { return }
    isFlushScheduled = true
    context.eventLoop.assumeIsolated().execute {
      self.isFlushScheduled = false
      self.flushOutput()
      self.closeIfDone()
    }
  }

  // MARK: Time

  /// Replaces the connection's timer.
  func schedule(after delay: TimeAmount, _ body: @escaping (ServerConnectionHandler) -> Void) {
    timer?.cancel()
    guard let context else { return }
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
      if let self { body(self) }
    }
  }
}
