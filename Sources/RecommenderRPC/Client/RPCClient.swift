internal import Glibc
public import NIOCore
internal import NIOPosix
internal import Synchronization

/// A connection to a recommender. Any number of calls may be under way on it at once, from any task.
///
/// Every call takes a `timeout`: the server gives up then, and so does the client, with
/// DEADLINE_EXCEEDED. A cancelled task cancels its call. When the connection is lost, calls fail
/// with UNAVAILABLE; make a new client then, or use an ``RPCClientPool``. Calls made inside
/// `RPCTrace.$current.withValue(…)` carry that trace id.
public final class RPCClient: Sendable {
  let channel: any Channel
  let handler: NIOLoopBound<ClientConnectionHandler>
  let maxFrameBytes: Int

  private init(
    channel: any Channel, handler: NIOLoopBound<ClientConnectionHandler>, maxFrameBytes: Int
  ) {
    self.channel = channel
    self.handler = handler
    self.maxFrameBytes = maxFrameBytes
  }

  /// A client that is forgotten closes its connection; no call can be under way then.
  deinit { channel.close(promise: nil) }

  /// Connects and exchanges prefaces.
  ///
  /// Throws UNAVAILABLE when the server cannot be reached or does not answer within
  /// `connectTimeout`, and what the server says when it sends the client away. A `token` (1 to 1024
  /// bytes) tells the server who calls; it is sent at once, and a bad one makes the calls fail with
  /// UNAUTHENTICATED. Without `tls` it travels as it is, for everybody on the way to read. A
  /// certificate that one side does not accept makes this throw UNAUTHENTICATED.
  public static func connect(
    host: String, port: Int, group: any EventLoopGroup, limits: RPCLimits = RPCLimits(),
    tls: ClientTLS? = nil, token: String? = nil, connectTimeout: Duration = .seconds(10)
  ) async throws(RPCError) -> RPCClient {
    try await connect(
      on: group.next(), limits: limits, token: token, timeout: connectTimeout,
      secure: { try tls?.makeHandler(host: host) }
    ) {
      $0.channelOption(.tcpOption(.tcp_nodelay), value: 1).connect(host: host, port: port)
    }
  }

