internal import EventLog
internal import NIOCore
internal import NIOPosix
internal import Testing

@testable internal import RecommenderRPC
@testable internal import RecommenderService

/// Feedback is the same whether it is decoded at once or away from the event loop.
struct FeedbackPreparationTests {
  private typealias Fixture = ServiceFixture

  /// What a request became, and whether that was during the call.
  private struct Prepared: Sendable {
    var eventIDs: [String]
    var failure: RPCError?
    var wasAtOnce: Bool
  }

  /// A request of events named by number, each with a channel as long as wanted.
  private static func request(
    _ ids: Range<Int>, channelByteCount: (Int) -> Int = { _ in 0 }
  ) throws -> FeedbackRequest {
    let events = ids.map { id in
      var event = Fixture.event("\(id)", user: "c5", item: "i1")
      event.channel = String(repeating: "c", count: channelByteCount(id))
      return event
    }
    var output = ByteBuffer()
    try FeedbackCodec.writeRequest(
      events, FrameHeader(.request, payloadLength: 0, method: 3, requestID: 1),
      arena: MessageArena(), maxFrameBytes: 1 << 20, into: &output)
    output.moveReaderIndex(forwardBy: FrameHeader.byteCount)
    return output.withUnsafeReadableBytes { FeedbackRequest(payload: $0) }
  }

  /// A request of five events of exactly so many bytes.
  private static func request(byteCount: Int) throws -> FeedbackRequest {
    for last in 1...MessageLimits.maxIDBytes {
      let request = try request(0..<5) { $0 < 4 ? 190 : last }
      if request.byteCount == byteCount { return request }
    }
    throw RPCError(code: .notFound, message: "no channel makes a request of \(byteCount) bytes")
  }

  /// Prepares requests one after another within one turn of an event loop.
  private func prepare(_ requests: [FeedbackRequest]) async throws -> [Prepared] {
    let items = try Fixture().load().current.catalogue.current
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let eventLoop = group.next()
    let all = eventLoop.makePromise(of: [Prepared].self)
    eventLoop.execute {
      let preparation = FeedbackPreparation(eventLoop)
      var prepared: [Prepared] = []
      var isDuringCalls = true
      for request in requests {
        preparation.prepare(request, items: items, nowMilliseconds: Fixture.nowMilliseconds) {
          switch $0 {
          case .success(let checked):
            prepared.append(
              Prepared(eventIDs: checked.events.map(\.eventID), wasAtOnce: isDuringCalls))
          case .failure(let error):
            prepared.append(Prepared(eventIDs: [], failure: error, wasAtOnce: isDuringCalls))
          }
          if prepared.count == requests.count { all.succeed(prepared) }
        }
      }
      isDuringCalls = false
    }
    let prepared = try await all.futureResult.get()
    try await group.shutdownGracefully()
    return prepared
  }

  @Test func theLimitOfWhatIsPreparedAtOnce() async throws {
    let limit = FeedbackPreparation.inlineByteLimit
    for (byteCount, wasAtOnce) in [(limit, true), (limit + 1, false)] {
      let request = try Self.request(byteCount: byteCount)
      #expect(request.byteCount == byteCount)
      #expect(request.eventCount == nil)
      let prepared = try await prepare([request])
      #expect(prepared.map(\.wasAtOnce) == [wasAtOnce])
      #expect(prepared.map(\.eventIDs) == [(0..<5).map(String.init)])
      #expect(request.eventCount == 5)
    }
  }

  @Test func requestsKeepTheirOrder() async throws {
    let ranges = [0..<1, 1..<901, 901..<902, 902..<1802, 1802..<1803]
    let prepared = try await prepare(try ranges.map { try Self.request($0) })
    #expect(prepared.map(\.eventIDs) == ranges.map { $0.map(String.init) })
    // The first overtakes nobody; of those after it each has one before it that takes its time.
    #expect(prepared.map(\.wasAtOnce) == [true, false, false, false, false])
  }

  @Test func whatDoesNotDecodeIsRefusedEitherWay() async throws {
    let bad = [UInt8](repeating: 0xFF, count: FeedbackPreparation.inlineByteLimit + 1)
    let prepared = try await prepare(
      [1, bad.count].map { count in
        bad[..<count].withUnsafeBytes { FeedbackRequest(payload: $0) }
      })
    #expect(prepared.map { $0.failure?.code } == [.invalidArgument, .invalidArgument])
    #expect(prepared.map(\.wasAtOnce) == [true, false])
  }
}
