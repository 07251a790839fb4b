internal import NIOCore

/// What the connections of one event loop share. Touched on that loop only.
final class ServerLoop {
  private let dispatcher: RequestDispatcher
  private let limits: RPCLimits
  private let report: @Sendable (RPCServerEvent) -> Void
  private let gate: ServerGate?
  private var connections: [ObjectIdentifier: ServerConnectionHandler] = [:]

  init(
    methods: any RecommenderMethods, limits: RPCLimits,
    clock: @escaping @Sendable () -> NIODeadline, statistics: ServerStatistics,
    report: @escaping @Sendable (RPCServerEvent) -> Void, gate: ServerGate? = nil
  ) {
    dispatcher = RequestDispatcher(
      methods: methods, limits: limits, clock: clock, statistics: statistics)
    self.limits = limits
    self.report = report
    self.gate = gate
  }

  /// Puts a handler on a new connection, or sends it away when there are too many.
  func accept(_ channel: any Channel) throws {
    let address = PeerAddress(channel.remoteAddress)
    dispatcher.counters.add(.connectionsOpened)
    if let gate, case .refused(let violation, let isNews) = gate.admission.admit(address) {
      try turnAway(channel, violation, isNews: isNews)
      return
    }
    var access = ConnectionAccess(gate: gate, address: address)
    let statistics = dispatcher.statistics
    guard statistics.openConnection(limit: limits.maxConnections) else {
      access.leavePlace()
      try turnAway(channel, .tooManyConnections(limit: limits.maxConnections), isNews: true)
      return
    }
    let handler = ServerConnectionHandler(
      dispatcher: dispatcher, limits: limits, report: report, access: access,
      writesStraight: gate?.isTLS != true
    ) { handler in
      statistics.closeConnection()
      self.connections[ObjectIdentifier(handler)] = nil
      self.report(.connectionClosed(peer: handler.peer))
    }
    if let tls = gate?.makeTLSHandler() { try channel.pipeline.syncOperations.addHandler(tls) }
    try channel.pipeline.syncOperations.addHandler(handler)
    connections[ObjectIdentifier(handler)] = handler
    report(.connectionOpened(peer: handler.peer))
    if statistics.isDraining { handler.closeNow() }
  }

  /// Tells a connection why it cannot stay and closes it. With TLS it is closed without a word: the
  /// handshake before the word would cost the server more than everything else.
  private func turnAway(
    _ channel: any Channel, _ violation: ConnectionViolation, isNews: Bool
  ) throws {
    if gate?.isTLS == true {
      dispatcher.counters.add(.violations)
      let peer = channel.remoteAddress.map { "\($0)" } ?? "?"
      let reason = violation.description
      report(
        isNews
          ? .violation(peer: peer, reason: reason)
          : .connectionTurnedAway(peer: peer, reason: reason))
      channel.eventLoop.execute { channel.close(promise: nil) }
      return
    }
    let handler = ServerConnectionHandler(
      dispatcher: dispatcher, limits: limits, report: report, onClose: { _ in })
    handler.refuseAtOnce = violation
    handler.refusalIsNews = isNews
    try channel.pipeline.syncOperations.addHandler(handler)
  }

  /// Looks up the rights of every connection anew.
  func renewAccess() {
    for connection in connections.values { connection.renewAccess() }
  }

  /// Tells every connection to go.
  func goAway() {
    for connection in connections.values { connection.goAway(reason: "the server is stopping") }
  }

  /// Closes what is left; returns how many connections that were.
  func cut() -> Int {
    let left = connections.values
    for connection in left { connection.closeNow() }
    return left.count
  }

  /// What its connections have done; to be read from any thread.
  var counters: LoopCounters { dispatcher.counters }

  var connectionCount: Int { connections.count }
}
