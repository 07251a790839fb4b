import InteractionData
import Testing

@testable import RecommenderModels

@Suite struct EventTrackerTests {
  /// A state that is taken on event by event says what reading the whole history says, to the bit.
  @Test(arguments: UserPropagation.allCases, [(1, 1), (2, 1), (2, 3)])
  func advancingIsReplaying(
    propagation: UserPropagation, form: (levels: Int, seeds: Int)
  ) throws {
    for (seed, hasMetadata) in [(17 as UInt64, false), (18, true)] {
      let dataset = SequenceFixture.random(
        customers: 60, items: 12, seed: seed, hasMetadata: hasMetadata)
      var settings = SequenceFixture.settings
      settings.userPropagation = propagation
      settings.levels = form.levels
      settings.seeds = form.seeds
      settings.epochs = 2
      let model = try PanelFixture.train(dataset, settings).model
      try compare(model, dataset, "seed \(seed), \(form)")
    }
  }

  private func compare(_ model: HRNNRecommender, _ dataset: Dataset, _ comment: Comment) throws {
    let tracker = try #require(model.eventTracker(for: dataset))
    let scorer = model.scorer(for: dataset, targetMonth: Month(year: 2016, month: 1))
    let histories = (0..<dataset.customers.count).map { dataset.history(of: $0) }
    var replayed = [Float](repeating: .nan, count: histories.count * 12)
    replayed.withUnsafeMutableBufferPointer { scorer.score(histories, into: $0) }
    for (customer, history) in histories.enumerated() {
      var state = EventState(attributeIndex: history.attributeIndex)
      for place in 0..<history.itemIndexes.count {
        tracker.advance(
          &state, item: history.itemIndexes[place], timestamp: history.timestamps[place],
          eventType: history.eventTypes[place])
        let before = state
        tracker.advance(&state, item: 99, timestamp: history.timestamps[place])
        tracker.advance(
          &state, item: 0, timestamp: history.timestamps[place], eventType: EventType.dropped)
        #expect(state == before, "what speaks for no item changes nothing")
      }
      #expect(state == tracker.state(of: history), comment)
      #expect(
        scores(tracker, state) == Array(replayed[customer * 12..<(customer + 1) * 12]), comment)
      #expect(state.recent.count <= TransitionMixture.recentLimit)
    }
  }

  private func scores(_ tracker: EventTracker, _ state: EventState) -> [Float] {
    var scores = [Float](repeating: .nan, count: tracker.itemCount)
    scores.withUnsafeMutableBufferPointer { tracker.score(state, into: $0) }
    return scores
  }

  /// Customers without an event are what their attributes say; one workspace serves them all.
  @Test(arguments: [1, 2])
  func noEventIsAStateToo(seeds: Int) throws {
    let dataset = SequenceFixture.random(customers: 60, items: 12, seed: 19, hasMetadata: true)
    var settings = SequenceFixture.settings
    settings.seeds = seeds
    let model = try PanelFixture.train(dataset, settings).model
    let tracker = try #require(model.eventTracker(for: dataset))
    let scorer = model.scorer(for: dataset, targetMonth: Month(year: 2016, month: 1))
    for customer in [0, 1, nil, 2] as [Int?] {
      var replayed = [Float](repeating: .nan, count: 12)
      replayed.withUnsafeMutableBufferPointer {
        scorer.score([CustomerHistory(attributeIndex: customer)], into: $0)
      }
      #expect(scores(tracker, EventState(attributeIndex: customer)) == replayed)
    }
    #expect(
      scores(tracker, EventState(attributeIndex: 0))
        != scores(tracker, EventState(attributeIndex: 1)))
  }

  @Test func aPanelsModelHasNone() throws {
    let dataset = PanelFixture.random(customers: 80, items: 6, months: 5, seed: 5)
    let model = try PanelFixture.train(dataset, PanelFixture.smallSettings).model
    #expect(model.eventTracker(for: dataset) == nil)
  }
}
