internal import Glibc
public import NIOCore
internal import NIOPosix

/// A server without a port, for tests: clients are joined to it by socket pairs, so everything but
/// the listener is the real thing.
public final class InProcessServer: Sendable {
  private let loop: NIOLoopBound<ServerLoop>
  private let eventLoop: any EventLoop
  private let limits: RPCLimits

  private init(loop: NIOLoopBound<ServerLoop>, eventLoop: any EventLoop, limits: RPCLimits) {
    self.loop = loop
    self.eventLoop = eventLoop
    self.limits = limits
  }

  /// Makes the methods object on one loop of the group. See `RPCServer.start` for the parameters.
  public static func start(
    group: any EventLoopGroup, limits: RPCLimits = RPCLimits(),
    clock: @escaping @Sendable () -> NIODeadline = { .now() },
    report: @escaping @Sendable (RPCServerEvent) -> Void = { _ in },
    makeMethods: @escaping @Sendable (any EventLoop) -> any RecommenderMethods
  ) async throws -> InProcessServer {
    let eventLoop = group.next()
    let loop = try await eventLoop.submit {
      NIOLoopBound(
        ServerLoop(
          methods: makeMethods(eventLoop), limits: limits, clock: clock,
          statistics: ServerStatistics(start: clock()), report: report),
        eventLoop: eventLoop)
    }.get()
    return InProcessServer(loop: loop, eventLoop: eventLoop, limits: limits)
  }

  /// A new client of this server. Throws UNAVAILABLE when the system gives no socket pair.
  public func connect() async throws(RPCError) -> RPCClient {
    var sockets: [CInt] = [-1, -1]
    guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &sockets) == 0 else {
      throw RPCError(code: .unavailable, message: "socketpair failed with errno \(errno)")
    }
    let (serverSocket, clientSocket) = (sockets[0], sockets[1])
    let accepting = ClientBootstrap(group: eventLoop)
      .channelInitializer { [loop] channel in
        channel.eventLoop.makeCompletedFuture { try loop.value.accept(channel) }
      }
    // Both ends are joined by the event loop alone: the server waits for a preface from the moment
    // it accepts, and the caller's task may not run again for long.
    return try await RPCClient.connect(on: eventLoop, limits: limits, timeout: .seconds(10)) {
      (bootstrap) in
      let accepted = accepting.withConnectedSocket(serverSocket)
      let connected = bootstrap.withConnectedSocket(clientSocket)
      return accepted.flatMap { _ in connected }
    }
  }

  /// Tells every client to go away, as a draining server does.
  public func goAway() async {
    try? await eventLoop.submit { [loop] in loop.value.goAway() }.get()
  }
}
