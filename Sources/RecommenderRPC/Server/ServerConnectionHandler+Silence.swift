internal import NIOCore

// What time alone brings: idle connections, peers that are gone, requests that took long.
extension ServerConnectionHandler {
  /// Content of the ping that asks whether the peer is still there; not that of a farewell.
  static let keepAlivePing = Array("teller?!".utf8)

  /// Looks at a connection from which nothing came for a while.
  ///
  /// A client with requests in flight must read, so it is asked; if it does not answer, the socket is
  /// half open and what is in flight would be kept for nobody. One with nothing in flight may be
  /// busy elsewhere and is only told to go when it has been idle for long.
  func watchSilence() {
    guard !state.isClosed else { return }
    let now = dispatcher.clock()
    if lastActivity >= pingSent ?? .distantFuture { pingSent = nil }
    let quiet = now - lastActivity
    var wait: TimeAmount
    if state.inFlightCount == 0 {
      pingSent = nil
      if quiet >= limits.idleTimeout {
        goAway(reason: "the connection was idle")
        return
      }
      wait = min(limits.idleTimeout - quiet, limits.keepAliveInterval)
    } else if let sent = pingSent {
      if now - sent >= limits.keepAliveTimeout {
        violate(.silentPeer)
        return
      }
      wait = limits.keepAliveTimeout - (now - sent)
    } else if quiet >= limits.keepAliveInterval {
      pingSent = now
      writePing(Self.keepAlivePing)
      scheduleFlush()
      wait = limits.keepAliveTimeout
    } else {
      wait = limits.keepAliveInterval - quiet
    }
    if wait < Self.shortestWait { wait = Self.shortestWait }
    schedule(after: wait) { $0.watchSilence() }
  }

  /// Clocks of the loop and of deadlines may differ: never look again at once.
  private static let shortestWait: TimeAmount = .milliseconds(100)

  func writePing(_ content: [UInt8]) {
    content.withUnsafeBytes { bytes in
      output.writeFrame(FrameHeader(.ping, payloadLength: bytes.count), payload: bytes)
    }
  }

  /// Reports a request that took longer than `slowRequest`.
  func reportIfSlow(_ header: FrameHeader, since start: NIODeadline, trace: TraceID?) {
    let took = dispatcher.clock() - start
    guard took >= limits.slowRequest else { return }
    report(
      .requestSlow(
        peer: peer,
        request: ReportedRequest(
          method: header.method, requestID: header.requestID, trace: trace),
        milliseconds: took.nanoseconds / 1_000_000))
  }

  /// The trace id before the message of a traced request.
  static func trace(of header: FrameHeader, _ payload: UnsafeRawBufferPointer) -> TraceID? {
    guard header.flags & FrameFlags.traced != 0,
      payload.count >= ProtocolVersion1.traceIDByteCount
    else { return nil }
    return TraceID(reading: payload)
  }
}
