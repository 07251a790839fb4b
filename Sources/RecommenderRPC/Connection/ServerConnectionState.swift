/// The server's side of one connection, without sockets, clocks or messages.
///
/// It is fed bytes and says what they ask for; it knows which requests still wait for a result, so
/// that an identifier is never in use twice and a late result never answers another request, and how
/// many messages each stream may still send.
struct ServerConnectionState {
  /// What the next bytes ask of the server.
  enum Event: Equatable {
    case needMoreBytes
    /// The client's preface is good: send ours.
    case prefaceAccepted
    /// Execute; the payload follows the header.
    case request(FrameHeader, MethodNumber)
    /// Answer with a status; the connection goes on.
    case refuse(FrameHeader, StatusCode, reason: String)
    /// The client gave up this request, which was in flight and no longer is: answer CANCELLED.
    case cancelled(FrameHeader)
    /// This stream may send more messages than before.
    case credited(UInt32)
    /// The payload is a token that says who the client is.
    case credentials
    /// Answer with the same payload.
    case ping(FrameHeader)
    /// Our ping came back; the payload says which.
    case pong
    /// The client will send no more requests.
    case peerGoingAway
    /// Nothing to do.
    case ignored
    /// Say farewell and close.
    case violation(ConnectionViolation)
  }

  /// A request that waits for its result.
  struct InFlight: Equatable {
    /// Tells apart uses of one request id over time.
    var serial: UInt64
    var method: UInt16
    /// On the server's clock, in nanoseconds; nil without a deadline.
    var deadlineNanoseconds: UInt64?
    /// Messages that may still be sent; nil when the request is not streamed.
    var credit: Int?
  }

  private enum Phase: Equatable { case preface, open, draining, closed }

  /// Less for a client that must still say who it is.
  var maxFrameBytes: Int
  let maxRequestsInFlight: Int
  let maxStreams: Int
  private var phase = Phase.preface
  private var inFlight: [UInt32: InFlight] = [:]
  private var nextSerial: UInt64 = 0
  private(set) var streamCount = 0

  init(limits: RPCLimits) {
    maxFrameBytes = limits.maxFrameBytes
    maxRequestsInFlight = limits.maxRequestsInFlight
    maxStreams = limits.maxStreams
  }

  var hasPreface: Bool { phase != .preface }
  var isClosed: Bool { phase == .closed }
  var inFlightCount: Int { inFlight.count }
  var isFull: Bool { inFlight.count >= maxRequestsInFlight }
  var isFullOfStreams: Bool { streamCount >= maxStreams }

  /// From now on requests are refused with UNAVAILABLE.
  mutating func beginRefusing() {
    if phase == .open { phase = .draining }
  }

  /// Nothing is read any more.
  mutating func close() {
    phase = .closed
    inFlight.removeAll()
    streamCount = 0
  }

  /// Notes a request whose result comes later; returns the serial that must come with the result.
  mutating func begin(
    _ header: FrameHeader, deadlineNanoseconds: UInt64?, isStreamed: Bool = false
  ) -> UInt64 {
    precondition(inFlight[header.requestID] == nil && !isFull)
    precondition(!isStreamed || !isFullOfStreams)
    nextSerial += 1
    inFlight[header.requestID] = InFlight(
      serial: nextSerial, method: header.method, deadlineNanoseconds: deadlineNanoseconds,
      credit: isStreamed ? ProtocolVersion1.initialStreamCredit : nil)
    if isStreamed { streamCount += 1 }
    return nextSerial
  }

  /// Takes the request out when this result is the one it waits for; nil for a late or second one.
  mutating func finish(requestID: UInt32, serial: UInt64) -> InFlight? {
    guard let found = inFlight[requestID], found.serial == serial else { return nil }
    return remove(requestID)
  }

  /// Messages that this stream may send now; 0 for one that is over.
  func credit(of requestID: UInt32, serial: UInt64) -> Int {
    guard let found = inFlight[requestID], found.serial == serial else { return 0 }
    return found.credit ?? 0
  }

  /// Takes note of messages that were sent, at most as many as the credit allows.
  mutating func spendCredit(_ count: Int, of requestID: UInt32) {
    guard count > 0, let credit = inFlight[requestID]?.credit else { return }
    precondition(count <= credit, "a stream sent \(count) messages with a credit of \(credit)")
    inFlight[requestID]?.credit = credit - count
  }

