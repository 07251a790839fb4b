internal import EventLog
internal import Foundation
internal import InteractionData
internal import NIOPosix
internal import RecommenderRPC
internal import RecommenderService

/// Fills an event log with visits of a bank's customers, as fast as the log takes them.
///
/// A visit is an answer that was shown, with the slate it was decided on, and perhaps what the
/// customer did with one of its products. The answers are real ones of the workspace's models, cold
/// products among them, asked for once by ``poolLimit`` customers and then repeated under names of
/// their own for customers drawn from all of them: deciding millions would take longer than all else.
struct EventLogFill {
  /// The most customers whose answers are repeated.
  static let poolLimit = 20_000
  /// The products of an answer.
  private static let slotCount = 5
  /// Of 100 answers that were shown, those of which nothing more is heard.
  private static let silentPercent = 45

  private struct Visit {
    let itemIDs: [String]
    let slate: [UInt8]
  }

  let dataset: Dataset
  /// Of 100 events, those that change what a customer holds.
  let holdingPercent: Int
  private var random: SeededGenerator
  private var pool: [Visit] = []
  private let firstMilliseconds: Int64

  init(_ dataset: Dataset, holdingPercent: Int, seed: UInt64) {
    self.dataset = dataset
    self.holdingPercent = holdingPercent
    random = SeededGenerator(seed: seed)
    firstMilliseconds = (dataset.knownThrough + 1) * 1000
  }

  /// Asks a service over an empty log for the answers, by RPC in this process.
  mutating func askForAnswers(_ service: LoadedService, logPath: String) async throws {
    let now = firstMilliseconds
    let server = try await InProcessServer.start(group: MultiThreadedEventLoopGroup.singleton) {
      ServiceMethods(
        service: service, eventLoop: $0, instance: 1, nowMilliseconds: { now })
    }
    let client = try await server.connect()
    _ = try await client.putItems(
      (0..<2).map { PutItem(itemID: "bench cold \($0)", createdMilliseconds: now) })
    let count = min(dataset.customers.count, Self.poolLimit)
    var visits: [String: [String]] = [:]
    for place in 0..<count {
      let user = dataset.customers[dataset.customers.count * place / count]
      let answer = try await client.recommend(user: user, count: Self.slotCount)
      guard let item = answer.itemIDs.first else { continue }
      _ = try await client.feedback([
        FeedbackEvent(
          eventID: answer.recommendationID, userID: user, itemID: item, type: .shown,
          timeMilliseconds: now,
          recommendationID: answer.recommendationID)
      ])
      visits[answer.recommendationID] = answer.itemIDs
    }
    await client.close()
    service.close()
    var pool: [Visit] = []
    try SQLiteEventStore(path: logPath).forEach(after: 0) { _, event in
      guard let itemIDs = visits[event.recommendationID] else { return }
      pool.append(Visit(itemIDs: itemIDs, slate: event.slate))
    }
    self.pool = pool
  }

  /// Appends events until there are as many; sequence numbers name them.
  mutating func fill(_ store: SQLiteEventStore, until total: Int) throws {
    var count = try store.count()
    var batch: [Event] = []
    while count < total {
      batch.removeAll(keepingCapacity: true)
      while batch.count < min(EventLogLimits.batchLimit, total - count) {
        appendVisit(count + batch.count, to: &batch)
      }
      batch.removeLast(max(0, batch.count - (total - count)))
      batch.removeLast(max(0, batch.count - EventLogLimits.batchLimit))
      _ = try store.append(batch)
      count += batch.count
    }
  }

  private mutating func appendVisit(_ number: Int, to batch: inout [Event]) {
    let visit = pool[Int(random.next() % UInt64(pool.count))]
    var event = Event(
      eventID: Self.identifier(number),
      userID: dataset.customers[Int(random.next() % UInt64(dataset.customers.count))],
      itemID: visit.itemIDs[0],
      kind: .shown, timeMilliseconds: firstMilliseconds + Int64(number) * 10,
      recommendationID: Self.identifier(number) + Self.identifier(number), channel: "bench",
      slate: visit.slate)
    batch.append(event)
    let percentile = Int(random.next() % 100)
    // One event more of those who are not silent: holdings change in that share of all events.
    guard percentile >= Self.silentPercent else { return }
    let holdingShare = holdingPercent * (200 - Self.silentPercent) / (100 - Self.silentPercent)
    let draw = Int(random.next() % 100)
    event.kind =
      draw < holdingShare
      ? draw % 5 == 4 ? .dropped : .accepted : draw % 2 == 0 ? .clicked : .dismissed
    event.eventID = Self.identifier(number + 1)
    event.itemID = visit.itemIDs[Int(random.next() % UInt64(visit.itemIDs.count))]
    event.timeMilliseconds += 5
    event.slate = []
    batch.append(event)
  }

  /// Sixteen digits, as senders that count would have them.
  private static func identifier(_ number: Int) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
