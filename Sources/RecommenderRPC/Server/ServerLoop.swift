internal import NIOCore

/// What the connections of one event loop share. Touched on that loop only.
final class ServerLoop {
  private let dispatcher: RequestDispatcher
  private let limits: RPCLimits
  private let report: @Sendable (RPCServerEvent) -> Void
  private let authenticate: RPCAuthenticator?
  private var connections: [ObjectIdentifier: ServerConnectionHandler] = [:]

  init(
    methods: any RecommenderMethods, limits: RPCLimits,
    clock: @escaping @Sendable () -> NIODeadline, statistics: ServerStatistics,
    report: @escaping @Sendable (RPCServerEvent) -> Void, authenticate: RPCAuthenticator? = nil
  ) {
    dispatcher = RequestDispatcher(
      methods: methods, limits: limits, clock: clock, statistics: statistics)
    self.limits = limits
    self.report = report
    self.authenticate = authenticate
  }

  /// Puts a handler on a new connection, or sends it away when there are too many.
  func accept(_ channel: any Channel) throws {
    let statistics = dispatcher.statistics
    let hasRoom = statistics.openConnection(limit: limits.maxConnections)
    dispatcher.counters.add(.connectionsOpened)
    let handler = ServerConnectionHandler(
      dispatcher: dispatcher, limits: limits, report: report, authenticate: authenticate
    ) { handler in
      guard hasRoom else { return }
      statistics.closeConnection()
      self.connections[ObjectIdentifier(handler)] = nil
      self.report(.connectionClosed(peer: handler.peer))
    }
    try channel.pipeline.syncOperations.addHandler(handler)
    guard hasRoom else {
      handler.refuseAtOnce = .tooManyConnections(limit: limits.maxConnections)
      return
    }
    connections[ObjectIdentifier(handler)] = handler
    report(.connectionOpened(peer: handler.peer))
    if statistics.isDraining { handler.closeNow() }
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
