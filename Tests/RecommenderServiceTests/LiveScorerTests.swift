internal import EventLog
internal import InteractionData
internal import RecommenderModels
internal import TestSupport
internal import Testing

@testable internal import RecommenderService

/// Random feedback against a network: one step an event says what reading everything anew says.
@Suite struct LiveScorerTests {
  private static let itemCount = 9

  /// What live customers are scored by, with rows for all customers or without.
  private struct World {
    let dataset: Dataset
    let network: HRNNRecommender
    let scorer: LiveScorer
    let replay: any Scorer

    init(isPanel: Bool, seed: UInt64, networks: Int = 1, hasRows: Bool) throws {
      var generator = SeededGenerator(seed: seed)
      dataset =
        isPanel
        ? DatasetFixture.panel(
          itemCount: itemCount,
          customers: (0..<70).map { _ in
            (0..<6).map { _ in
              generator.nextUnitDouble() < 0.2 ? nil : generator.next() & generator.next() & 0x1ff
            }
          })
        : DatasetFixture.interactions(
          itemCount: itemCount,
          customers: (0..<70).map { _ in
            (0..<2 + generator.nextIndex(below: 12)).map { _ in
              generator.nextIndex(below: itemCount)
            }
          })
      var settings = HRNNConfiguration()
      settings.hiddenDimension = 32
      settings.sessionHiddenDimension = 8
      settings.embeddingDimension = 8
      settings.attributeDimension = 8
      settings.validationShare = 0
      settings.epochs = 1
      settings.seeds = networks
      network = try HRNNRecommender.train(
        on: dataset, configuration: settings, seed: seed, threadCount: 1, now: { .zero }
      ).model
      let target = try #require(dataset.lastMonth).advanced(by: 1)
      replay = network.scorer(for: dataset, targetMonth: target)
      scorer = LiveScorer(
        recommender: network, dataset: dataset, targetMonth: target,
        table: ScoreTable(
          dataset: dataset, scorer: replay, byteLimit: hasRows ? 1 << 20 : 0))
    }

    /// The numbers a customer is answered from.
    func scores(_ state: LiveState) -> [Float] {
      switch state {
      case .scores(let scores): return scores
      case .customer(let customer):
        var scores = [Float](repeating: .nan, count: itemCount)
        scores.withUnsafeMutableBufferPointer { scorer.score(customer, into: $0) }
        return scores
      }
    }

    /// Reads the whole history with the model's ordinary scorer.
    func replayed(_ history: LiveHistory) -> [Float] {
      var scores = [Float](repeating: .nan, count: itemCount)
      scores.withUnsafeMutableBufferPointer { row in
        history.withHistory { scorer.table.score($0, into: row) }
      }
      return scores
    }
  }

  /// Known and new customers, several events each, late ones, repeated ones and ones of a second.
  private func events(_ dataset: Dataset, seed: UInt64) -> [Event] {
    var generator = SeededGenerator(seed: seed)
    return (0..<300).map { number in
      let late = generator.nextUnitDouble() < 0.3 ? Int64(generator.nextIndex(below: 9000)) : 0
      let kinds: [Event.Kind] = [.accepted, .accepted, .accepted, .dropped, .clicked]
      return Event(
        eventID: "\(number)", userID: "c\(60 + generator.nextIndex(below: 20))",
        itemID: "i\(generator.nextIndex(below: Self.itemCount))",
        kind: kinds[generator.nextIndex(below: kinds.count)],
        timeMilliseconds: (dataset.knownThrough + max(1, Int64(number / 2) * 700 - late)) * 1000)
    }
  }

  @Test(arguments: [true, false], [true, false])
  func aStepAnEventIsAReplay(isPanel: Bool, hasRows: Bool) throws {
    for seed in UInt64(71)..<74 {
      try compare(World(isPanel: isPanel, seed: seed, hasRows: hasRows), seed)
    }
  }

  @Test(arguments: [true, false])
  func soItIsWithSeveralNetworks(isPanel: Bool) throws {
    try compare(World(isPanel: isPanel, seed: 75, networks: 2, hasRows: true), 75)
  }

  private func compare(_ world: World, _ seed: UInt64) throws {
    let live = LivePersonalization(dataset: world.dataset, scorer: world.scorer)
    let restarted = LivePersonalization(dataset: world.dataset, scorer: world.scorer)
    var histories: [LivePersonalization.CustomerKey: LiveHistory] = [:]
    var latest: [LivePersonalization.CustomerKey: [Float]] = [:]
    for event in events(world.dataset, seed: seed) {
      #expect(live.apply(event) == restarted.apply(event))
      let index = world.dataset.customers.index(of: event.userID)
      let key = index.map { LivePersonalization.CustomerKey.known($0) } ?? .new(event.userID)
      var history = histories[key] ?? LiveHistory(customer: index, in: world.dataset)
      let item = try #require(world.dataset.items.identifiers.index(of: event.itemID))
      let change = history.apply(
        .init(kind: event.kind, item: item, timestamp: event.timeMilliseconds / 1000))
      guard change != .nothing else { continue }
      histories[key] = history
      let update = try #require(live.updates(for: [key]).first)
      let scores = try world.scores(#require(update.state))
      latest[key] = scores
      let replayed = world.replayed(history)
      #expect(scores == replayed, "\(key), seed \(seed)")
    }
    #expect(Set(histories.keys).count == 20, "seed \(seed): not every customer had feedback")
    // A server that starts anew reads the log first and scores afterwards, on several threads.
    let updates = restarted.updates(for: histories.keys, threadCount: 2)
    #expect(updates.count == histories.count)
    for update in updates {
      #expect(
        try world.scores(#require(update.state)) == latest[update.customer],
        "restarted, seed \(seed)")
    }
  }

  @Test(arguments: [true, false])
  func anEventInTimeIsOneStepFromWhatIsRemembered(isPanel: Bool) throws {
    let world = try World(isPanel: isPanel, seed: 76, hasRows: false)
    var customer = LiveCustomer(history: LiveHistory(customer: 3, in: world.dataset))
    let start = world.dataset.knownThrough
    func apply(_ item: Int, _ second: Int64) -> Bool {
      world.scorer.apply(
        .init(kind: .accepted, item: item, timestamp: start + second), to: &customer)
    }
    #expect(apply(1, 10))
    #expect(customer.memory == nil, "nobody asked yet")
    world.scorer.remember(&customer)
    let first = try #require(customer.memory)
    #expect(apply(2, 20))
    let second = try #require(customer.memory, "the memory goes on, nothing is read anew")
    // On a panel an event is of the live month, before which the state stands.
    #expect((second == first) == isPanel)
    // A late event takes the steps of a sequence back; a panel's month has no order.
    #expect(apply(3, 15))
    #expect((customer.memory == nil) != isPanel)
    world.scorer.remember(&customer)
    var anew = LiveCustomer(history: customer.history)
    world.scorer.remember(&anew)
    #expect(customer.memory == anew.memory)
  }
}
