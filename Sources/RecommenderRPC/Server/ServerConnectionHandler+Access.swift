internal import NIOCore

// Who the client is, and what it may therefore call.
extension ServerConnectionHandler {
  /// Whether the client may make this call; if not, it is answered here.
  func admits(_ header: FrameHeader) -> Bool {
    if access.rights.isSuperset(of: MethodAccess.needed(for: header.method)) { return true }
    refuseAccess(header)
    return false
  }

  private func refuseAccess(_ header: FrameHeader) {
    let error: RPCError
    if access.rights.isEmpty {
      let reason =
        access.name.isEmpty
        ? "this server asks for a token: present one first"
        : "the token of \(access.name) is no longer good: present another"
      error = RPCError(code: .unauthenticated, message: reason)
    } else {
      let method = MethodNumber(rawValue: header.method)?.name ?? "method \(header.method)"
      error = RPCError(
        code: .permissionDenied,
        message: "\(access.name) may not call \(method): that needs the role"
          + " \(MethodAccess.needed(for: header.method))")
    }
    dispatcher.writeError(error, header, into: &output)
    guard !access.hasReportedRefusal else { return }
    access.hasReportedRefusal = true
    report(.accessRefused(peer: peer, error: error))
  }

  /// Judges the token in a CREDENTIALS frame. A server that asks for none ignores it.
  func present(_ token: UnsafeRawBufferPointer) {
    guard let gate = access.gate, gate.wantsTokens else { return }
    switch access.present(token, to: gate) {
    case .accepted:
      state.maxFrameBytes = limits.maxFrameBytes
      report(.tokenAccepted(peer: peer, name: access.name))
    case .unknown(let isLast):
      violate(.badCredentials)
      if isLast { report(.addressHeldOff(peer: peer)) }
    }
  }

  /// A long frame of a stranger is told what it lacks, not that it is long.
  func explained(_ violation: ConnectionViolation) -> ConnectionViolation {
    guard case .frameTooLong(let actual, let limit) = violation, limit < limits.maxFrameBytes else {
      return violation
    }
    return .frameTooLongBeforeToken(actual: actual, limit: limit)
  }

  /// The preface has come, through TLS where there is TLS: without tokens that is all that is asked.
  func passGate() {
    if access.gate?.wantsTokens == false { access.leavePlace() }
  }

  /// The server's tokens have changed.
  func renewAccess() {
    guard !state.isClosed, access.renew() else { return }
    report(.tokenWithdrawn(peer: peer, name: access.name))
    awaitCredentials()
  }

  /// A client that is not known must say who it is within some time.
  func awaitCredentials() {
    guard access.gate?.wantsTokens == true, let context else { return }
    access.timer = context.eventLoop.assumeIsolated().scheduleTask(
      in: limits.credentialsTimeout
    ) { [weak self] in
      guard let self, !self.state.isClosed else { return }
      self.violate(.credentialsTimeout)
    }
  }

  /// Reports why reading, writing or TLS failed, once; the connection is over.
  func reportFailure(_ error: any Error) {
    guard farewell != .closing else { return }
    farewell = .closing
    state.close()
    if TLSFailure.isPlainEnd(error) { return }
    let tlsReason = TLSFailure.reason(error)
    report(.connectionFailed(peer: peer, reason: tlsReason ?? "\(error)"))
    // A handshake costs the server more than a token.
    if tlsReason != nil, access.fail() { report(.addressHeldOff(peer: peer)) }
  }
}
