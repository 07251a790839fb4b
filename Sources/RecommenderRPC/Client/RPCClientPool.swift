internal import Synchronization

/// Several connections to one server behind the calls of one client: each call takes the connection
/// with the fewest calls under way, lost connections are made anew, and calls that fail with
/// UNAVAILABLE are tried again.
///
/// A call's `timeout` is for all its attempts, waits included. A Feedback that is tried again may
/// have been stored the first time; its events are then answered DUPLICATE.
public final class RPCClientPool: Sendable {
  /// Makes a connection, within the time given.
  public typealias Connector = @Sendable (_ timeout: Duration) async throws(RPCError) -> RPCClient

  /// Time and chance, as the pool sees them.
  public struct Environment: Sendable {
    /// Time passed since any fixed moment.
    public var now: @Sendable () -> Duration
    /// Waits; throws when the task is cancelled.
    public var sleep: @Sendable (Duration) async throws -> Void
    /// A random number from 0 to 1.
    public var random: @Sendable () -> Double

    /// Makes an environment.
    public init(
      now: @escaping @Sendable () -> Duration,
      sleep: @escaping @Sendable (Duration) async throws -> Void,
      random: @escaping @Sendable () -> Double
    ) {
      self.now = now
      self.sleep = sleep
      self.random = random
    }

    /// The system's clock and random numbers.
    public static let system: Environment = {
      let start = ContinuousClock.now
      return Environment(
        now: { ContinuousClock.now - start }, sleep: { try await Task.sleep(for: $0) },
        random: { Double.random(in: 0...1) })
    }()
  }

  private struct Slot {
    var client: RPCClient?
    var connecting: Task<RPCClient, any Error>?
    var callCount = 0
  }

  private let slots: Mutex<[Slot]>
  private let policy: RetryPolicy
  private let connectTimeout: Duration
  private let environment: Environment
  private let connector: Connector

  /// Most connections of a pool.
  public static let maxConnections = 256

  /// Makes a pool; connections are opened when calls need them.
  ///
  /// - Parameters:
  ///   - connections: 1 to 256.
  ///   - policy: when calls are tried again.
  ///   - connectTimeout: longest wait for one connection.
  ///   - environment: time and chance.
  ///   - connector: makes a connection, for instance by `RPCClient.connect`.
  public init(
    connections: Int, policy: RetryPolicy = RetryPolicy(),
    connectTimeout: Duration = .seconds(10), environment: Environment = .system,
    connector: @escaping Connector
  ) {
    precondition(
      (1...Self.maxConnections).contains(connections),
      "a pool has 1 to \(Self.maxConnections) connections, not \(connections)")
    precondition(policy.attempts >= 1, "a call needs an attempt")
    slots = Mutex(Array(repeating: Slot(), count: connections))
    self.policy = policy
    self.connectTimeout = connectTimeout
    self.environment = environment
    self.connector = connector
  }

  /// Makes a call on the least busy connection, again while it fails with UNAVAILABLE and attempts
  /// and time are left. `body` gets the client and the time left.
  public func call<Answer: Sendable>(
    timeout: Duration?,
    _ body: @Sendable (RPCClient, _ timeout: Duration?) async throws(RPCError) -> Answer
  ) async throws(RPCError) -> Answer {
    let end = timeout.map { environment.now() + $0 }
    var attempt = 1
    while true {
      do throws(RPCError) {
        return try await callOnce(end: end, body)
      } catch {
        guard error.code == .unavailable, attempt < policy.attempts else { throw error }
        let wait = policy.backoff(afterAttempt: attempt, random: environment.random())
        // Waiting past the end would only hide the reason.
        if let end, environment.now() + wait >= end { throw error }
        do {
          try await environment.sleep(wait)
        } catch {
          throw CallCancellation.error
        }
        attempt += 1
      }
    }
  }

  private func callOnce<Answer: Sendable>(
    end: Duration?,
    _ body: @Sendable (RPCClient, _ timeout: Duration?) async throws(RPCError) -> Answer
  ) async throws(RPCError) -> Answer {
    func left() -> Duration? { end.map { max(.zero, $0 - environment.now()) } }
    let index = slots.withLock { slots in
      let index = slots.indices.min { slots[$0].callCount < slots[$1].callCount } ?? 0
      slots[index].callCount += 1
      return index
    }
    defer { slots.withLock { $0[index].callCount -= 1 } }
    let client = try await client(at: index, timeout: min(connectTimeout, left() ?? connectTimeout))
    do throws(RPCError) {
      return try await body(client, left())
    } catch {
      if error.code == .unavailable { forget(client, at: index) }
      throw error
    }
  }

  /// The connection of a slot; several calls that find none wait for the same one.
  private func client(at index: Int, timeout: Duration) async throws(RPCError) -> RPCClient {
    let connector = connector
    let found: (client: RPCClient?, connecting: Task<RPCClient, any Error>?) = slots.withLock {
      if let client = $0[index].client { return (client, nil) }
      let task = $0[index].connecting ?? Task { try await connector(timeout) }
      $0[index].connecting = task
      return (nil, task)
    }
    if let client = found.client { return client }
    guard let task = found.connecting else {
      preconditionFailure("a slot connects or is connected")
    }
    let result = await task.result
    slots.withLock { slots in
      guard slots[index].connecting == task else { return }
      slots[index].connecting = nil
      slots[index].client = try? result.get()
    }
    do {
      return try result.get()
    } catch {
      throw RPCError(describing: error)
    }
  }

  private func forget(_ client: RPCClient, at index: Int) {
    slots.withLock { if $0[index].client === client { $0[index].client = nil } }
  }

  /// Closes the connections when their calls have ended. A later call opens new ones.
  public func close() async {
    let clients = slots.withLock { slots in
      defer { for index in slots.indices { slots[index].client = nil } }
      return slots.compactMap(\.client)
    }
    for client in clients { await client.close() }
  }
}
