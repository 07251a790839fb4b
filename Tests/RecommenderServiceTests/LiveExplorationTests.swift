internal import EventLog
internal import Exploration
internal import InteractionData
internal import RecommenderModels
internal import RecommenderRPC
internal import TestSupport
internal import Testing

@testable internal import RecommenderService

/// What is learned of feedback, and that a replay of the log learns the same.
struct LiveExplorationTests {
  private static let day = ExplorationConfiguration.millisecondsPerDay
  private static let base: Int64 = 1_800_000_000_000

  /// A learning side with its own log, and a deciding side to make slates.
  private struct World {
    let start: ExplorationStart
    let catalogue: CatalogueSnapshot
    let live: LiveExploration
    let explorer: Explorer
    var policy: SlatePolicy
    var log: [Event] = []

    init(_ fixture: ServiceFixture, window: Int = 60) throws {
      let models = try fixture.models(withSimilarity: false)
      let target = models.targetMonth
      let table = ScoreTable(
        dataset: models.dataset,
        scorer: models.primary.recommender.scorer(for: models.dataset, targetMonth: target))
      start = try #require(
        try ExplorationStart(
          models, table: table, configuration: .init(weight: 1, responseWindowSeconds: window)))
      let items = try SQLiteItemStore(path: fixture.folder.file("world.sqlite"))
      try items.put([
        StoredItem(itemID: "cold0", createdMilliseconds: base, prior: [-2]),
        StoredItem(itemID: "cold1", createdMilliseconds: base, prior: [-2.5, 0.3]),
      ])
      catalogue = try LiveCatalogue(models: models, store: items, priors: start.priors).current
      live = Self.makeLive(start, catalogue)
      policy = try #require(live.changedPolicy())
      explorer = start.makeExplorer(policy, nowMilliseconds: { 0 })
    }

    static func makeLive(
      _ start: ExplorationStart, _ catalogue: CatalogueSnapshot
    ) -> LiveExploration {
      start.makeLive(catalogue) { catalogue.index(of: $0) }
    }

    /// Decides an answer; returns its products.
    func recommend(_ number: UInt64, customer: Int, count: Int = 3) -> [String] {
      var answer = RankedItemsAnswer()
      let scores: [Float] = [-.infinity, 0.2, 0.05, 0.1, 0.15]
      let isFilled = scores.withUnsafeBufferPointer {
        explorer.fill(
          $0, .init(index: customer), weight: 1, count: count,
          number: .init(instance: 1, count: number), isExcluded: { _ in false }, into: &answer)
      }
      precondition(isFilled, "there are cold products")
      return answer.itemIndexes.prefix(answer.count).map { catalogue.itemIDs[Int($0)] }
    }

    mutating func send(
      _ kind: Event.Kind, _ item: String, of number: UInt64, at seconds: Int64,
      listing: [String] = [], withSlate: Bool = true
    ) {
      var event = Event(
        eventID: "", userID: "c1", itemID: item, kind: kind,
        timeMilliseconds: LiveExplorationTests.base + seconds * 1000,
        recommendationID: "r\(number)", impressionItemIDs: listing)
      if withSlate { event.slate = explorer.takeSlate(number) ?? [] }
      log.append(event)
      live.apply(event)
      if let changed = live.changedPolicy() {
        policy = changed
        explorer.publish(changed)
      }
    }

    func showings(_ item: String) -> Int {
      policy.coldProducts.first { $0.item == catalogue.index(of: item) }?.progress.showings ?? -1
    }

