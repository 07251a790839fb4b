import InteractionData
import Testing

@testable import RecommenderModels

@Suite struct EventTrackerTests {
  /// A state that is taken on event by event says what reading the whole history says.
  @Test(arguments: UserPropagation.allCases, [1, 2])
  func advancingIsReplaying(
    propagation: UserPropagation, levels: Int
  ) throws {
    let seed: UInt64 = 17
    let dataset = SequenceFixture.random(customers: 60, items: 12, seed: seed)
    var settings = SequenceFixture.settings
    settings.userPropagation = propagation
    settings.levels = levels
    settings.epochs = 2
    let model = try PanelFixture.train(dataset, settings).model
    let tracker = try #require(model.eventTracker(for: dataset))
    let replayed = PanelFixture.scores(
      model, dataset, targetMonth: Month(year: 2016, month: 1))
    for customer in 0..<dataset.customers.count {
      var state = EventState()
      let history = dataset.history(of: customer)
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
      var scores = [Float](repeating: .nan, count: 12)
      scores.withUnsafeMutableBufferPointer { tracker.score(state, into: $0) }
      for item in 0..<12 {
        #expect(abs(scores[item] - replayed[customer][item]) < 1e-5, "seed \(seed)")
      }
      #expect(state.recent.count <= TransitionMixture.recentLimit)
    }
  }

  @Test func aPanelsModelHasNone() throws {
    let dataset = PanelFixture.random(customers: 80, items: 6, months: 5, seed: 5)
    let model = try PanelFixture.train(dataset, PanelFixture.smallSettings).model
    #expect(model.eventTracker(for: dataset) == nil)
  }
}
