internal import InteractionData
internal import NIOPosix
internal import RecommenderRPC
internal import Synchronization

/// Sends events to a server that will be killed or cannot write, and remembers what it acknowledged.
final class LedgerLoad: Sendable {
  static let connectionCount = 4
  static let batchLimit = 20
  /// How long a connection waits after its batch was refused.
  private static let pause = Duration.milliseconds(2)

  private let customers: [String]
  private let items: [String]
  private let ledger = Mutex(FeedbackLedger())
  private let isStopped = Atomic<Bool>(false)

  init(customers: [String], items: [String]) {
    self.customers = customers
    self.items = items
  }

  /// Lets every connection end after the batch it has under way.
  func stop() { isStopped.store(true, ordering: .relaxed) }

  /// The batches acknowledged and the refusals so far.
  var counts: (acknowledged: Int, refusals: Int) {
    ledger.withLock { ($0.acknowledged.count, $0.refusalCount) }
  }

  /// Sends batches on several connections until ``stop()`` or until the server is gone. A batch that
  /// is refused is sent again until it is taken.
  ///
  /// - Parameters:
  ///   - port: the server's.
  ///   - round: tells this load's events from those of others.
  ///   - again: batches of before, sent first.
  ///   - seed: of what is drawn.
  /// - Returns: what became of the events of all connections.
  func run(
    port: Int, round: Int, again: [FeedbackLedger.OpenBatch], seed: UInt64
  ) async -> FeedbackLedger {
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
    port: Int, name: String, again: [FeedbackLedger.OpenBatch], _ generator: SeededGenerator
  ) async {
    var random = generator
    guard
      let client = try? await RPCClient.connect(
        host: "127.0.0.1", port: port, group: MultiThreadedEventLoopGroup.singleton)
    else {
      ledger.withLock { $0.open += again }
      return
    }
    var waiting = again
    var serial = 0
    while !waiting.isEmpty || !isStopped.load(ordering: .relaxed) {
      if waiting.isEmpty {
        waiting = [.init(events: makeBatch("\(name)-\(serial)", &random), mayBeLogged: false)]
        serial += 1
      }
      do throws(RPCError) {
        note(try await client.feedback(waiting[0].events), waiting[0])
        waiting.removeFirst()
      } catch {
        // A status is an answer: the server is there and has kept nothing of the batch.
        let isThere = (try? await client.ping()) != nil
        let isRefused = isThere && error.code == .unavailable
        if isRefused { ledger.withLock { $0.refusalCount += 1 } }
        if !isRefused { waiting[0].mayBeLogged = true }
        if !isRefused || isStopped.load(ordering: .relaxed) { break }
        try? await Task.sleep(for: Self.pause)
      }
    }
    let left = waiting
    ledger.withLock { $0.open += left }
    await client.close()
  }

  private func note(_ outcomes: [FeedbackOutcome], _ batch: FeedbackLedger.OpenBatch) {
    // All of a batch is kept, or nothing of it.
    let isRight =
      outcomes.allSatisfy { $0 == .accepted }
      || batch.mayBeLogged && outcomes.allSatisfy { $0 == .duplicate }
    ledger.withLock { ledger in
      ledger.acknowledged.append(batch.events.map(\.eventID))
      if !isRight { ledger.faults.append("batch of \(batch.events[0].eventID): \(outcomes)") }
    }
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
