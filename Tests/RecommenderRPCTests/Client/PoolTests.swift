internal import NIOPosix
internal import Synchronization
internal import Testing

@testable internal import RecommenderRPC

@Suite struct PoolTests {
  /// Time that passes only by sleeping, and what was slept.
  private final class Time: Sendable {
    private let state = Mutex((now: Duration.zero, slept: [Duration]()))
    var slept: [Duration] { state.withLock { $0.slept } }
    func environment(random: Double) -> RPCClientPool.Environment {
      RPCClientPool.Environment(
        now: { self.state.withLock { $0.now } },
        sleep: { wait in
          self.state.withLock {
            $0.now += wait
            $0.slept.append(wait)
          }
        }, random: { random })
    }
    func pass(_ duration: Duration) { state.withLock { $0.now += duration } }
  }

  private func server(
    _ change: @escaping @Sendable (EchoMethods) -> Void = { _ in }
  ) async throws -> InProcessServer {
    try await InProcessServer.start(group: MultiThreadedEventLoopGroup.singleton) { _ in
      guard let methods = try? EchoMethods() else { preconditionFailure("the test's own items") }
      change(methods)
      return methods
    }
  }

  private static let unavailable = RPCError(code: .unavailable, message: "not now")

  @Test func backoffsGrowUpToTheirLimitAndAreDrawn() {
    let policy = RetryPolicy()
    let longest = (1...8).map { policy.backoff(afterAttempt: $0, random: 1) }
    #expect(
      longest == [50, 100, 200, 400, 800, 1600, 2000, 2000].map { Duration.milliseconds($0) })
    #expect(policy.backoff(afterAttempt: 3, random: 0.25) == .milliseconds(50))
    #expect(policy.backoff(afterAttempt: 3, random: 0) == .zero)
  }

  @Test func onlyUnavailableIsTriedAgain() async throws {
    let server = try await server()
    let time = Time()
    let pool = RPCClientPool(connections: 1, environment: time.environment(random: 1)) {
      (_) async throws(RPCError) in try await server.connect()
    }
    let calls = Atomic(0)
    for code in StatusCode.allCases where code != .ok {
      calls.store(0, ordering: .relaxed)
      let error = await #expect(throws: RPCError.self) {
        try await pool.call(timeout: nil) { (_, _) async throws(RPCError) -> Int in
          calls.add(1, ordering: .relaxed)
          throw RPCError(code: code, message: "always")
        }
      }
      #expect(error?.code == code)
      #expect(calls.load(ordering: .relaxed) == (code == .unavailable ? 4 : 1))
    }
    #expect(time.slept == [50, 100, 200].map { Duration.milliseconds($0) })
    await pool.close()
  }

  @Test func theTimeoutIsForAllAttempts() async throws {
    let server = try await server()
    let time = Time()
    let pool = RPCClientPool(connections: 1, environment: time.environment(random: 1)) {
      (_) async throws(RPCError) in try await server.connect()
    }
    let timeouts = Mutex<[Duration?]>([])
    await #expect(throws: Self.unavailable) {
      try await pool.call(timeout: .milliseconds(160)) {
        (_, left) async throws(RPCError) -> Int in
        timeouts.withLock { $0.append(left) }
        time.pass(.milliseconds(5))
        throw Self.unavailable
      }
    }
    // 160 left; 5 used and 50 slept: 105; 5 used, and a wait of 100 would pass the end.
    #expect(timeouts.withLock { $0 } == [.milliseconds(160), .milliseconds(105)])
    #expect(time.slept == [.milliseconds(50)])
    await pool.close()
  }

  @Test func aLostConnectionIsMadeAnew() async throws {
    let server = try await server()
    let time = Time()
    let connections = Atomic(0)
    let pool = RPCClientPool(connections: 1, environment: time.environment(random: 0)) {
      (_) async throws(RPCError) in
      connections.add(1, ordering: .relaxed)
      return try await server.connect()
    }
    #expect(try await pool.recommend(user: "anna", count: 1).itemIndexes.count == 1)
    await server.goAway()
    // Until the client has read the farewell, the old connection still answers.
    while connections.load(ordering: .relaxed) < 2 {
      #expect(
        try await pool.recommend(user: "berta", count: 1).itemIndexes
          == [EchoMethods.firstIndex("berta")])
    }
    await pool.close()
  }

  @Test func callsGoToTheLeastBusyConnection() async throws {
    let server = try await server { $0.holdsFeedback = true }
    let connections = Atomic(0)
    let pool = RPCClientPool(connections: 3, environment: Time().environment(random: 0)) {
      (_) async throws(RPCError) in
      connections.add(1, ordering: .relaxed)
      return try await server.connect()
    }
    let seen = Mutex<Set<ObjectIdentifier>>([])
    let note: @Sendable (RPCClient) -> Void = { client in
      _ = seen.withLock { $0.insert(ObjectIdentifier(client)) }
    }
    // Each call is made while the one around it is under way.
    try await pool.call(timeout: nil) { (first, _) async throws(RPCError) in
      note(first)
      try await pool.call(timeout: nil) { (second, _) async throws(RPCError) in
        note(second)
        try await pool.call(timeout: nil) { (third, _) async throws(RPCError) in note(third) }
      }
    }
    #expect(seen.withLock { $0.count } == 3)
    #expect(connections.load(ordering: .relaxed) == 3)
    await pool.close()
  }

  @Test func aServerThatCannotBeReachedIsToldSoAfterAllAttempts() async throws {
    let time = Time()
    let attempts = Atomic(0)
    let pool = RPCClientPool(connections: 2, environment: time.environment(random: 0.5)) {
      (_) async throws(RPCError) in
      attempts.add(1, ordering: .relaxed)
      throw Self.unavailable
    }
    await #expect(throws: Self.unavailable) { try await pool.health(timeout: nil) }
    #expect(attempts.load(ordering: .relaxed) == 4)
    #expect(time.slept == [25, 50, 100].map { Duration.milliseconds($0) })
  }
}
