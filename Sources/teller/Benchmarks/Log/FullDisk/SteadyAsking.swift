internal import NIOPosix
internal import RecommenderRPC
internal import Synchronization

/// Asks a server for answers, one after the other, each of which must come.
final class SteadyAsking: Sendable {
  private static let pause = Duration.milliseconds(1)

  private struct State {
    var count = 0
    var faults: [String] = []
    var hasEnded = false
  }

  private let customers: [String]
  private let state = Mutex(State())
  private let isStopped = Atomic<Bool>(false)

  init(customers: [String]) { self.customers = customers }

  /// The answers so far.
  var count: Int { state.withLock { $0.count } }

  /// What went wrong, a line each.
  var faults: [String] { state.withLock { $0.faults } }

  /// Whether nothing is asked any more.
  var hasEnded: Bool { state.withLock { $0.hasEnded } }

  /// Lets it end after the answer that is under way.
  func stop() { isStopped.store(true, ordering: .relaxed) }

  /// Asks until ``stop()``, or until an answer does not come.
  ///
  /// - Parameter port: the server's.
  func run(port: Int) async {
    do {
      let client = try await RPCClient.connect(
        host: "127.0.0.1", port: port, group: MultiThreadedEventLoopGroup.singleton)
      while !isStopped.load(ordering: .relaxed) {
        _ = try await client.recommend(user: customers[count % customers.count], count: 7)
        state.withLock { $0.count += 1 }
        try await Task.sleep(for: Self.pause)
      }
      await client.close()
    } catch {
      state.withLock { $0.faults.append("Recommend: \(error)") }
    }
    state.withLock { $0.hasEnded = true }
  }
}
