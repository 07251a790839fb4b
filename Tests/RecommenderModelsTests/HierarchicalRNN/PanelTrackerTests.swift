import InteractionData
import TensorFiles
import Testing

@testable import RecommenderModels

/// A step from a cached state against a replay of the whole history.
@Suite struct PanelTrackerTests {
  private static let items = 7

  private func scores(
    _ tracker: PanelTracker, _ state: PanelState, _ history: CustomerHistory
  ) -> [Float] {
    var scores = [Float](repeating: .nan, count: Self.items)
    scores.withUnsafeMutableBufferPointer { tracker.score(history, after: state, into: $0) }
    return scores
  }

  private func replay(_ scorer: any Scorer, _ histories: [CustomerHistory]) -> [Float] {
    var scores = [Float](repeating: .nan, count: histories.count * Self.items)
    scores.withUnsafeMutableBufferPointer { scorer.score(histories, into: $0) }
    return scores
  }

  /// Customers some of whom have nothing but the last month, or nothing at all.
  private func dataset(seed: UInt64) -> Dataset {
    let random = PanelFixture.random(customers: 130, items: Self.items, months: 12, seed: seed)
    guard let panel = random.panel else { preconditionFailure("the fixture has a panel") }
    var customers = (0..<120).map { customer in
      panel.rows(of: customer).map {
        PanelFixture.Row(month: Int(panel.monthIndexes[$0]), held: panel.held[$0])
      }
    }
    customers += (0..<5).map { [.init(month: 11, held: UInt64($0))] }
    customers += (0..<5).map { _ in [] }
    return PanelFixture.dataset(
      items: Self.items, customers: customers, attributes: random.customerAttributes.columns)
  }

  @Test(arguments: [UserPropagation.start, .all], [1, 2])
  func oneStepEqualsAReplayBitForBit(propagation: UserPropagation, levels: Int) throws {
    var settings = PanelFixture.smallSettings
    settings.userPropagation = propagation
    settings.levels = levels
    try compare(settings, seed: 51)
  }

  @Test func soItIsWithSeveralNetworks() throws {
    var settings = PanelFixture.smallSettings
    settings.seeds = 3
    settings.epochs = 1
    try compare(settings, seed: 54)
  }

  private func compare(_ settings: HRNNConfiguration, seed: UInt64) throws {
    let dataset = dataset(seed: seed)
    var settings = settings
    // Shorter than the histories, so that windows move.
    settings.bptt = 6
    let model = try PanelFixture.train(dataset, settings).model
    let panel = try #require(dataset.panel)
    let target = panel.lastMonth.advanced(by: 1)
    let scorer = model.scorer(for: dataset, targetMonth: target)
    let tracker = try #require(model.panelTracker(for: dataset, targetMonth: target))
    let histories = (0..<dataset.customers.count).map { dataset.history(of: $0) }
    let batch = replay(scorer, histories)
    var generator = SeededGenerator(seed: seed)
    for (customer, history) in histories.enumerated() {
      let state = tracker.state(of: history)
      #expect(state.byteCount == settings.seeds * settings.hiddenDimension * 4)
      #expect(
        scores(tracker, state, history)
          == Array(batch[customer * Self.items..<(customer + 1) * Self.items]),
        "customer \(customer) as imported, seed \(seed)")
      // The live month takes another turn: its row changes, or appears.
      var months = Array(history.monthIndexes)
      var held = Array(history.held)
      var flags = Array(history.flags)
      if months.last != 11 {
        months.append(11)
        held.append(held.last ?? 0)
        flags.append(0)
      }
      held[held.count - 1] ^= generator.next() & 0x7f
      flags[flags.count - 1] = HoldingsPanel.activeFlag
      months.withUnsafeBufferPointer { months in
        held.withUnsafeBufferPointer { held in
          flags.withUnsafeBufferPointer { flags in
            var changed = history
            changed.monthIndexes = months
            changed.held = held
            changed.flags = flags
            #expect(
              scores(tracker, state, changed) == replay(scorer, [changed]),
              "customer \(customer) changed, seed \(seed)")
          }
        }
      }
    }
  }

  @Test func withoutAPanelThereAreNone() throws {
    let dataset = SequenceFixture.random(customers: 40, items: Self.items, seed: 53)
    var settings = PanelFixture.smallSettings
    settings.validationShare = 0
    let model = try PanelFixture.train(dataset, settings).model
    #expect(
      model.panelTracker(for: dataset, targetMonth: Month(year: 2015, month: 2)) == nil)
  }
}