  private mutating func remove(_ requestID: UInt32) -> InFlight? {
    guard let found = inFlight.removeValue(forKey: requestID) else { return nil }
    if found.credit != nil { streamCount -= 1 }
    return found
  }

  /// Reads the next preface or frame.
  mutating func receive(_ bytes: UnsafeRawBufferPointer) -> FrameStep<Event> {
    switch phase {
    case .closed: return FrameStep(event: .ignored, consumed: bytes.count)
    case .preface:
      switch PrefaceReading.read(bytes) {
      case .needMoreBytes: return FrameStep(event: .needMoreBytes, consumed: 0)
      case .violation(let violation): return violate(violation)
      case .accepted:
        phase = .open
        return FrameStep(event: .prefaceAccepted, consumed: ProtocolVersion1.prefaceByteCount)
      }
    case .open, .draining: break
    }
    switch Envelope.read(bytes, maxFrameBytes: maxFrameBytes) {
    case .needMoreBytes: return FrameStep(event: .needMoreBytes, consumed: 0)
    case .violation(let violation): return violate(violation)
    case .frame(let header, let type):
      let event = interpret(header, type)
      if case .violation(let violation) = event { return violate(violation) }
      return FrameStep(event: event, consumed: header.frameByteCount)
    }
  }

  private mutating func violate(_ violation: ConnectionViolation) -> FrameStep<Event> {
    close()
    return FrameStep(event: .violation(violation), consumed: 0)
  }

  private mutating func interpret(_ header: FrameHeader, _ type: FrameType) -> Event {
    switch type {
    case .request: return interpretRequest(header)
    case .streamData, .endOfStream:
      // Of a streamed request that was refused, the rest may already be on its way.
      guard let found = inFlight[header.requestID] else { return .ignored }
      if type == .endOfStream, found.credit != nil { return .ignored }
      return .violation(.streamDataOnUnaryRequest(header.requestID))
    case .cancel:
      guard let found = remove(header.requestID) else { return .ignored }
      var answer = header
      answer.method = found.method
      return .cancelled(answer)
    case .credit: return interpretCredit(header)
    case .credentials: return .credentials
    case .ping: return .ping(header)
    case .pong: return .pong
    case .goAway: return .peerGoingAway
    case .response: return .violation(.unexpectedFrameType(.response))
    }
  }

  private mutating func interpretCredit(_ header: FrameHeader) -> Event {
    // The stream may have ended while the credit was on its way.
    guard let found = inFlight[header.requestID] else { return .ignored }
    guard let credit = found.credit else {
      return .violation(.creditOnUnaryRequest(header.requestID))
    }
    let limit = ProtocolVersion1.maxStreamCredit
    guard Int(header.word) <= limit - credit else {
      return .violation(.tooMuchCredit(header.requestID, limit: limit))
    }
    inFlight[header.requestID]?.credit = credit + Int(header.word)
    return .credited(header.requestID)
  }

  private func interpretRequest(_ header: FrameHeader) -> Event {
    if header.requestID == 0 { return .violation(.requestIDZero) }
    if !inFlight.isEmpty, inFlight[header.requestID] != nil {
      return .violation(.requestIDInFlight(header.requestID))
    }
    if phase == .draining {
      return .refuse(
        header, .unavailable, reason: "the server is going away: repeat on a new connection")
    }
    guard let method = MethodNumber(rawValue: header.method) else {
      return .refuse(header, .unimplemented, reason: "method \(header.method) is not known")
    }
    if header.flags == 0, !method.isStreamed { return .request(header, method) }
    if (header.flags & FrameFlags.streamed != 0) != method.isStreamed {
      let reason =
        method.isStreamed
        ? "\(method.name) is a streamed method: set the flag STREAMED"
        : "\(method.name) is not a streamed method"
      return .refuse(header, .unimplemented, reason: reason)
    }
    if header.flags & FrameFlags.traced != 0,
      header.payloadLength < ProtocolVersion1.traceIDByteCount
    {
      return .refuse(
        header, .invalidArgument, reason: "a traced request begins with 16 bytes of trace id")
    }
    return .request(header, method)
  }
}
