import InteractionData
import Testing

@testable import RecommenderModels

@Suite struct PanelWalkTests {
  private func steps(
    _ rows: [PanelFixture.Row], first: Int, count: Int, items: Int = 4, firstMonthNumber: Int = 0
  ) -> [PanelStep] {
    walk(rows, first: first, count: count, items: items, firstMonthNumber: firstMonthNumber)
      .map(\.step)
  }

  private func walk(
    _ rows: [PanelFixture.Row], first: Int, count: Int, items: Int = 4, firstMonthNumber: Int = 0
  ) -> [(step: PanelStep, ages: PanelAges)] {
    var steps: [(step: PanelStep, ages: PanelAges)] = []
    let months = rows.map { UInt8($0.month) }
    let held = rows.map(\.held)
    let flags = rows.map { $0.isActive ? HoldingsPanel.activeFlag : 0 }
    months.withUnsafeBufferPointer { months in
      held.withUnsafeBufferPointer { held in
        flags.withUnsafeBufferPointer { flags in
          PanelWalk(
            monthIndexes: months, held: held, flags: flags,
            itemMask: PanelSequences.itemMask(items), firstMonth: first, stepCount: count
          ).forEach(firstMonthNumber: firstMonthNumber) { index, step, ages in
            #expect(index == steps.count)
            steps.append((step, ages))
          }
        }
      }
    }
    return steps
  }

  @Test func changesBetweenConsecutiveMonths() {
    let steps = steps(
      [.init(month: 2, held: 0b0011), .init(month: 3, held: 0b0110, isActive: false)],
      first: 2, count: 2, firstMonthNumber: 9)
    #expect(steps[0].held == 0b0011 && steps[0].added == 0 && steps[0].dropped == 0)
    #expect(steps[0].hasTarget && steps[0].taken == 0b0100 && steps[0].isActive)
    // October plus two is December; what is predicted is January.
    #expect(steps[0].targetMonthOfYear == 0)
    #expect(steps[1].added == 0b0100 && steps[1].dropped == 0b0001)
    #expect(!steps[1].hasTarget && !steps[1].isActive && steps[1].targetMonthOfYear == 1)
  }

  @Test func aGapKeepsHoldingsAndHasNoChanges() {
    let steps = steps(
      [.init(month: 0, held: 1), .init(month: 2, held: 6), .init(month: 3, held: 7)],
      first: 0, count: 4)
    #expect(steps.map(\.isPresent) == [true, false, true, true])
    #expect(steps.map(\.held) == [1, 1, 6, 7])
    #expect(steps.map(\.added) == [0, 0, 0, 1])
    #expect(steps.map(\.dropped) == [0, 0, 0, 0])
    #expect(steps.map(\.hasTarget) == [false, false, true, false])
    #expect(!steps[1].isActive)
  }

  @Test func aWindowKnowsTheRowBeforeIt() {
    let steps = steps(
      [.init(month: 0, held: 1), .init(month: 1, held: 3), .init(month: 2, held: 2)],
      first: 1, count: 2)
    #expect(steps[0].added == 2 && steps[1].dropped == 1)
  }

  @Test func itemsThatDoNotExistAreLeftOut() {
    let steps = steps([.init(month: 0, held: .max)], first: 0, count: 1)
    #expect(steps[0].held == 0b1111)
  }

  @Test func withoutRowsThereIsAnEmptyStep() {
    let steps = steps([], first: -1, count: 1)
    #expect(!steps[0].isPresent && steps[0].held == 0 && steps[0].targetMonthOfYear == 0)
  }

  @Test func agesCountMonthsSinceTheNewestChange() {
    let steps = walk(
      [
        .init(month: 0, held: 0b01), .init(month: 1, held: 0b11), .init(month: 2, held: 0b10),
        .init(month: 4, held: 0b00), .init(month: 5, held: 0b01),
      ], first: 1, count: 5)
    let never = PanelAges.never
    #expect(steps.map { $0.ages.sinceAdded[1] } == [0, 1, 2, 3, 4])
    // What changed across the gap has no known month.
    #expect(steps.map { $0.ages.sinceDropped[1] } == [never, never, never, never, never])
    #expect(steps.map { $0.ages.sinceDropped[0] } == [never, 0, 1, 2, 3])
    #expect(steps.map { $0.ages.sinceAdded[0] } == [never, never, never, never, 0])
    #expect(steps.allSatisfy { $0.step.monthsSinceJoining == never })
  }

  @Test func agesAreKnownFromBeforeTheWindow() {
    let rows = (0..<10).map { PanelFixture.Row(month: $0, held: $0 < 3 ? 0 : 1) }
    let steps = walk(rows, first: 8, count: 2)
    #expect(steps.map { $0.ages.sinceAdded[0] } == [5, 6])
  }

  @Test func agesDoNotWrapAround() {
    var ages = PanelAges()
    ages.advance(added: 1, dropped: 0)
    for _ in 0..<400 { ages.advance(added: 0, dropped: 0) }
    #expect(ages.sinceAdded[0] == 254 && ages.sinceAdded[1] == PanelAges.never)
  }

