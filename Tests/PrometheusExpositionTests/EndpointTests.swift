internal import NIOCore
internal import NIOPosix
internal import Synchronization
internal import Testing

@testable internal import PrometheusExposition

@Suite struct EndpointTests {
  /// Sends bytes and collects what comes until the other side closes.
  private final class Exchange: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let request: String
    private let promise: EventLoopPromise<String>
    private var text = ""

    init(_ request: String, _ promise: EventLoopPromise<String>) {
      self.request = request
      self.promise = promise
    }

    /// From the event loop itself: however busy the test's own threads are, no request comes late.
    func channelActive(context: ChannelHandlerContext) {
      context.channel.writeAndFlush(ByteBuffer(string: request), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      text += String(buffer: Self.unwrapInboundIn(data))
    }
    func channelInactive(context: ChannelHandlerContext) { promise.succeed(text) }
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }
  }

  private func exchange(_ port: Int, _ request: String) async throws -> String {
    let group = MultiThreadedEventLoopGroup.singleton
    let promise = group.next().makePromise(of: String.self)
    let connecting = ClientBootstrap(group: group)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Exchange(request, promise))
        }
      }.connect(host: "127.0.0.1", port: port)
    connecting.whenFailure { promise.fail($0) }
    return try await promise.futureResult.get()
  }

  private func get(_ port: Int, _ path: String, method: String = "GET") async throws -> String {
    try await exchange(port, "\(method) \(path) HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
  }

  @Test func metricsAndHealthAreServed() async throws {
    let registry = PrometheusRegistry()
    registry.counter("c_total").increment(by: Int64(3))
    let isServing = Atomic<Bool>(true)
    let endpoint = try await MetricsEndpoint.start(
      host: "127.0.0.1", port: 0, registry: registry,
      isServing: { isServing.load(ordering: .relaxed) })
    let page = try await get(endpoint.port, "/metrics")
    #expect(page.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(page.contains("content-type: text/plain; version=0.0.4; charset=utf-8\r\n"))
    #expect(page.hasSuffix("\r\n\r\n# TYPE c_total counter\nc_total 3\n"))
    let head = try await get(endpoint.port, "/metrics?x=1", method: "HEAD")
    #expect(head.contains("content-length: 33\r\n") && head.hasSuffix("\r\n\r\n"))
    #expect(try await get(endpoint.port, "/health").hasSuffix("\r\n\r\nSERVING\n"))
    isServing.store(false, ordering: .relaxed)
    let draining = try await get(endpoint.port, "/health")
    #expect(draining.hasPrefix("HTTP/1.1 503 ") && draining.hasSuffix("DRAINING\n"))
    #expect(try await get(endpoint.port, "/").hasPrefix("HTTP/1.1 404 "))
    let post = try await get(endpoint.port, "/metrics", method: "POST")
    #expect(post.hasPrefix("HTTP/1.1 405 ") && post.contains("allow: GET, HEAD\r\n"))
    // Two on one connection, in their order.
    let both = try await exchange(
      endpoint.port,
      "GET /health HTTP/1.1\r\nhost: x\r\n\r\nGET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    )
    #expect(both.components(of: "HTTP/1.1 ") == 2 && both.hasSuffix("c_total 3\n"))
    #expect(try await exchange(endpoint.port, "nonsense\r\n\r\n").hasPrefix("HTTP/1.1 400 "))
    await endpoint.stop()
    await #expect(throws: (any Error).self) { try await get(endpoint.port, "/health") }
  }

  @Test func aTakenPortIsSaidInALine() async throws {
    let registry = PrometheusRegistry()
    let first = try await MetricsEndpoint.start(
      host: "127.0.0.1", port: 0, registry: registry, isServing: { true })
    let error = await #expect(throws: ExpositionError.self) {
      try await MetricsEndpoint.start(
        host: "127.0.0.1", port: first.port, registry: registry, isServing: { true })
    }
    #expect("\(error.map { "\($0)" } ?? "")".hasPrefix("cannot listen on 127.0.0.1:\(first.port)"))
    await first.stop()
  }

  @Test func placesAreTakenUpToTheLimit() {
    let places = ConnectionPlaces(limit: 2)
    #expect(places.take() && places.take())
    #expect(!places.take())
    places.giveBack()
    #expect(places.take() && !places.take())
  }
}

extension String {
  fileprivate func components(of text: String) -> Int {
    var (count, rest) = (0, self[...])
    while let range = rest.firstRange(of: text) {
      count += 1
      rest = rest[range.upperBound...]
    }
    return count
  }
}
