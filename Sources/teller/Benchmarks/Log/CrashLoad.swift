internal import InteractionData
internal import NIOPosix
internal import RecommenderRPC
internal import Synchronization

/// Sends events to a server that will be killed, and remembers what it acknowledged.
final class CrashLoad: Sendable {
  /// What became of the events sent.
  struct Ledger: Sendable {
    /// Identifiers in acknowledged batches, in the order of each batch.
    var acknowledged: [[String]] = []
    /// Batches whose answer never came.
    var unanswered: [[FeedbackEvent]] = []
    /// What a server said that it never may.
    var faults: [String] = []
  }

  static let connectionCount = 4
  static let batchLimit = 20

  private let customers: [String]
  private let items: [String]
  private let ledger = Mutex(Ledger())
  private let isStopped = Atomic<Bool>(false)

  init(customers: [String], items: [String]) {
    self.customers = customers
    self.items = items
  }

  /// Lets every connection end after the batch it has under way.
  func stop() { isStopped.store(true, ordering: .relaxed) }

  /// Sends batches on several connections until ``stop()`` or until the server is gone.
  ///
  /// - Parameters:
  ///   - port: the server's.
  ///   - round: tells this load's events from those of others.
  ///   - again: batches of before, sent first; what was kept of them is a duplicate now.
  ///   - seed: of what is drawn.
  /// - Returns: what became of the events of all connections.
  func run(
    port: Int, round: Int, again: [[FeedbackEvent]], seed: UInt64
  ) async -> Ledger {
    await withTaskGroup(of: Void.self) { tasks in
      for connection in 0..<Self.connectionCount {
        let share = again.indices.filter { $0 % Self.connectionCount == connection }
          .map { again[$0] }
        tasks.addTask { [self] in
          await send(
            port: port, name: "\(round)-\(connection)", again: share,
            SeededGenerator(seed: seed &+ UInt64(connection)))
        }
      }
    }
    return ledger.withLock { $0 }
  }

  private func send(
    port: Int, name: String, again: [[FeedbackEvent]], _ generator: SeededGenerator
  ) async {
    var random = generator
    guard
      let client = try? await RPCClient.connect(
        host: "127.0.0.1", port: port, group: MultiThreadedEventLoopGroup.singleton)
    else {
      ledger.withLock { $0.unanswered += again }
      return
    }
    var waiting = again
    var serial = 0
    while !waiting.isEmpty || !isStopped.load(ordering: .relaxed) {
      let isAgain = !waiting.isEmpty
      let batch =
        isAgain ? waiting.removeFirst() : makeBatch("\(name)-\(serial)", &random)
      serial += 1
      do throws(RPCError) {
        let outcomes = try await client.feedback(batch)
        let isTaken = outcomes.allSatisfy { $0 == .accepted || isAgain && $0 == .duplicate }
        // All of a batch is kept, or nothing of it.
        let isWhole = Set(outcomes.map { $0 == .duplicate }).count == 1
        ledger.withLock { ledger in
          ledger.acknowledged.append(batch.map(\.eventID))
          if !isTaken || !isWhole { ledger.faults.append("batch \(name)-\(serial): \(outcomes)") }
        }
      } catch {
        let left = [batch] + waiting
        ledger.withLock { $0.unanswered += left }
        return
      }
    }
    await client.close()
  }

  private func makeBatch(_ name: String, _ random: inout SeededGenerator) -> [FeedbackEvent] {
    let count = 1 + Int(random.next() % UInt64(Self.batchLimit))
    return (0..<count).map { place in
      let types = FeedbackEventType.allCases
      return FeedbackEvent(
        eventID: "\(name)-\(place)",
        userID: customers[Int(random.next() % UInt64(customers.count))],
        itemID: items[Int(random.next() % UInt64(items.count))],
        type: types[Int(random.next() % UInt64(types.count))])
    }
  }
}
