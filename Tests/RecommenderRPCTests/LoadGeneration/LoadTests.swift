internal import NIOCore
internal import NIOPosix
internal import Testing

@testable internal import RecommenderRPC

@Suite struct LoadTests {
  @Test func bucketsAreContiguousAndNarrow() {
    var random = SplitMix64(seed: 3)
    for _ in 0..<10_000 {
      let value = random.next() >> UInt64(24 + random.next(below: 40))
      let bucket = LatencyHistogram.bucket(of: value)
      let end = LatencyHistogram.end(of: bucket)
      #expect(end >= value)
      #expect(Double(end - value) <= Double(value) / 128)
      #expect(LatencyHistogram.bucket(of: end + 1) == bucket + 1)
    }
  }

  @Test func quantilesOfKnownValues() {
    var histogram = LatencyHistogram()
    #expect(histogram.quantile(0.5) == 0)
    for value in UInt64(1)...100 { histogram.record(nanoseconds: value) }
    #expect(histogram.quantile(0.5) == 50)
    #expect(histogram.quantile(0.99) == 99)
    #expect(histogram.quantile(1) == 100)
    histogram.record(nanoseconds: .max)
    #expect(histogram.quantile(1) == LatencyHistogram.maxNanoseconds)
  }

  @Test func loadIsAnsweredWithoutErrors() async throws {
    let group = MultiThreadedEventLoopGroup.singleton
    let server = try await RPCServer.start(host: "127.0.0.1", port: 0, group: group) { _ in
      Self.methods()
    }
    var plan = RPCLoadPlan(host: "127.0.0.1", port: server.port, userIDs: ["a", "b"])
    plan.connections = 3
    plan.outstanding = 4
    plan.duration = .milliseconds(400)
    plan.warmup = .zero
    let closed = try await RPCLoadGenerator.run(plan, group: group)
    #expect(closed.errors == 0)
    #expect(closed.requests >= 12)
    plan.requestsPerSecond = 1000
    let open = try await RPCLoadGenerator.run(plan, group: group)
    #expect(open.errors == 0)
    #expect(open.requests >= 1)
    plan.connections = 0
    await #expect(throws: RPCError.self) { try await RPCLoadGenerator.run(plan, group: group) }
    await server.drain()
  }

  private static func methods() -> any RecommenderMethods {
    guard let methods = try? EchoMethods() else { preconditionFailure("the test's own items") }
    return methods
  }
}