  /// Connects by any means a bootstrap offers; the in-process transport passes half a socket pair.
  static func connect(
    on eventLoop: any EventLoop, limits: RPCLimits, token: String? = nil, timeout: Duration,
    secure: @escaping @Sendable () throws -> (any ChannelHandler)? = { nil },
    by connect: (ClientBootstrap) -> EventLoopFuture<any Channel>
  ) async throws(RPCError) -> RPCClient {
    let tokenBytes = token?.utf8.count ?? 1
    guard (1...ProtocolVersion1.maxTokenBytes).contains(tokenBytes) else {
      throw RPCError(
        code: .invalidArgument,
        message: "a token is 1 to \(ProtocolVersion1.maxTokenBytes) bytes, not \(tokenBytes)")
    }
    let ready = eventLoop.makePromise(of: NIOLoopBound<ClientConnectionHandler>.self)
    let wait = TimeAmount.nanoseconds(
      Int64(clamping: timeout.components.seconds) * 1_000_000_000
        + timeout.components.attoseconds / 1_000_000_000)
    let timer = eventLoop.scheduleTask(in: wait) {
      ready.fail(
        RPCError(code: .unavailable, message: "no answer to the preface within \(timeout)"))
    }
    let bootstrap = ClientBootstrap(group: eventLoop)
      .connectTimeout(wait)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let box = HandlerBox()
          let handler = ClientConnectionHandler(limits: limits, token: token) { error in
            if let error {
              ready.fail(error)
            } else if let handler = box.handler {
              ready.succeed(NIOLoopBound(handler, eventLoop: eventLoop))
            }
          }
          box.handler = handler
          if let tls = try secure() { try channel.pipeline.syncOperations.addHandler(tls) }
          try channel.pipeline.syncOperations.addHandler(handler)
        }
      }
    let connecting = connect(bootstrap)
    connecting.whenFailure { ready.fail($0) }
    defer { timer.cancel() }
    do {
      let handler = try await ready.futureResult.get()
      let channel = try await connecting.get()
      return RPCClient(channel: channel, handler: handler, maxFrameBytes: limits.maxFrameBytes)
    } catch {
      connecting.whenSuccess { $0.close(promise: nil) }
      throw error as? RPCError
        ?? RPCError(code: .unavailable, message: "cannot connect: \(Self.reason(error))")
    }
  }

  /// What the system says of a connection that failed, without the history of the attempts.
  private static func reason(_ error: any Error) -> String {
    guard let failure = error as? NIOConnectionError else { return "\(error)" }
    let first = failure.connectionErrors.first?.error
    guard let system = first as? IOError else { return "no address for \(failure.host)" }
    return "\(failure.host):\(failure.port): " + String(cString: strerror(system.errnoCode))
  }

  /// Lets the handler's own callback reach it.
  private final class HandlerBox {
    weak var handler: ClientConnectionHandler?
  }

  // MARK: Methods

  /// Products for a customer, best first. `count` nil leaves the number to the server (10), and so
  /// does `explorationWeight` (0...1) how much is explored.
  public func recommend(
    user: String, count: Int? = nil, excluding: [String] = [], itemIndexesOnly: Bool = false,
    softmaxScores: Bool = false, explorationWeight: Float? = nil, timeout: Duration? = .seconds(5)
  ) async throws(RPCError) -> RankedItems {
    try await call(
      .recommend, timeout,
      encode: { [maxFrameBytes] header, arena, output throws(RPCError) in
        try RankedItemsClientCodec.writeRecommend(
          user: user, count: count, excluding: excluding, itemIndexesOnly: itemIndexesOnly,
          softmaxScores: softmaxScores, explorationWeight: explorationWeight, header,
          arena: arena, maxFrameBytes: maxFrameBytes, into: &output)
      }, decode: RankedItemsClientCodec.decodeRecommend)
  }

  /// Products that go together with a product, best first.
  public func similarItems(
    item: String, count: Int? = nil, timeout: Duration? = .seconds(5)
  ) async throws(RPCError) -> RankedItems {
    try await call(
      .similarItems, timeout,
      encode: { [maxFrameBytes] header, arena, output throws(RPCError) in
        try RankedItemsClientCodec.writeSimilarItems(
          item: item, count: count, header, arena: arena, maxFrameBytes: maxFrameBytes,
          into: &output)
      }, decode: RankedItemsClientCodec.decodeSimilarItems)
  }

  /// Reports 1 to 1000 events; one outcome for each, in order.
  public func feedback(
    _ events: [FeedbackEvent], timeout: Duration? = .seconds(10)
  ) async throws(RPCError) -> [FeedbackOutcome] {
    try await call(
      .feedback, timeout,
      encode: { [maxFrameBytes] header, arena, output throws(RPCError) in
        try FeedbackCodec.writeRequest(
          events, header, arena: arena, maxFrameBytes: maxFrameBytes, into: &output)
      }, decode: FeedbackCodec.decodeResponse)
  }

  /// Puts 1 to 1000 products into the catalogue; one outcome for each, in order.
  public func putItems(
    _ items: [PutItem], timeout: Duration? = .seconds(10)
  ) async throws(RPCError) -> [PutItemOutcome] {
    try await call(
      .putItems, timeout,
      encode: { [maxFrameBytes] header, arena, output throws(RPCError) in
        try PutItemsCodec.writeRequest(
          items, header, arena: arena, maxFrameBytes: maxFrameBytes, into: &output)
      }, decode: PutItemsCodec.decodeResponse)
  }

  /// The record of an answer; throws NOT_FOUND when there is none.
  public func getRecommendation(
    _ recommendationID: String, timeout: Duration? = .seconds(10)
  ) async throws(RPCError) -> RecordedRecommendation {
    try await call(
      .getRecommendation, timeout,
      encode: { [maxFrameBytes] header, arena, output throws(RPCError) in
        try RecordedRecommendationCodec.writeGetRequest(
          recommendationID, header, arena: arena, maxFrameBytes: maxFrameBytes, into: &output)
      }, decode: RecordedRecommendationCodec.decodeOne)
  }

  /// The answers to a customer, newest first.
  public func listRecommendations(
    _ query: RecommendationQuery, timeout: Duration? = .seconds(10)
  ) async throws(RPCError) -> [RecordedRecommendation] {
    try await call(
      .listRecommendations, timeout,
      encode: { [maxFrameBytes] header, arena, output throws(RPCError) in
        try RecordedRecommendationCodec.writeListRequest(
          query, header, arena: arena, maxFrameBytes: maxFrameBytes, into: &output)
      }, decode: RecordedRecommendationCodec.decodeList)
  }

  /// Whether the server is well, and what it has used.
  public func health(timeout: Duration? = .seconds(5)) async throws(RPCError) -> HealthReport {
    try await call(
      .health, timeout,
      encode: { header, _, output throws(RPCError) in output.writeFrame(header) },
      decode: HealthCodec.decodeResponse)
  }

  /// The numbers that an operator of the server watches.
  public func status(timeout: Duration? = .seconds(5)) async throws(RPCError) -> StatusReport {
    try await call(
      .status, timeout,
      encode: { header, _, output throws(RPCError) in output.writeFrame(header) },
      decode: StatusCodec.decodeResponse)
  }

  /// Puts other models in force; returns when they are.
  public func updateModels(
    _ update: ModelUpdate, timeout: Duration? = .seconds(600)
  ) async throws(RPCError) -> ModelUpdateOutcome {
    try await call(
      .updateModels, timeout,
      encode: { [maxFrameBytes] header, _, output throws(RPCError) in
        try ModelUpdateCodec.writeRequest(
          update, header, maxFrameBytes: maxFrameBytes, into: &output)
      }, decode: ModelUpdateCodec.decodeResponse)
  }

  /// What the server is and what it can recommend; fetches every page of the catalogue.
  public func describe(timeout: Duration? = .seconds(5)) async throws(RPCError) -> ServerDescription
  {
    var (description, itemCount) = try await describePage(first: 0, timeout: timeout)
    while description.service.itemIDs.count < itemCount {
      let first = description.service.itemIDs.count
      let (page, count) = try await describePage(first: first, timeout: timeout)
      guard !page.service.itemIDs.isEmpty, count == itemCount else {
        throw RPCError(
          code: .aborted, message: "the catalogue changed while it was read: ask again")
      }
      description.service.itemIDs += page.service.itemIDs
      description.service.itemNames += page.service.itemNames
    }
    return description
  }

  /// The same with one page of the catalogue: from a product on, by its index, as many as the server
  /// puts on one page. Throws OUT_OF_RANGE for an index past the catalogue's end.
  public func describe(
    from firstItemIndex: Int, timeout: Duration? = .seconds(5)
  ) async throws(RPCError) -> ServerDescription {
    try await describePage(first: firstItemIndex, timeout: timeout).page
  }

  private func describePage(
    first: Int, timeout: Duration?
  ) async throws(RPCError) -> (page: ServerDescription, itemCount: Int) {
    guard UInt32(exactly: first) != nil else {
      throw RPCError(
        code: .invalidArgument,
        message: "first_item_index: must be 0 to \(UInt32.max), not \(first)")
    }
    return try await call(
      .describe, timeout,
      encode: { [maxFrameBytes] header, _, output throws(RPCError) in
        try DescribeCodec.writeRequest(
          firstItemIndex: first, header, maxFrameBytes: maxFrameBytes, into: &output)
      }, decode: DescribeCodec.decodeResponse)
  }

  /// Sends no more requests, waits for what is under way, and closes.
  public func close() async {
    let handler = handler
    channel.eventLoop.execute { handler.value.close() }
    try? await channel.closeFuture.get()
  }

  // MARK: Calling

  private func call<Answer: Sendable>(
    _ method: MethodNumber, _ timeout: Duration?,
    encode:
      @escaping @Sendable (FrameHeader, MessageArena, inout ByteBuffer) throws(RPCError) -> Void,
    decode:
      @escaping @Sendable (UnsafeRawBufferPointer, MessageArena) throws(RPCError) -> Answer
  ) async throws(RPCError) -> Answer {
    let trace = RPCTrace.current
    return try await run(
      begin: { handler, finish in
        handler.call(method, timeout: timeout, trace: trace, encode: encode) { answer, arena in
          let decoded: Result<Answer, RPCError>
          do throws(RPCError) {
            decoded = .success(try decode(try answer.get(), arena))
          } catch {
            decoded = .failure(error)
          }
          finish(decoded)
        }
      }, giveUp: { $0.giveUp($1, CallCancellation.error) })
  }

  /// Has the handler do what ends by a result or, given up, with the task. `begin` returns a number
  /// for `giveUp`, not 0, or nil when the result is there already.
  func run<Answer: Sendable>(
    begin:
      @escaping @Sendable (
        ClientConnectionHandler, @escaping (Result<Answer, RPCError>) -> Void
      ) -> UInt32?,
    giveUp: @escaping @Sendable (ClientConnectionHandler, UInt32) -> Void
  ) async throws(RPCError) -> Answer {
    let slot = CallSlot()
    let eventLoop = channel.eventLoop
    let handler = handler
    let result: Result<Answer, RPCError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        eventLoop.execute {
          if slot.isCancelled {
            continuation.resume(returning: .failure(CallCancellation.error))
            return
          }
          slot.number = begin(handler.value) { continuation.resume(returning: $0) } ?? 0
        }
      }
    } onCancel: {
      slot.cancel()
      eventLoop.execute { if slot.number != 0 { giveUp(handler.value, slot.number) } }
    }
    return try result.get()
  }

  /// Joins a call to the cancellation of its task, which may come before the call is sent.
  private final class CallSlot: Sendable {
    private let cancelled = Atomic<Bool>(false)
    private let identifier = Atomic<UInt32>(0)

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }
    func cancel() { cancelled.store(true, ordering: .releasing) }
    var number: UInt32 {
      get { identifier.load(ordering: .relaxed) }
      set { identifier.store(newValue, ordering: .relaxed) }
    }
  }
}
