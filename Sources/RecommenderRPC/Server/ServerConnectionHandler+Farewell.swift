internal import NIOCore

extension ServerConnectionHandler {
  /// Content of the ping behind GO_AWAY.
  static let farewellPing = [UInt8](repeating: 0, count: ProtocolVersion1.pingByteCount)

  /// Tells the client to go, in good order: everything it sent before it could know is answered.
  ///
  /// A ping follows GO_AWAY. When it comes back the client has read both, so whatever it sends
  /// later was sent in the knowledge; that is refused. A client that does not read (it blocks
  /// elsewhere) is given `drainGrace`.
  func goAway(reason: String) {
    guard farewell == .none else { return }
    guard state.hasPreface, !state.isClosed else {
      closeNow()
      return
    }
    farewell = .announced
    output.writeTextFrame(.goAway, status: .ok, text: reason)
    writePing(Self.farewellPing)
    schedule(after: limits.drainGrace) { handler in
      handler.acknowledgeFarewell()
      handler.closeIfDone()
    }
    scheduleFlush()
  }

  /// The client knows: refuse what comes, and close as soon as nothing is in flight.
  func acknowledgeFarewell() {
    guard farewell == .announced else { return }
    farewell = .acknowledged
    state.beginRefusing()
  }

  /// Closes a connection that has said farewell and answered everything.
  func closeIfDone() {
    guard farewell == .acknowledged, state.inFlightCount == 0 else { return }
    farewell = .closing
    flushOutput()
    lingerThenClose()
  }

  /// Says why and ends the connection; the state machine is closed already or is closed here.
  /// What is no news is not worth a warning.
  func violate(_ violation: ConnectionViolation, isNews: Bool = true) {
    dispatcher.counters.add(.violations)
    let reason = violation.description
    report(
      isNews
        ? .violation(peer: peer, reason: reason) : .connectionTurnedAway(peer: peer, reason: reason)
    )
    state.close()
    farewell = .closing
    // Our preface tells a client of another version which one is spoken here.
    if !hasSentPreface { output.writeBytes(ProtocolVersion1.preface) }
    output.writeTextFrame(.goAway, status: violation.status, text: violation.description)
    flushOutput()
    lingerThenClose()
  }

  /// Closes without a word.
  func closeNow() {
    farewell = .closing
    state.close()
    context?.close(promise: nil)
  }

  /// Closes our half, then the rest when the client does or the time is up. Closing both at once
  /// while bytes of the client are unread resets the connection, and the reset can overtake what
  /// we said last.
  private func lingerThenClose() {
    guard let context else { return }
    state.close()
    context.close(mode: .output, promise: nil)
    schedule(after: limits.lingerTimeout) { $0.context?.close(promise: nil) }
  }
}
