internal import NIOCore
internal import NIOHTTP1

/// Answers one HTTP connection.
final class MetricsRequestHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let registry: PrometheusRegistry
  private let isServing: @Sendable () -> Bool
  private var request: HTTPRequestHead?

  init(registry: PrometheusRegistry, isServing: @escaping @Sendable () -> Bool) {
    self.registry = registry
    self.isServing = isServing
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch Self.unwrapInboundIn(data) {
    case .head(let head): request = head
    // Nobody asks with a body; what comes is read over.
    case .body: break
    case .end:
      guard let request else { return }
      self.request = nil
      answer(request, context)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func answer(_ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let (status, type, text) = response(to: request)
    let body = ByteBuffer(string: text)
    var headers = HTTPHeaders([
      ("content-type", type), ("content-length", "\(body.readableBytes)"),
    ])
    if status == .methodNotAllowed { headers.add(name: "allow", value: "GET, HEAD") }
    if !request.isKeepAlive { headers.add(name: "connection", value: "close") }
    context.write(
      Self.wrapOutboundOut(
        .head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))),
      promise: nil)
    if request.method != .HEAD {
      context.write(Self.wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    }
    let end = context.writeAndFlush(Self.wrapOutboundOut(.end(nil)))
    if !request.isKeepAlive {
      end.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }
  }

  private func response(
    to request: HTTPRequestHead
  ) -> (status: HTTPResponseStatus, type: String, text: String) {
    let plain = "text/plain; charset=utf-8"
    guard request.method == .GET || request.method == .HEAD else {
      return (.methodNotAllowed, plain, "only GET and HEAD are answered\n")
    }
    switch request.uri.prefix(while: { $0 != "?" }) {
    case "/metrics": return (.ok, MetricText.contentType, MetricText.format(registry.families()))
    case "/health":
      return isServing() ? (.ok, plain, "SERVING\n") : (.serviceUnavailable, plain, "DRAINING\n")
    default: return (.notFound, plain, "there is /metrics and /health\n")
    }
  }
}
