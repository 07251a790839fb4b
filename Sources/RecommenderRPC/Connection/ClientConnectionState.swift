/// The client's side of one connection, without sockets, clocks or messages.
///
/// Each request is answered exactly once, also when the client gave it up: an identifier is free
/// again only when its answer has come.
struct ClientConnectionState {
  /// What the next bytes mean for the client.
  enum Event: Equatable {
    case needMoreBytes
    /// The server's preface is good.
    case prefaceAccepted
    /// The answer to a waiting request; the payload follows the header.
    case response(FrameHeader)
    /// The answer to a request that was given up.
    case abandonedResponse
    /// Answer with the same payload.
    case ping(FrameHeader)
    /// Our ping came back.
    case pong
    /// The server will close; the payload says why.
    case goAway(FrameHeader)
    /// Close at once.
    case violation(ConnectionViolation)
  }

  private enum Phase: Equatable { case preface, open, closed }

  let maxFrameBytes: Int
  private var phase = Phase.preface
  private var lastRequestID: UInt32 = 0
  /// True: waited for. False: given up.
  private var unanswered: [UInt32: Bool] = [:]

  init(limits: RPCLimits) { maxFrameBytes = limits.maxFrameBytes }

  var isClosed: Bool { phase == .closed }
  /// Requests without an answer, those given up included.
  var unansweredCount: Int { unanswered.count }

  /// Nothing is read any more.
  mutating func close() {
    phase = .closed
    unanswered.removeAll()
  }

  /// Takes a free identifier into use: counts up, jumps over those in use, never 0.
  mutating func openRequest() -> UInt32 {
    repeat { lastRequestID &+= 1 } while lastRequestID == 0 || unanswered[lastRequestID] != nil
    unanswered[lastRequestID] = true
    return lastRequestID
  }

  /// Takes back an identifier whose request was never sent.
  mutating func forget(_ requestID: UInt32) { unanswered[requestID] = nil }

  /// Gives a request up; false when it is already answered. Tell the server with CANCEL.
  mutating func abandon(_ requestID: UInt32) -> Bool {
    guard unanswered[requestID] == true else { return false }
    unanswered[requestID] = false
    return true
  }

  /// Starts the identifiers anywhere, so that a test need not send four thousand million requests.
  mutating func setLastRequestID(_ requestID: UInt32) { lastRequestID = requestID }

  /// Reads the next preface or frame.
  mutating func receive(_ bytes: UnsafeRawBufferPointer) -> FrameStep<Event> {
    switch phase {
    case .closed: return FrameStep(event: .abandonedResponse, consumed: bytes.count)
    case .preface:
      switch PrefaceReading.read(bytes) {
      case .needMoreBytes: return FrameStep(event: .needMoreBytes, consumed: 0)
      case .violation(let violation): return violate(violation)
      case .accepted:
        phase = .open
        return FrameStep(event: .prefaceAccepted, consumed: ProtocolVersion1.prefaceByteCount)
      }
    case .open: break
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
    case .response:
      switch unanswered.removeValue(forKey: header.requestID) {
      case true?: return .response(header)
      case false?: return .abandonedResponse
      case nil: return .violation(.responseToUnknownRequest(header.requestID))
      }
    case .ping: return .ping(header)
    case .pong: return .pong
    case .goAway: return .goAway(header)
    case .request, .streamData, .endOfStream, .cancel:
      return .violation(.unexpectedFrameType(type))
    }
  }
}
