internal import Glibc
public import NIOCore
internal import NIOPosix

/// Listens on a TCP port and answers the methods of a recommender.
///
/// By default all connections live on one event loop, because answering is cheaper than moving
/// between threads; `eventLoopCount` spreads them over several, each with its own methods object.
public final class RPCServer: Sendable {
  /// The port listened on: the one asked for, or the one chosen when that was 0.
  public let port: Int
  /// Host and port listened on.
  public let address: String

  private let listeners: [any Channel]
  private let loops: [NIOLoopBound<ServerLoop>]
  private let eventLoops: [any EventLoop]
  let statistics: ServerStatistics
  private let counters: [LoopCounters]
  private let gate: ServerGate?
  private let report: @Sendable (RPCServerEvent) -> Void

  private init(
    listeners: [any Channel], loops: [NIOLoopBound<ServerLoop>], eventLoops: [any EventLoop],
    statistics: ServerStatistics, counters: [LoopCounters], gate: ServerGate?,
    report: @escaping @Sendable (RPCServerEvent) -> Void
  ) {
    self.listeners = listeners
    self.loops = loops
    self.eventLoops = eventLoops
    self.statistics = statistics
    self.counters = counters
    self.gate = gate
    self.report = report
    let local = listeners.first?.localAddress
    port = local?.port ?? 0
    address = (local?.ipAddress ?? "?") + ":\(local?.port ?? 0)"
  }

  /// Starts to listen.
  ///
  /// `makeMethods` is called once on each of the `eventLoopCount` loops taken from `group`; the
  /// object it returns is used on that loop only. `port` 0 lets the system choose. `clock` is the
  /// time by which deadlines are judged. `report` is called on event loops and must be quick.
  /// `security` is what clients are asked for; by default nothing.
  /// Throws what the system says when the address cannot be listened on.
  public static func start(
    host: String, port: Int, group: any EventLoopGroup, eventLoopCount: Int = 1,
    limits: RPCLimits = RPCLimits(),
    clock: @escaping @Sendable () -> NIODeadline = { .now() },
    report: @escaping @Sendable (RPCServerEvent) -> Void = { _ in },
    security: ServerSecurity = ServerSecurity(),
    makeMethods: @escaping @Sendable (any EventLoop) -> any RecommenderMethods
  ) async throws -> RPCServer {
    precondition(eventLoopCount >= 1, "a server needs an event loop, not \(eventLoopCount)")
    let statistics = ServerStatistics(start: clock())
    let gate = ServerGate(security, limits: limits, clock: clock)
    var listeners: [any Channel] = []
    var loops: [NIOLoopBound<ServerLoop>] = []
    var eventLoops: [any EventLoop] = []
    var counters: [LoopCounters] = []
    do {
      for _ in 0..<eventLoopCount {
        let eventLoop = group.next()
        let loop = try await eventLoop.submit {
          NIOLoopBound(
            ServerLoop(
              methods: makeMethods(eventLoop), limits: limits, clock: clock,
              statistics: statistics, report: report, gate: gate),
            eventLoop: eventLoop)
        }.get()
        // With several loops each listens on the same port, and the kernel deals connections out.
        let listener = try await bootstrap(
          eventLoop, loop, limits: limits, isShared: eventLoopCount > 1
        ).bind(host: host, port: listeners.first?.localAddress?.port ?? port).get()
        listeners.append(listener)
        loops.append(loop)
        eventLoops.append(eventLoop)
        counters.append(try await eventLoop.submit { loop.value.counters }.get())
      }
    } catch {
      for listener in listeners { try? await listener.close() }
      throw error
    }
    let server = RPCServer(
      listeners: listeners, loops: loops, eventLoops: eventLoops, statistics: statistics,
      counters: counters, gate: gate, report: report)
    report(.listening(address: server.address))
    return server
  }

  private static func bootstrap(
    _ eventLoop: any EventLoop, _ loop: NIOLoopBound<ServerLoop>, limits: RPCLimits,
    isShared: Bool
  ) -> ServerBootstrap {
    let watermark = ChannelOptions.Types.WriteBufferWaterMark(
      low: limits.outputLowWatermark, high: limits.outputHighWatermark)
    let bootstrap = ServerBootstrap(group: eventLoop, childGroup: eventLoop)
      .serverChannelOption(.backlog, value: 512)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      // A peer that vanished without a word is noticed by the kernel, also while nothing is in
      // flight and its program does not read.
      .childChannelOption(.socketOption(.so_keepalive), value: 1)
      .childChannelOption(.writeBufferWaterMark, value: watermark)
      .childChannelOption(.recvAllocator, value: AdaptiveRecvByteBufferAllocator())
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try loop.value.accept(channel) }
      }
    guard isShared else { return bootstrap }
    let reusePort = ChannelOptions.Types.SocketOption(
      level: .socket, name: NIOBSDSocket.Option(rawValue: SO_REUSEPORT))
    return bootstrap.serverChannelOption(reusePort, value: 1)
  }

  /// Requests answered since the start, whatever their status.
  public var requests: UInt64 { statistics.requests }

  /// What was done since the start; quick, from any thread, and without holding up an event loop.
  public var counts: RPCServerCounts { RPCServerCounts(statistics, loops: counters) }

  /// Connections open now.
  public var connections: Int { statistics.connections }

  /// Replaces certificates and tokens. New connections meet the new certificate; open ones go on
  /// under the one they began with. Tokens count at once: a connection whose token has other roles
  /// now has them from its next request on, and one whose token is gone is asked for another.
  ///
  /// A server cannot begin or cease to ask for TLS or for tokens while it runs.
  public func replaceSecurity(_ security: ServerSecurity) async {
    guard let gate else {
      precondition(security.isOpen, "an open server stays open")
      return
    }
    gate.replace(security)
    await onEachLoop { $0.renewAccess() }
  }

  /// Stops in good order: accepts no more, tells every client to go away, answers what is in flight,
  /// and closes. Connections still open after `timeout` are cut off.
  ///
  /// Returns how many were cut off: 0 when nothing was lost. A second call returns 0 at once.
  @discardableResult
  public func drain(timeout: Duration = .seconds(10)) async -> Int {
    guard statistics.beginDraining() else { return 0 }
    report(.drainBegan(connections: statistics.connections))
    for listener in listeners { try? await listener.close() }
    await onEachLoop { $0.goAway() }
    let end = ContinuousClock.now + timeout
    while statistics.connections > 0, ContinuousClock.now < end {
      try? await Task.sleep(for: .milliseconds(5))
    }
    var cut = 0
    for (loop, eventLoop) in zip(loops, eventLoops) {
      cut += (try? await eventLoop.submit { loop.value.cut() }.get()) ?? 0
    }
    report(.drainEnded(cut: cut))
    return cut
  }

  private func onEachLoop(_ body: @escaping @Sendable (ServerLoop) -> Void) async {
    for (loop, eventLoop) in zip(loops, eventLoops) {
      try? await eventLoop.submit { body(loop.value) }.get()
    }
  }
}