  @Test func whoJoinsLaterCountsMonthsSince() {
    let steps = steps(
      [.init(month: 3, held: 1), .init(month: 4, held: 1), .init(month: 6, held: 1)], first: 2,
      count: 5)
    #expect(steps.map(\.monthsSinceJoining) == [PanelAges.never, 0, 1, 2, 3])
  }

  private func indexes(_ limit: Int, _ write: (UnsafeMutablePointer<UInt32>) -> Int) -> [UInt32] {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: limit) {
      guard let base = $0.baseAddress else { return [] }
      return Array(UnsafeBufferPointer(start: base, count: write(base)))
    }
  }

  @Test func featuresHaveTheirPlaces() {
    var step = PanelStep()
    step.held = 0b10
    step.added = 0b10
    step.dropped = 0b01
    step.isActive = true
    step.targetMonthOfYear = 5
    step.monthsSinceJoining = 40
    // 2 held, 2 taken, 2 given up, 7 places for joining, present, active, 12 months.
    let features = PanelFeatures(items: 2)
    #expect(features.count == 27)
    let places = indexes(PanelFeatures.activeLimit) { features.write(step, into: $0) }
    #expect(places == [1, 3, 4, 12, 14, 20])
  }

  @Test func featuresOfAFullHouse() {
    var step = PanelStep()
    step.held = 0xffff_ffff
    step.added = 0xffff_ffff
    step.dropped = ~0xffff_ffff
    step.isPresent = true
    step.isActive = true
    step.monthsSinceJoining = 0
    step.targetMonthOfYear = 11
    let features = PanelFeatures(items: 64)
    func places() -> [UInt32] {
      indexes(PanelFeatures.activeLimit) { features.write(step, into: $0) }
    }
    #expect(places().last == UInt32(features.count - 1) && Set(places()).count == 100)
    step.held = .max
    step.added = .max
    step.dropped = 0
    #expect(places().count == PanelFeatures.activeLimit)
  }

  @Test func agesHaveTheirPlaces() {
    var ages = PanelAges()
    func places(held: UInt64) -> [UInt32] {
      indexes(PanelAges.activeLimit) { ages.write(held: held, items: 3, into: $0) }
    }
    #expect(places(held: 0).isEmpty)
    ages.advance(added: 0b001, dropped: 0b110)
    // Rows 0 to 13 since taken, 14 to 27 since given up; 3 items each.
    #expect(places(held: 0) == [0, 43, 44])
    #expect(places(held: 0b010) == [0, 44])
    ages.advance(added: 0, dropped: 0b001)
    #expect(places(held: 0b110) == [3, 42])
    for _ in 0..<12 { ages.advance(added: 0, dropped: 0) }
    #expect(places(held: 0b110) == [39, 78])
    ages.advance(added: 0, dropped: 0)
    ages.advance(added: 0, dropped: 0)
    #expect(places(held: 0b110) == [39, 81])
  }

  @Test func agesOfAllItems() {
    var ages = PanelAges()
    ages.advance(added: .max, dropped: .max)
    let places = indexes(PanelAges.activeLimit) { ages.write(held: 0, items: 64, into: $0) }
    #expect(places.count == PanelAges.activeLimit && Set(places).count == places.count)
  }

  @Test func longHistoriesBecomeWindowsCutFromTheEnd() throws {
    let customer = (0..<8).map { PanelFixture.Row(month: $0, held: $0 < 7 ? 0 : 1) }
    let dataset = PanelFixture.dataset(items: 2, customers: [customer, [.init(month: 0, held: 1)]])
    var settings = HRNNConfiguration()
    settings.bptt = 3
    settings.validationShare = 0
    let panel = try #require(dataset.panel)
    let sequences = PanelSequences(panel, items: 2, configuration: settings, seed: 1).training
    #expect(sequences.map(\.firstMonth) == [4, 1, 0])
    #expect(sequences.map(\.stepCount) == [3, 3, 1])
    #expect(sequences.map(\.acquisitions) == [1, 0, 0])
  }

  @Test func lengthPercentilesLeaveOutTheExtremes() throws {
    let customers = (2...11).map { length in
      (0..<length).map { PanelFixture.Row(month: $0, held: 0) }
    }
    let panel = try #require(PanelFixture.dataset(items: 2, customers: customers).panel)
    var settings = HRNNConfiguration()
    settings.validationShare = 0
    settings.minUserHistoryLengthPercentile = 0.25
    settings.maxUserHistoryLengthPercentile = 0.75
    let sequences = PanelSequences(panel, items: 2, configuration: settings, seed: 1).training
    // Lengths 2...11: place 2 of 0...9 is 4, place 7 is 9; one step less than months.
    #expect(sequences.map(\.stepCount) == [3, 4, 5, 6, 7, 8])
  }
}
