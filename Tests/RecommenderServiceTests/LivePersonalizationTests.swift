internal import EventLog
internal import InteractionData
internal import RecommenderModels
internal import TestSupport
internal import Testing

@testable internal import RecommenderService

struct LivePersonalizationTests {
  private let dataset = DatasetFixture.panel(
    itemCount: 4, customers: [[0b0001, 0b0011], [0b0001, 0b0001], [0b0100, 0b0101]])

  private func table(byteLimit: Int) throws -> ScoreTable {
    let model = try PopularityRecommender(trainedOn: dataset)
    return ScoreTable(
      dataset: dataset,
      scorer: model.scorer(for: dataset, targetMonth: Month(year: 2015, month: 3)),
      threadCount: 1, byteLimit: byteLimit)
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
  func rowsAreKeptUpToTheLimit(byteLimit: Int, isComplete: Bool) throws {
    let table = try table(byteLimit: byteLimit)
    #expect(table.isComplete == isComplete)
    let whole = try self.table(byteLimit: 1 << 20)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 4) { scratch in
      for customer in 0..<3 {
        let expected = whole.withScores(of: customer, scratch: scratch) { Array($0) }
        #expect(table.withScores(of: customer, scratch: scratch) { Array($0) } == expected)
      }
    }
  }

  @Test(arguments: [48, 47])
  func anUpdateMasksWhatWasTaken(byteLimit: Int) throws {
    let table = try table(byteLimit: byteLimit)
    let live = LivePersonalization(dataset: dataset, table: table)
    let key = try #require(live.apply(event("c1", "i2")))
    let update = try #require(live.updates(for: [key]).first)
    let scores: [Float]
    switch update.state {
    case .scores(let row):
      #expect(table.isComplete)
      scores = row
    case .history(let history):
      #expect(!table.isComplete)
      scores = withUnsafeTemporaryAllocation(of: Float.self, capacity: 4) { row in
        history.withHistory { table.score($0, into: row) }
        return Array(row)
      }
    }
    #expect(scores.map { $0 == -.infinity } == [true, false, true, false])
  }

  @Test func newCustomersHaveALimit() throws {
    let live = LivePersonalization(
      dataset: dataset, table: try table(byteLimit: 1 << 20), newCustomerLimit: 2)
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
          round.isMultiple(of: 2) ? .accepted : .dropped, item: item,
          timeMilliseconds: Int64(2_000_000_000 + round) * 1000)
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
    _ = history.apply(.accepted, item: 1, timeMilliseconds: 2_000_000_002_000)
    _ = history.apply(.accepted, item: 2, timeMilliseconds: 2_000_000_001_000)
    history.withHistory { history in
      #expect(Array(history.itemIndexes.suffix(2)) == [2, 1])
      #expect(history.currentHoldings == 0b0111)
    }
  }

  @Test func unknownItemsOfTheLogAreSkipped() throws {
    let live = LivePersonalization(dataset: dataset, table: try table(byteLimit: 1 << 20))
    #expect(live.apply(event("c0", "gone")) == nil)
    #expect(live.apply(event("c0", "i2", .shown)) == nil)
  }
}
