internal import EventLog
internal import Exploration
internal import InteractionData
internal import RecommenderModels
internal import RecommenderRPC
internal import TestSupport
internal import Testing

@testable internal import RecommenderService

/// What the deciding side answers, without a connection in between.
struct ExplorerTests {
  private let fixture: ServiceFixture

  init() throws { fixture = try ExplorationFixture.make() }

  /// The deciding side of a server with cold products.
  private func explorer(seed: UInt64 = 1, coldCount: Int = 3) throws -> Explorer {
    let items = try SQLiteItemStore(path: fixture.folder.file("explorer.sqlite"))
    try items.put(
      (0..<coldCount).map { place in
        StoredItem(
          itemID: "cold\(place)", createdMilliseconds: 1, prior: [-2 - 0.5 * Double(place % 3)])
      })
    let service = try fixture.load(items: items, exploration: .init(seed: seed))
    defer { service.close() }
    return try #require(service.current.makeEngine(service.firstUpdates).explorer)
  }

  private static let scores: [Float] = [-.infinity, 0.2, 0.05, 0.1, 0.15]

  /// Slates of one request under numbers from 1 on: the last items and their propensities.
  private func play(
    _ explorer: Explorer, weight: Float, count: Int, requests: Int,
    heldAdded: [UInt32] = [], excluded: Int? = 6
  ) -> [(items: [UInt32], propensities: [Float], explored: Bool)] {
    var answer = RankedItemsAnswer()
    return (1...UInt64(requests)).map { number in
      answer.clear()
      let isFilled = Self.scores.withUnsafeBufferPointer {
        explorer.fill(
          $0, .init(index: 3, heldAdded: heldAdded), weight: weight, count: count,
          number: RecommendationNumber(instance: 7, count: number), isExcluded: { $0 == excluded },
          into: &answer)
      }
      guard isFilled else { return ([], [], false) }
      return (
        Array(answer.itemIndexes.prefix(answer.count)),
        Array(answer.propensities.prefix(answer.count)), answer.explored
      )
    }
  }

  @Test(arguments: [Float(0.1), 0.3, 1])
  func loggedPropensityIsTheObservedFrequency(weight: Float) throws {
    let explorer = try explorer()
    let requests = 100_000
    var counts: [UInt32: Int] = [:]
    var propensities: [UInt32: Float] = [:]
    var contradictions = 0
    for (items, probabilities, explored) in play(
      explorer, weight: weight, count: 2, requests: requests)
    {
      let last = try #require(items.last)
      counts[last, default: 0] += 1
      // The first slot has the best; believed second best is product 4, of probability .15.
      if probabilities[0] != 1 || explored != (last != 4)
        || propensities[last] ?? probabilities[1] != probabilities[1]
      {
        contradictions += 1
      }
      propensities[last] = probabilities[1]
    }
    #expect(contradictions == 0)
    // All but the one that is left out, the one that is held, and what stands above.
    #expect(Set(counts.keys).isSubset(of: [2, 3, 4, 5, 7]))
    #expect(counts[5] ?? 0 > 0 && counts[7] ?? 0 > 0, "cold products are tried")
    for (item, propensity) in propensities {
      let p = Double(propensity)
      let frequency = Double(counts[item] ?? 0) / Double(requests)
      let error = (p * (1 - p) / Double(requests)).squareRoot()
      #expect(abs(frequency - p) <= 3 * error, "item \(item), weight \(weight)")
    }
    let cold = Double((propensities[5] ?? 0) + (propensities[7] ?? 0))
    #expect(cold <= Double(weight) * (1 + 1.0 / 30), "the weight, and the floor")
  }

  /// With as many cold products as are learned about, and one more, the menu for the record is as long
  /// as a record takes.
  @Test(arguments: [-1, 0, 1]) func theLongestMenuFitsARecord(more: Int) throws {
    #expect(SlatePolicy.menuLimit == RecommendationLogLimits.menuLimit)
    let explorer = try explorer(coldCount: SlatePolicy.coldItemLimit + more)
    let last = try #require(
      play(explorer, weight: 1, count: 2, requests: 1, excluded: nil).first)
    let expected = RecommendationLogLimits.menuLimit + min(more, 0)
    #expect(explorer.menu.count == expected)
    #expect(Set(explorer.menu.map(\.itemIndex)).count == expected)
    let sum = explorer.menu.reduce(0) { $0 + Double($1.propensity) }
    #expect(abs(sum - 1) < 1e-4)
    #expect(explorer.menu.contains { $0.itemIndex == last.items.last })
  }

  @Test func withoutWeightNothingIsDrawn() throws {
    let explorer = try explorer()
    #expect(!explorer.hasProducts(weight: 0))
    #expect(explorer.hasProducts(weight: 0.01))
    let slates = play(explorer, weight: 0, count: 2, requests: 100)
    #expect(slates.allSatisfy { $0.items.isEmpty }, "left to the model")
  }

  @Test func drawsDependOnSeedAndNumberAlone() throws {
    let first = play(try explorer(), weight: 0.3, count: 3, requests: 500)
    let second = play(try explorer(), weight: 0.3, count: 3, requests: 500)
    #expect(first.map(\.items) == second.map(\.items))
    let other = play(try explorer(seed: 2), weight: 0.3, count: 3, requests: 500)
    #expect(first.map(\.items) != other.map(\.items))
  }

  @Test func heldProductsAreNeverTried() throws {
    let slates = play(
      try explorer(), weight: 1, count: 500, requests: 50, heldAdded: [5])
    for slate in slates {
      // Item 0 is held, 5 is held, 6 is left out.
      #expect(Set(slate.items) == [1, 2, 3, 4, 7])
    }
    let all = play(try explorer(), weight: 1, count: 500, requests: 1, heldAdded: [5, 7])
    #expect(all[0].items.isEmpty, "no cold product may be offered: the model's answer stands")
  }
}

