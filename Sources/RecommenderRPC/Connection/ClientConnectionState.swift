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
    /// One message of a waiting stream; the payload follows the header.
    case streamData(FrameHeader)
    /// The answer to a request that was given up, or a message of one.
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
  private var unanswered: [UInt32: Unanswered] = [:]

  private struct Unanswered {
    /// False when the request was given up.
    var isWaitedFor = true
    /// Messages the server may still send; nil when the request is not streamed.
    var credit: Int?
  }

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
  mutating func openRequest(isStreamed: Bool = false) -> UInt32 {
    repeat { lastRequestID &+= 1 } while lastRequestID == 0 || unanswered[lastRequestID] != nil
    unanswered[lastRequestID] = Unanswered(
      credit: isStreamed ? ProtocolVersion1.initialStreamCredit : nil)
    return lastRequestID
  }

  /// Takes back an identifier whose request was never sent.
  mutating func forget(_ requestID: UInt32) { unanswered[requestID] = nil }

  /// Gives a request up; false when it is already answered. Tell the server with CANCEL.
  mutating func abandon(_ requestID: UInt32) -> Bool {
    guard unanswered[requestID]?.isWaitedFor == true else { return false }
    unanswered[requestID]?.isWaitedFor = false
    return true
  }

  /// Lets a stream send more; false when it is over or given up, or may send enough already.
  mutating func grant(_ count: Int, to requestID: UInt32) -> Bool {
    guard let found = unanswered[requestID], found.isWaitedFor, let credit = found.credit,
      credit + count <= ProtocolVersion1.maxStreamCredit
    else { return false }
    unanswered[requestID]?.credit = credit + count
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
      guard let found = unanswered.removeValue(forKey: header.requestID) else {
        return .violation(.responseToUnknownRequest(header.requestID))
      }
      return found.isWaitedFor ? .response(header) : .abandonedResponse
    case .streamData: return interpretStreamData(header)
    case .ping: return .ping(header)
    case .pong: return .pong
    case .goAway: return .goAway(header)
    case .request, .endOfStream, .cancel, .credentials, .credit:
      return .violation(.unexpectedFrameType(type))
    }
  }

  private mutating func interpretStreamData(_ header: FrameHeader) -> Event {
    guard let found = unanswered[header.requestID], let credit = found.credit else {
      return .violation(.unexpectedFrameType(.streamData))
    }
    guard credit > 0 else { return .violation(.streamDataWithoutCredit(header.requestID)) }
    unanswered[header.requestID]?.credit = credit - 1
    return found.isWaitedFor ? .streamData(header) : .abandonedResponse
  }
}
