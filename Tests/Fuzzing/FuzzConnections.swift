internal import NIOCore
internal import NIOEmbedded

@testable internal import RecommenderRPC

// Bytes of a stranger, for libFuzzer: `make fuzz`. The first byte of an input says which side gets
// the rest, and in pieces of which length.

/// A service that answers anything at once and keeps nothing.
private final class FuzzMethods: RecommenderMethods {
  let catalogue: AnswerCatalogue

  init() {
    guard let items = try? ItemIDTable((0..<16).map { "item-\($0)" }),
      let catalogue = try? AnswerCatalogue(items: items, modelVersion: "fuzz")
    else { preconditionFailure("the service's own items") }
    self.catalogue = catalogue
  }

  func recommend(
    _ request: borrowing RecommendRequestView, into answer: inout RankedItemsAnswer
  ) throws(RPCError) {
    precondition((1...MessageLimits.maxIDBytes).contains(request.userID.count))
    answer.catalogue = catalogue
    for place in 0..<min(request.count, 16) { answer.append(itemIndex: UInt32(place), score: 1) }
  }

  func similarItems(
    _ request: borrowing SimilarItemsRequestView, into answer: inout RankedItemsAnswer
  ) throws(RPCError) {
    answer.catalogue = catalogue
    answer.append(itemIndex: 0, score: 1)
  }

  func feedback(_ events: [FeedbackEvent], completion: FeedbackCompletion) {
    completion(.success(events.map { _ in .accepted }))
  }

  func health() -> HealthAnswer { HealthAnswer(status: .serving, modelVersion: "fuzz") }

  func describe() -> DescribeAnswer {
    DescribeAnswer(
      serverVersion: "fuzz", itemIDs: ["a"], itemNames: ["A"], models: [], customers: 1)
  }
}

private nonisolated(unsafe) let methods = FuzzMethods()

/// Sends bytes to a connection that is greeted, in pieces, and ends it.
private func feed(_ channel: EmbeddedChannel, _ bytes: UnsafeRawBufferPointer, pieces: Int) {
  var start = 0
  while start < bytes.count {
    let end = min(start + pieces, bytes.count)
    _ = try? channel.writeInbound(ByteBuffer(bytes: bytes[start..<end]))
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
    start = end
  }
  channel.pipeline.fireChannelInactive()
}

private func greeted(_ handler: some ChannelHandler) -> EmbeddedChannel {
  let channel = EmbeddedChannel(handler: handler)
  _ = try? channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
  _ = try? channel.writeInbound(ByteBuffer(bytes: ProtocolVersion1.preface))
  return channel
}

private func feedServer(_ bytes: UnsafeRawBufferPointer, pieces: Int) {
  let statistics = ServerStatistics(start: .uptimeNanoseconds(0))
  let limits = RPCLimits()
  let dispatcher = RequestDispatcher(
    methods: methods, limits: limits, clock: { .uptimeNanoseconds(1) }, statistics: statistics)
  let handler = ServerConnectionHandler(
    dispatcher: dispatcher, limits: limits, report: { _ in }, onClose: { _ in })
  let channel = greeted(handler)
  feed(channel, bytes, pieces: pieces)
  precondition(statistics.inFlight == (0, 0), "a connection left something behind")
  precondition(handler.streams.isEmpty, "a connection left a stream behind")
  _ = try? channel.finish(acceptAlreadyClosed: true)
}

private func feedClient(_ bytes: UnsafeRawBufferPointer, pieces: Int) {
  let handler = ClientConnectionHandler(limits: RPCLimits()) { _ in }
  var completions = [Int](repeating: 0, count: 8)
  let channel = greeted(handler)
  for number in completions.indices {
    _ = handler.call(
      .health, timeout: nil,
      encode: { header, _, output throws(RPCError) in output.writeFrame(header) },
      receiver: number % 2 == 0
        ? nil : { _ = try? RankedItemsClientCodec.decodeRecommend($0, arena: $1) }
    ) { result, arena in
      completions[number] += 1
      guard let payload = try? result.get() else { return }
      decodeEverything(payload, arena)
    }
  }
  feed(channel, bytes, pieces: pieces)
  precondition(completions.allSatisfy { $0 == 1 }, "calls ended \(completions) times")
  _ = try? channel.finish(acceptAlreadyClosed: true)
}

/// Every decoder of answers takes any payload.
private func decodeEverything(_ payload: UnsafeRawBufferPointer, _ arena: MessageArena) {
  _ = try? RankedItemsClientCodec.decodeRecommend(payload, arena: arena)
  _ = try? RankedItemsClientCodec.decodeSimilarItems(payload, arena: arena)
  _ = try? FeedbackCodec.decodeResponse(payload, arena: arena)
  _ = try? PutItemsCodec.decodeResponse(payload, arena: arena)
  _ = try? HealthCodec.decodeResponse(payload, arena: arena)
  _ = try? DescribeCodec.decodeResponse(payload, arena: arena)
  _ = try? RecommendManyCodec.decodeResponse(payload, arena: arena)
}

/// What libFuzzer calls for each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzConnection(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = UnsafeRawBufferPointer(start: start, count: count)
  guard let first = bytes.first else { return 0 }
  let rest = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
  let pieces = first & 0x7F == 0 ? max(1, rest.count) : Int(first & 0x7F)
  if first & 0x80 == 0 {
    feedServer(rest, pieces: pieces)
  } else {
    feedClient(rest, pieces: pieces)
  }
  return 0
}
