internal import CRecommenderMessages
internal import NIOCore

/// One RecommendMany that is being answered.
final class ServerStream {
  /// The request; its answers carry its identifier.
  let header: FrameHeader
  let serial: UInt64
  let deadline: NIODeadline?
  let start: NIODeadline
  let trace: TraceID?
  /// What its memory counts as in the limit of all connections.
  let byteCount: Int
  /// The customer answered next.
  private(set) var next = 0
  /// Whether it waits for its turn.
  var isScheduled = false
  var timer: Scheduled<Void>?
  /// Holds what `request` points to.
  private let arena: MessageArena
  private let request: TellerRecommendManyRequest

  init(
    _ request: TellerRecommendManyRequest, in arena: MessageArena, byteCount: Int,
    header: FrameHeader, serial: UInt64, start: NIODeadline, deadline: NIODeadline?,
    trace: TraceID?
  ) {
    self.request = request
    self.arena = arena
    self.byteCount = byteCount
    self.header = header
    self.serial = serial
    self.start = start
    self.deadline = deadline
    self.trace = trace
  }

  var left: Int { request.user_count - next }

  /// The next customer's request, as Recommend would have brought it; valid as long as the stream.
  func takeNext() -> TellerRecommendRequest {
    var one = request.each
    if let user = request.user_ids[next] {
      one.user_id = UnsafePointer(user)
      one.user_id_length = teller_text_length(user)
    }
    next += 1
    return one
  }
}

/// Deals out turns to the streams of one event loop, so that no stream, and not all of them
/// together, keep other requests waiting for longer than a slice takes.
final class StreamSchedule {
  /// Most messages sent in one turn of the event loop.
  static let answersPerTurn = 64
  /// Time between two turns. Not 0: the loop runs all tasks that are due before it looks at its
  /// sockets again.
  static let pause: TimeAmount = .microseconds(10)

  private var ready = CircularBuffer<(ServerStream, ServerConnectionHandler)>()
  private var isTurnScheduled = false

  /// Puts a stream behind those that wait; nothing when it waits already.
  func wake(
    _ stream: ServerStream, of handler: ServerConnectionHandler, on eventLoop: any EventLoop
  ) {
    guard !stream.isScheduled else { return }
    stream.isScheduled = true
    ready.append((stream, handler))
    scheduleTurn(on: eventLoop)
  }

  private func scheduleTurn(on eventLoop: any EventLoop) {
    guard !isTurnScheduled else { return }
    isTurnScheduled = true
    eventLoop.assumeIsolated().scheduleTask(in: Self.pause) {
      self.isTurnScheduled = false
      self.takeTurn(on: eventLoop)
    }
  }

  /// Streams share the turn's messages until they are used up.
  private func takeTurn(on eventLoop: any EventLoop) {
    var messagesLeft = Self.answersPerTurn
    while messagesLeft > 0, let (stream, handler) = ready.popFirst() {
      stream.isScheduled = false
      messagesLeft -= handler.advance(stream, atMost: messagesLeft)
    }
    if !ready.isEmpty { scheduleTurn(on: eventLoop) }
  }
}
