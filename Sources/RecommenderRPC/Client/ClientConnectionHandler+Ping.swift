internal import NIOCore

extension ClientConnectionHandler {
  /// Sends a PING; `timeout` nil waits for as long as the connection lives. Returns a number for
  /// `giveUpPing`, or nil when it has been completed already.
  func ping(timeout: Duration?, completion: @escaping WaitingPings.Completion) -> UInt32? {
    let milliseconds = timeout.map { Self.milliseconds($0) }
    guard let context, refusal(milliseconds: milliseconds) == nil else {
      let closed = RPCError(code: .unavailable, message: "the connection is closed")
      completion(.failure(refusal(milliseconds: milliseconds) ?? closed))
      return nil
    }
    let number = pings.nextNumber()
    let timer = schedule(afterMilliseconds: milliseconds) { self.giveUpPing(number, $0) }
    pings.add(
      number,
      WaitingPings.Ping(start: context.eventLoop.now, timer: timer, completion: completion))
    withUnsafeBytes(of: UInt64(number).littleEndian) {
      output.writeFrame(FrameHeader(.ping, payloadLength: $0.count), payload: $0)
    }
    scheduleFlush()
    return number
  }

  /// Completes the ping that a PONG answers; one that nobody waits for any more says nothing.
  func answerPing(_ payload: UnsafeRawBufferPointer) {
    let content = UInt64(littleEndian: payload.loadUnaligned(as: UInt64.self))
    guard let context, let number = UInt32(exactly: content), let ping = pings.take(number)
    else { return }
    let passed = context.eventLoop.now - ping.start
    end(ping, .success(.nanoseconds(passed.nanoseconds)))
  }

  /// Ends a ping that still waits. There is nothing to tell the server.
  func giveUpPing(_ number: UInt32, _ error: RPCError) {
    guard let ping = pings.take(number) else { return }
    end(ping, .failure(error))
    // It may have been the last that a closing client waited for.
    closeIfDone()
  }

  /// Fails every ping that waits.
  func failPings(_ error: RPCError) {
    for ping in pings.takeAll() { end(ping, .failure(error)) }
  }

  private func end(_ ping: WaitingPings.Ping, _ result: Result<Duration, RPCError>) {
    ping.timer?.cancel()
    ping.completion(result)
  }
}
