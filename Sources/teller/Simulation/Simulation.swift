internal import Foundation
internal import InteractionData
internal import RecommenderRPC

/// Plays customers of known wishes against a server, through the RPC alone.
struct Simulation {
  /// How it is played.
  struct Plan {
    var requests: Int
    var slotCount: Int
    var seed: UInt64
    var products: [SimulatedProduct]
    var explorationWeight: Float?
    /// Requests whose feedback is sent together.
    var batch: Int
    /// The time of the first request, in milliseconds since 1970.
    var startMilliseconds: Int64
    /// The time from one request to the next, in milliseconds.
    var intervalMilliseconds: Int64
  }

  /// The server did not take what it was sent.
  struct Refused: Error, CustomStringConvertible {
    let description: String
  }

  private let plan: Plan
  private let client: RPCClient
  private let timeout: Duration
  private var bank: SimulatedBank
  private var generator: SeededGenerator
  private var report = SimulationReport()
  private var events: [FeedbackEvent] = []
  private var eventCount = 0

  init(_ plan: Plan, bank: SimulatedBank, client: RPCClient, timeout: Duration) {
    self.plan = plan
    self.bank = bank
    self.client = client
    self.timeout = timeout
    generator = SeededGenerator(seed: plan.seed)
    report.products = plan.products.map { SimulationReport.Product(product: $0) }
  }

  /// Plays to the end.
  ///
  /// - Parameter progress: told the number of requests after each batch.
  /// - Returns: what it came to.
  /// - Throws: ``Refused``, and what the connection throws.
  mutating func play(progress: (Int) -> Void) async throws -> SimulationReport {
    for request in 0..<plan.requests {
      try await putProducts(arrivingAt: request)
      try await playOne(request)
      if (request + 1).isMultiple(of: plan.batch) || request == plan.requests - 1 {
        try await sendEvents()
        progress(request + 1)
      }
    }
    return report
  }

  private mutating func putProducts(arrivingAt request: Int) async throws {
    let arriving = plan.products.filter { $0.arrival == request }
    if arriving.isEmpty { return }
    let outcomes = try await client.putItems(
      arriving.map { PutItem(itemID: $0.itemID) }, timeout: timeout)
    for (product, outcome) in zip(arriving, outcomes) {
      if case .rejected(let reason) = outcome {
        throw Refused(description: "\(product.itemID) was not put: \(reason)")
      }
      bank.add(product)
    }
  }

  private mutating func playOne(_ request: Int) async throws {
    let customer = generator.nextIndex(below: bank.customers.count)
    let answer = try await client.recommend(
      user: bank.customers[customer], count: plan.slotCount,
      explorationWeight: plan.explorationWeight, timeout: timeout)
    score(answer, customer: customer, request: request)
    guard let first = answer.itemIDs.first else { return }
    add(.shown, first, answer, customer, request)
    for (slot, item) in answer.itemIDs.enumerated() {
      switch bank.react(to: item, slot: slot, customer: customer, &generator) {
      case .accepted:
        report.accepted += 1
        if let place = place(of: item) { report.products[place].acceptances += 1 }
        add(.accepted, item, answer, customer, request)
      case .dismissed: add(.dismissed, item, answer, customer, request)
      case .silence: break
      }
    }
  }

  /// Counts what the answer is worth, in expectation: before the customer has reacted.
  private mutating func score(_ answer: RankedItems, customer: Int, request: Int) {
    report.requests += 1
    if answer.explored { report.exploredAnswers += 1 }
    let best = bank.bestSlate(customer: customer, count: plan.slotCount)
    for (slot, entry) in best.enumerated() {
      let value = SimulatedBank.examination(of: slot) * entry.chance
      report.best += value
      report.regret += value
    }
    for (slot, item) in answer.itemIDs.enumerated() {
      report.regret -=
        SimulatedBank.examination(of: slot) * bank.chance(of: item, customer: customer)
      if let place = place(of: item) { report.products[place].showings += 1 }
    }
    for (place, entry) in report.products.enumerated() where entry.product.arrival <= request {
      let isShown = answer.itemIDs.contains(entry.product.itemID)
      if best.contains(where: { $0.item == entry.product.itemID }) {
        report.products[place].suits(isShown: isShown, request: request)
      } else if isShown {
        report.products[place].wasted += 1
      }
    }
  }

  private func place(of item: String) -> Int? {
    report.products.firstIndex { $0.product.itemID == item }
  }

  private mutating func add(
    _ type: FeedbackEventType, _ item: String, _ answer: RankedItems, _ customer: Int,
    _ request: Int
  ) {
    eventCount += 1
    events.append(
      FeedbackEvent(
        // Names of one run: the answer's identifier is no other run's.
        eventID: "simulate-\(answer.recommendationID)-\(eventCount)",
        userID: bank.customers[customer], itemID: item, type: type,
        timeMilliseconds: plan.startMilliseconds + Int64(request) * plan.intervalMilliseconds,
        recommendationID: answer.recommendationID, channel: "simulation"))
  }

  private mutating func sendEvents() async throws {
    while !events.isEmpty {
      let part = Array(events.prefix(MessageLimits.maxFeedbackEvents))
      let outcomes = try await client.feedback(part, timeout: timeout)
      for (event, outcome) in zip(part, outcomes) {
        if case .rejected(let reason) = outcome {
          throw Refused(description: "feedback on \(event.itemID) was rejected: \(reason)")
        }
      }
      events.removeFirst(part.count)
    }
  }
}
