internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// Serves `GET /metrics` and `GET /health` over HTTP/1.1, on a thread of its own: whoever scrapes
/// takes no time of those who answer.
public final class MetricsEndpoint: Sendable {
  /// The most connections; a further one is closed at once.
  public static let connectionLimit = 64
  /// How long a connection may be silent, in seconds.
  public static let idleSeconds: Int64 = 60

  /// Host and port listened on.
  public let address: String
  /// The port listened on: the one asked for, or the one chosen when that was 0.
  public let port: Int
  private let group: MultiThreadedEventLoopGroup
  private let listener: any Channel

  private init(group: MultiThreadedEventLoopGroup, listener: any Channel) {
    self.group = group
    self.listener = listener
    let local = listener.localAddress
    port = local?.port ?? 0
    address = (local?.ipAddress ?? "?") + ":\(port)"
  }

  /// Starts to listen.
  ///
  /// - Parameters:
  ///   - host: the address to listen on.
  ///   - port: the port; 0 takes a free one.
  ///   - registry: what `/metrics` lists.
  ///   - isServing: whether `/health` answers 200 and not 503.
  /// - Returns: the endpoint.
  /// - Throws: ``ExpositionError``.
  public static func start(
    host: String, port: Int, registry: PrometheusRegistry,
    isServing: @escaping @Sendable () -> Bool
  ) async throws(ExpositionError) -> MetricsEndpoint {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let places = ConnectionPlaces(limit: connectionLimit)
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 16)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(ConnectionLimitHandler(places))
          try pipeline.addHandler(IdleStateHandler(allTimeout: .seconds(idleSeconds)))
          try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
          try pipeline.addHandler(MetricsRequestHandler(registry: registry, isServing: isServing))
        }
      }
    do {
      let listener = try await bootstrap.bind(host: host, port: port).get()
      return MetricsEndpoint(group: group, listener: listener)
    } catch {
      try? await group.shutdownGracefully()
      throw .cannotListen(address: "\(host):\(port)", reason: "\(error)")
    }
  }

  /// Closes every connection and the port.
  public func stop() async {
    try? await listener.close()
    try? await group.shutdownGracefully()
  }
}

/// Counts the open connections of an endpoint.
final class ConnectionPlaces: Sendable {
  private let limit: Int
  private let count = Atomic<Int>(0)

  init(limit: Int) { self.limit = limit }

  /// Takes a place; false when all are taken.
  func take() -> Bool {
    if count.add(1, ordering: .relaxed).newValue <= limit { return true }
    count.subtract(1, ordering: .relaxed)
    return false
  }

  func giveBack() { count.subtract(1, ordering: .relaxed) }
}

/// Closes a connection that is one too many.
private final class ConnectionLimitHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let places: ConnectionPlaces
  private var hasPlace = false

  init(_ places: ConnectionPlaces) { self.places = places }

  func channelActive(context: ChannelHandlerContext) {
    hasPlace = places.take()
    guard hasPlace else {
      context.close(promise: nil)
      return
    }
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    if hasPlace { places.giveBack() }
    context.fireChannelInactive()
  }
}