struct SlateMemoryTests {
  @Test func pendingSlatesGoOldestFirst() {
    var pending = PendingSlates(limit: 3)
    for number in [UInt64(2), 4, 7, 9] { pending.remember(number) { $0.append(UInt8(number)) } }
    #expect(pending.take(2) == nil, "one more than the limit")
    #expect(pending.take(3) == nil)
    #expect(pending.take(4) == [4])
    #expect(pending.take(4) == nil, "taken")
    pending.putBack(4)
    #expect(pending.take(4) == [4])
    pending.remember(10) { $0.append(10) }
    #expect(pending.take(4) == nil)
    #expect(pending.take(7) == [7])
    #expect(pending.take(9) == [9])
    #expect(pending.take(10) == [10])
    #expect(PendingSlates.limit == ShownSlates.limit)
  }

  private func shown(_ item: Int) -> ShownSlates.Shown {
    .init(
      context: [],
      entries: [.init(item: item, propensity: 1, logit: 0, isCold: true, deviation: 0)],
      isLearned: [false], impressions: nil)
  }

  @Test func shownSlatesSettleInOrderAndTheOldestGoes() {
    var slates = ShownSlates(limit: 2)
    #expect(slates.open("a", shown(1), atMilliseconds: 10) == nil)
    #expect(slates.open("b", shown(2), atMilliseconds: 20) == nil)
    #expect(slates.settle(openedThrough: 9) == nil)
    // One past the limit: the oldest goes, unsettled.
    #expect(slates.open("c", shown(3), atMilliseconds: 20)?.entries[0].item == 1)
    #expect(!slates.knows("a"))
    #expect(slates.settle(openedThrough: 20)?.entries[0].item == 2)
    #expect(slates.knows("b"), "settled, and not to be opened again")
    #expect(slates.change("b") { _ in true } == nil)
    #expect(slates.change("c") { $0.entries[0].item } == 3)
    // A settled one goes without being settled again.
    #expect(slates.open("d", shown(4), atMilliseconds: 21) == nil)
    #expect(!slates.knows("b"))
    #expect(slates.settle(openedThrough: 30)?.entries[0].item == 3)
    #expect(slates.settle(openedThrough: 30)?.entries[0].item == 4)
    #expect(slates.settle(openedThrough: 30) == nil)
  }

  @Test func recordsReadBackAndDamagedOnesDoNot() throws {
    let request = SlateRequest(
      context: [1, 0, 3], candidates: [9, 4, 700], scores: [-4.5, .nan, 1.25], slotCount: 2)
    var slate = Slate()
    var scratch = SlateScratch()
    let policy = try SlatePolicy(
      schema: ContextSchema(valueCounts: [2, 2, 4]), settings: ExplorationSettings(), seed: 1)
    policy.decide(request, recommendation: 1, scratch: &scratch, into: &slate)
    var bytes: [UInt8] = []
    SlateRecord.write(request, slate, tag: 77, into: &bytes)
    let record = try #require(SlateRecord(bytes, tag: 77))
    #expect(record.request.context == [1, 0, 3])
    #expect(record.request.candidates == [9, 700])
    #expect(record.request.scores == [-4.5, 1.25])
    #expect(record.entries.map(\.item) == slate.entries.map(\.item))
    #expect(record.entries.map(\.isCold) == slate.entries.map(\.isCold))
    #expect(record.rivalLogit == slate.rivalLogit.map { Double(Float($0)) })
    #expect(SlateRecord(bytes, tag: 78) == nil, "of another catalogue")
    for count in bytes.indices { #expect(SlateRecord(Array(bytes[..<count]), tag: 77) == nil) }
    #expect(SlateRecord(bytes + [0], tag: 77) == nil)
  }
}
