internal import NIOCore

/// One connection of the load generator. It reads headers only, so that it costs little beside the
/// server it measures.
final class LoadConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// What one connection saw.
  struct Result: Sendable {
    var histogram = LatencyHistogram()
    var requests: UInt64 = 0
    var errors: UInt64 = 0
  }

  /// Open loop: the shortest time between two looks at what is due.
  private static let minimumWaitNanoseconds: UInt64 = 100_000

  private let templates: any RequestTemplates
  private let token: String?
  private let outstanding: Int
  /// Open loop: nanoseconds between two requests of this connection; nil in a closed loop.
  private let interval: Double?
  private let done: EventLoopPromise<Result>
  /// What all connections of this event loop saw, second by second; nil when nobody asks.
  private let timeline: LoadTimeline?
  private var random: SplitMix64
  private var result = Result()
  private var context: ChannelHandlerContext?
  private var output = ByteBuffer()
  private var pendingInput = ByteBuffer()
  private var hasPreface = false
  private var isRunning = true
  private var isDone = false
  /// When the request of each slot was sent or due; a slot's request id is its index and one.
  private var startedAt: [UInt64]
  private var isBusy: [Bool]
  private var freeSlots: [Int]
  private var firstDue: UInt64 = 0
  private var dueCount: UInt64 = 0
  /// Numbers the requests: the connection in the high bits, so that none comes twice.
  private var serial: UInt64

  init(
    templates: any RequestTemplates, token: String?, outstanding: Int, interval: Double?,
    seed: UInt64, number: Int, timeline: LoadTimeline? = nil,
    done: EventLoopPromise<Result>
  ) {
    self.templates = templates
    self.token = token
    self.outstanding = outstanding
    self.interval = interval
    self.done = done
    self.timeline = timeline
    serial = UInt64(number) << 40
    random = SplitMix64(seed: seed)
    startedAt = Array(repeating: 0, count: outstanding)
    isBusy = Array(repeating: false, count: outstanding)
    freeSlots = Array((0..<outstanding).reversed())
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }
  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func channelActive(context: ChannelHandlerContext) {
    output.writeGreeting(token: token)
    flush()
  }

  func channelInactive(context: ChannelHandlerContext) { finish() }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  /// Sends no more; the result comes when everything is answered, or after `patience`.
  func stop(patience: TimeAmount) {
    isRunning = false
    finishIfQuiet()
    guard let context, !isDone else { return }
    context.eventLoop.assumeIsolated().scheduleTask(in: patience) { self.finish() }
  }

  private func finishIfQuiet() {
    if !isRunning, freeSlots.count == outstanding { finish() }
  }

  private func finish() {
    guard !isDone else { return }
    isDone = true
    isRunning = false
    result.errors += UInt64(outstanding - freeSlots.count)
    done.succeed(result)
    context?.close(promise: nil)
  }

  // MARK: Reading

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var input = Self.unwrapInboundIn(data)
    if pendingInput.readableBytes > 0 {
      pendingInput.writeBuffer(&input)
      swap(&input, &pendingInput)
    }
    let now = NIODeadline.now().uptimeNanoseconds
    _ = input.readWithUnsafeReadableBytes { bytes in
      var offset = 0
      while offset < bytes.count {
        let consumed = read(UnsafeRawBufferPointer(rebasing: bytes[offset...]), now: now)
        if consumed == 0 { break }
        offset += consumed
      }
      return offset
    }
    pendingInput.clear()
    if input.readableBytes > 0 { pendingInput.writeBuffer(&input) }
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    flush()
    finishIfQuiet()
  }

  private func read(_ bytes: UnsafeRawBufferPointer, now: UInt64) -> Int {
    if !hasPreface {
      guard bytes.count >= ProtocolVersion1.prefaceByteCount else { return 0 }
      hasPreface = true
      start(now: now)
      return ProtocolVersion1.prefaceByteCount
    }
    guard case .frame(let header, let type) = Envelope.read(bytes, maxFrameBytes: .max) else {
      return 0
    }
    if type == .response { complete(header, now: now) }
    return header.frameByteCount
  }

  private func complete(_ header: FrameHeader, now: UInt64) {
    let slot = Int(header.requestID) - 1
    guard slot >= 0, slot < outstanding, isBusy[slot] else {
      result.errors += 1
      return
    }
    if header.word == 0 {
      let time = now - min(now, startedAt[slot])
      result.requests += 1
      result.histogram.record(nanoseconds: time)
      timeline?.recordAnswer(nanoseconds: time, now: now)
    } else {
      result.errors += 1
      timeline?.recordError(now: now)
    }
    isBusy[slot] = false
    freeSlots.append(slot)
    if isRunning, interval == nil { send(startedAt: now) }
  }

  // MARK: Writing

  private func start(now: UInt64) {
    if interval == nil {
      for _ in 0..<outstanding { send(startedAt: now) }
    } else {
      // Connections begin at random parts of the interval, so that they do not fire together.
      firstDue = now + random.next() % UInt64(max(1, interval ?? 1))
      sendDue()
    }
  }

  private func send(startedAt time: UInt64) {
    guard let slot = freeSlots.popLast() else {
      result.errors += 1
      timeline?.recordError(now: time)
      return
    }
    startedAt[slot] = time
    isBusy[slot] = true
    serial += 1
    templates.write(
      random.next(below: templates.count), requestID: UInt32(slot + 1), serial: serial,
      into: &output)
  }

  /// Open loop: sends what is due and comes back when the next request is.
  private func sendDue() {
    guard isRunning, let interval, let context else { return }
    let now = NIODeadline.now().uptimeNanoseconds
    var due = firstDue + UInt64(Double(dueCount) * interval)
    while due <= now {
      send(startedAt: due)
      dueCount += 1
      due = firstDue + UInt64(Double(dueCount) * interval)
    }
    flush()
    // Above some rate a wake-up for every request would measure this side of the connection. What is
    // sent late because of it was due when it was due: its latency has the wait in it.
    let wait = max(due - now, Self.minimumWaitNanoseconds)
    context.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(Int64(wait))) {
      self.sendDue()
    }
  }

  private func flush() {
    guard output.readableBytes > 0, let context else { return }
    context.writeAndFlush(Self.wrapOutboundOut(output), promise: nil)
    output.clear()
  }
}
