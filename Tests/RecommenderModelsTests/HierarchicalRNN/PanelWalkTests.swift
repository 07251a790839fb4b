import InteractionData
import Testing

@testable import RecommenderModels

@Suite struct PanelWalkTests {
  private func steps(
    _ rows: [PanelFixture.Row], first: Int, count: Int, items: Int = 4, firstMonthNumber: Int = 0
  ) -> [PanelStep] {
    var steps: [PanelStep] = []
    let months = rows.map { UInt8($0.month) }
    let held = rows.map(\.held)
    let flags = rows.map { $0.isActive ? HoldingsPanel.activeFlag : 0 }
    months.withUnsafeBufferPointer { months in
      held.withUnsafeBufferPointer { held in
        flags.withUnsafeBufferPointer { flags in
          PanelWalk(
            monthIndexes: months, held: held, flags: flags,
            itemMask: PanelSequences.itemMask(items), firstMonth: first, stepCount: count
          ).forEach(firstMonthNumber: firstMonthNumber) { index, step in
            #expect(index == steps.count)
            steps.append(step)
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

  @Test func featuresOfAFullHouse() {
    var step = PanelStep()
    step.held = .max
    step.added = .max
    step.isPresent = true
    step.isActive = true
    step.targetMonthOfYear = 11
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: PanelStep.featureLimit) { indexes in
      guard let base = indexes.baseAddress else { return }
      let count = step.writeFeatures(into: base, items: 64)
      #expect(count == PanelStep.featureLimit)
      #expect(indexes[128] == 203 && indexes[129] == 204 && indexes[130] == 205)
    }
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