    func acceptances(_ item: String) -> Int {
      policy.coldProducts.first { $0.item == catalogue.index(of: item) }?.progress.acceptances ?? -1
    }
  }

  /// Everything a policy holds, in a form that can be compared: each number to the bit.
  private static func content(_ policy: SlatePolicy) -> [Substring] {
    var text = ""
    dump(policy, to: &text, maxItems: 1_000_000)
    return text.split(separator: "\n").sorted()
  }

  @Test func responsesTeachAtOnceAndSilenceLater() throws {
    var world = try World(try ExplorationFixture.make())
    let items = world.recommend(1, customer: 1, count: 500)
    #expect(items.contains("cold0") && items.contains("cold1"))
    world.send(.shown, items[0], of: 1, at: 0)
    #expect(world.showings("cold0") == 0)
    world.send(.accepted, "cold0", of: 1, at: 5)
    #expect(world.showings("cold0") == 1)
    #expect(world.acceptances("cold0") == 1)
    // The first response counts.
    world.send(.dismissed, "cold0", of: 1, at: 6)
    world.send(.accepted, "cold0", of: 1, at: 7)
    #expect(world.showings("cold0") == 1)
    #expect(world.showings("cold1") == 0)
    // One second short of the window, and the window.
    world.send(.clicked, "i1", of: 99, at: 59)
    #expect(world.showings("cold1") == 0)
    world.send(.clicked, "i1", of: 99, at: 60)
    #expect(world.showings("cold1") == 1)
    #expect(world.acceptances("cold1") == 0)
    // Settled: what comes now teaches nothing.
    world.send(.accepted, "cold1", of: 1, at: 61)
    #expect(world.showings("cold1") == 1)
    #expect(world.acceptances("cold1") == 0)
  }

  @Test func explicitImpressionsWin() throws {
    var world = try World(try ExplorationFixture.make())
    _ = world.recommend(1, customer: 1, count: 500)
    world.send(.shown, "i1", of: 1, at: 0, listing: ["i1", "cold1"])
    world.send(.clicked, "i1", of: 99, at: 100)
    #expect(world.showings("cold0") == 0, "was not on the screen")
    #expect(world.showings("cold1") == 1)
  }

  @Test func answersNobodyKnowsTeachNothing() throws {
    var world = try World(try ExplorationFixture.make())
    let before = Self.content(world.policy)
    _ = world.recommend(1, customer: 1, count: 500)
    world.send(.accepted, "cold0", of: 2, at: 0)
    world.send(.accepted, "cold0", of: 1, at: 1, withSlate: false)
    world.send(.accepted, "cold0", of: 3, at: 1000)
    #expect(Self.content(world.policy) == before)
  }

  @Test func slatesOfProductsPastTheCatalogueTeachNothing() throws {
    let world = try World(try ExplorationFixture.make())
    let before = Self.content(world.policy)
    _ = world.recommend(1, customer: 1, count: 500)
    let good = try #require(world.explorer.takeSlate(1))
    var event = Event(
      eventID: "", userID: "c1", itemID: "cold0", kind: .accepted, timeMilliseconds: .max,
      recommendationID: "r1")
    for item: UInt32 in [7, .max] {
      // The item of the last slot: behind it are 13 bytes of it, and 4 of the rival.
      var bytes = good
      withUnsafeBytes(of: item.littleEndian) {
        bytes.replaceSubrange(bytes.count - 21..<bytes.count - 17, with: $0)
      }
      event.slate = bytes
      world.live.apply(event)
      let isUnchanged = Self.content(world.live.policy) == before
      #expect(isUnchanged, "\(item)")
    }
    event.slate = good
    world.live.apply(event)
    let isTaught = Self.content(world.live.policy) != before
    #expect(isTaught)
  }

  @Test func silenceLowersAppeal() throws {
    var world = try World(try ExplorationFixture.make())
    let item = try #require(world.catalogue.index(of: "cold0"))
    let before = world.policy.logit(ofCold: item, context: [0, 0]).mean
    for number in UInt64(1)...20 {
      _ = world.recommend(number, customer: 1, count: 500)
      world.send(.shown, "i1", of: number, at: Int64(number) * 100)
    }
    #expect(world.policy.logit(ofCold: item, context: [0, 0]).mean < before)
  }

  @Test(arguments: [UInt64(1), 2, 3, 4])
  func aReplayHasTheSameBeliefsToTheBit(seed: UInt64) throws {
    var world = try World(try ExplorationFixture.make())
    var generator = SeededGenerator(seed: seed)
    var slates: [[String]] = []
    for number in UInt64(1)...300 {
      slates.append(world.recommend(number, customer: generator.nextIndex(below: 40)))
      for _ in 0..<generator.nextIndex(below: 4) {
        // Of any earlier answer, at any time near by: late, out of order, or of one long settled.
        let of = generator.nextIndex(below: slates.count)
        let kind = Event.Kind.allCases[generator.nextIndex(below: 5)]
        let slate = slates[of]
        let listing = generator.nextIndex(below: 4) == 0 ? Array(slate.suffix(2)) : []
        world.send(
          kind, slate[generator.nextIndex(below: slate.count)], of: UInt64(of + 1),
          at: Int64(number) * 20 - Int64(generator.nextIndex(below: 200)), listing: listing)
      }
    }
    let replayed = World.makeLive(world.start, world.catalogue)
    for event in world.log { replayed.apply(event) }
    let policy = try #require(replayed.changedPolicy())
    #expect(world.showings("cold0") > 10 && world.acceptances("cold0") > 0)
    #expect(Self.content(policy) == Self.content(world.policy), "seed \(seed)")
  }
}
