internal import Digests
internal import NIOCore
internal import NIOEmbedded

@testable internal import RecommenderRPC

// Bytes of a stranger, for libFuzzer: `make fuzz`. The two high bits of an input's first byte say who
// gets the rest: an open server, a server that asks for tokens, a client, or the reader of a file of
// tokens. The other bits are the length of the pieces it comes in; 0 is whole.

/// A service that answers anything at once and keeps nothing.
private final class FuzzMethods: RecommenderMethods {
  let catalogue: AnswerCatalogue
  private let decoder = FeedbackDecoder()

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

  func feedback(_ request: FeedbackRequest, completion: FeedbackCompletion) {
    do throws(RPCError) {
      completion(.success(try request.events(by: decoder).map { _ in .accepted }))
    } catch {
      completion(.failure(error))
    }
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

/// The golden token, which may call everything.
private let tokens: TokenTable = {
  let digest = Array("t0ken-1".utf8).withUnsafeBytes { SHA256.hash($0).hexadecimal }
  let roles: Roles = [.read, .feedback, .catalogue, .admin]
  guard let table = try? TokenTable(text: "all \(roles) \(digest)\n", path: "tokens.txt") else {
    preconditionFailure("the fuzzer's own tokens")
  }
  return table
}()

private func feedServer(_ bytes: UnsafeRawBufferPointer, pieces: Int, asksForTokens: Bool) {
  let statistics = ServerStatistics(start: .uptimeNanoseconds(0))
  let limits = RPCLimits()
  let dispatcher = RequestDispatcher(
    methods: methods, limits: limits, clock: { .uptimeNanoseconds(1) }, statistics: statistics)
  let gate = ServerGate(
    ServerSecurity(tokens: asksForTokens ? tokens : nil), limits: limits,
    clock: { .uptimeNanoseconds(1) })
  _ = gate?.admission.admit(PeerAddress(nil))
  let handler = ServerConnectionHandler(
    dispatcher: dispatcher, limits: limits, report: { _ in },
    access: ConnectionAccess(gate: gate), onClose: { _ in })
  let channel = greeted(handler)
  feed(channel, bytes, pieces: pieces)
  precondition(gate?.admission.counts.unproven ?? 0 == 0, "a connection kept its place")
  precondition(statistics.unsentBytes == 0, "a connection left unsent bytes behind")
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
  _ = try? StatusCodec.decodeResponse(payload, arena: arena)
  _ = try? ModelUpdateCodec.decodeResponse(payload, arena: arena)
  _ = try? RecordedRecommendationCodec.decodeOne(payload, arena: arena)
  _ = try? RecordedRecommendationCodec.decodeList(payload, arena: arena)
}

/// What libFuzzer calls for each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzConnection(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = UnsafeRawBufferPointer(start: start, count: count)
  guard let first = bytes.first else { return 0 }
  let rest = UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
  let pieces = first & 0x3F == 0 ? max(1, rest.count) : Int(first & 0x3F)
  switch first >> 6 {
  case 0: feedServer(rest, pieces: pieces, asksForTokens: false)
  case 1: feedServer(rest, pieces: pieces, asksForTokens: true)
  case 2: feedClient(rest, pieces: pieces)
  default:
    _ = try? TokenTable(text: String(decoding: rest, as: UTF8.self), path: "tokens.txt")
  }
  return 0
}
