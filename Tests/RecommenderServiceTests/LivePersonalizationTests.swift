internal import EventLog
internal import InteractionData
internal import RecommenderModels
internal import TestSupport
internal import Testing

@testable internal import RecommenderService

struct LivePersonalizationTests {
  private let dataset = DatasetFixture.panel(
    itemCount: 4, customers: [[0b0001, 0b0011], [0b0001, 0b0001], [0b0100, 0b0101]])

  private func scorer(byteLimit: Int) throws -> LiveScorer {
    let model = try PopularityRecommender(trainedOn: dataset)
    let target = Month(year: 2015, month: 3)
    return LiveScorer(
      recommender: model, dataset: dataset, targetMonth: target,
      table: ScoreTable(
        dataset: dataset, scorer: model.scorer(for: dataset, targetMonth: target),
        byteLimit: byteLimit))
  }

  private func event(
    _ user: String, _ item: String, _ kind: Event.Kind = .accepted, seconds: Int64 = 1
  ) -> Event {
    Event(
      eventID: "", userID: user, itemID: item, kind: kind,
      timeMilliseconds: (dataset.knownThrough + seconds) * 1000)
  }

  /// Three customers of four items take 48 bytes.
  @Test(arguments: [(48, true), (47, false)])
  func rowsAreKeptUpToTheLimit(byteLimit: Int, keepsRows: Bool) throws {
    let table = try scorer(byteLimit: byteLimit).table
    #expect(table.keepsRows == keepsRows)
    #expect(table.fill(threadCount: 1) == keepsRows)
    #expect(table.readyCount == (keepsRows ? 3 : 0))
    let whole = try scorer(byteLimit: 1 << 20).table
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 4) { scratch in
      for customer in 0..<3 {
        let expected = whole.withScores(of: customer, scratch: scratch) { Array($0) }
        #expect(table.withScores(of: customer, scratch: scratch) { Array($0) } == expected)
      }
    }
  }

  @Test(arguments: [48, 47])
  func anUpdateMasksWhatWasTaken(byteLimit: Int) throws {
    let scorer = try scorer(byteLimit: byteLimit)
    let live = LivePersonalization(dataset: dataset, scorer: scorer)
    let key = try #require(live.apply(event("c1", "i2")))
    let update = try #require(live.updates(for: [key]).first)
    let scores: [Float]
    switch try #require(update.state) {
    case .scores(let row):
      #expect(scorer.table.keepsRows)
      scores = row
    case .customer(let customer):
      #expect(!scorer.table.keepsRows)
      scores = withUnsafeTemporaryAllocation(of: Float.self, capacity: 4) { row in
        scorer.score(customer, into: row)
        return Array(row)
      }
    }
    #expect(scores.map { $0 == -.infinity } == [true, false, true, false])
  }

  @Test func newCustomersHaveALimit() throws {
    let live = LivePersonalization(
      dataset: dataset, scorer: try scorer(byteLimit: 1 << 20), newCustomerLimit: 2)
    #expect(live.apply(event("n1", "i0")) == .new("n1"))
    #expect(live.apply(event("n2", "i0")) == .new("n2"))
    #expect(live.apply(event("n3", "i0")) == nil)
    // Those within the limit, and the dataset's own, go on.
    #expect(live.apply(event("n2", "i1")) == .new("n2"))
    #expect(live.apply(event("c0", "i3")) == .known(0))
  }

  @Test func aHistoryGrowsWithTheCatalogueNotWithTheLog() {
    var history = LiveHistory(customer: 1, in: dataset)
    let before = history.withHistory { $0.itemIndexes.count }
    for round in 0..<100 {
      for item in 0..<4 {
        _ = history.apply(
          .init(
            kind: round.isMultiple(of: 2) ? .accepted : .dropped, item: item,
            timestamp: Int64(2_000_000_000 + round)))
      }
    }
    history.withHistory { history in
      #expect(history.itemIndexes.count == before + 8)
      #expect(history.currentHoldings == 0)
      #expect(zip(history.timestamps, history.timestamps.dropFirst()).allSatisfy { $0 <= $1 })
    }
  }

  /// The order of arrival decides what is held; the order of time what the models read.
  @Test func lateEventsTakeTheirPlaceInTime() {
    var history = LiveHistory(customer: 1, in: dataset)
    func apply(_ kind: Event.Kind, _ item: Int, _ second: Int64) -> LiveHistory.Change {
      history.apply(.init(kind: kind, item: item, timestamp: 2_000_000_000 + second))
    }
    #expect(apply(.accepted, 1, 2) == .newestEvent)
    #expect(apply(.accepted, 2, 1) == .earlierEvents)
    history.withHistory { history in
      #expect(Array(history.itemIndexes.suffix(2)) == [2, 1])
      #expect(history.currentHoldings == 0b0111)
    }
    #expect(apply(.clicked, 3, 4) == .nothing)
    #expect(apply(.accepted, 3, 2) == .newestEvent, "of one second, the order of arrival")
    #expect(apply(.accepted, 3, 1) == .holdings, "the same is known of later")
    #expect(apply(.accepted, 3, 3) == .earlierEvents, "it replaces the one before")
    history.withHistory { #expect(Array($0.itemIndexes.suffix(3)) == [2, 1, 3]) }
  }

  @Test func unknownItemsOfTheLogAreSkipped() throws {
    let live = LivePersonalization(dataset: dataset, scorer: try scorer(byteLimit: 1 << 20))
    #expect(live.apply(event("c0", "gone")) == nil)
    #expect(live.apply(event("c0", "i2", .shown)) == nil)
  }
}
