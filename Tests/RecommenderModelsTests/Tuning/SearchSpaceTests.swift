import Testing

@testable import RecommenderModels

@Suite struct SearchSpaceTests {
  @Test func mirroredDigitsByHand() {
    // 6 is 110 in base 2: 0.011, and 20 in base 3: 0.02.
    #expect(SearchSpace.radicalInverse(6, base: 2) == 0.375)
    #expect(abs(SearchSpace.radicalInverse(6, base: 3) - 2.0 / 9) < 1e-15)
    #expect(SearchSpace.radicalInverse(0, base: 5) == 0)
  }

  @Test func placesBecomeValues() {
    typealias Values = SearchSpace.Values
    #expect(Values.integers(2...4).value(at: 0) == .integer(2))
    #expect(Values.integers(2...4).value(at: 0.999) == .integer(4))
    #expect(Values.integersByRatio(32...256).value(at: 1.0 / 3) == .integer(64))
    #expect(Values.integersByRatio(32...256).value(at: 1) == .integer(256))
    #expect(Values.numbers(0...0.6).value(at: 0.5) == .number(0.3))
    #expect(Values.numbersByRatio(0.001...0.1).value(at: 0.5) == .number(0.01))
    #expect(Values.choices([.flag(true), .flag(false)]).value(at: 0.5) == .flag(false))
  }

  @Test(arguments: RecommenderKind.allCases)
  func everyTrialIsValidAndTheSameForTheSameSeed(kind: RecommenderKind) throws {
    let space = SearchSpace(kind)
    #expect(!space.names.isEmpty && space.names.count <= 8)
    #expect(space.settings(ofTrial: 0, seed: 1).isEmpty)
    var seen: [[String: ConfigurationValue]] = []
    for trial in 1...200 {
      let settings = space.settings(ofTrial: trial, seed: 1)
      #expect(settings == space.settings(ofTrial: trial, seed: 1))
      #expect(Set(settings.keys) == Set(space.names))
      #expect(!seen.contains(settings), "trial \(trial)")
      seen.append(settings)
      switch kind {
      case .popularity: _ = try PopularityConfiguration(values: settings)
      case .sims: _ = try ItemCooccurrenceConfiguration(values: settings)
      case .hrnn: _ = try HRNNConfiguration(values: settings)
      }
    }
    #expect(space.settings(ofTrial: 1, seed: 2) != seen[0])
    // The lower half of each range has half of the trials.
    let first = try #require(space.dimensions.first)
    let middle = try #require(first.values.value(at: 0.5).number)
    let low = seen.count { ($0[first.name]?.number ?? 0) < middle }
    #expect((90...110).contains(low), "\(first.name): \(low)")
  }

  @Test func fixedSettingsAreNotSearched() {
    let space = SearchSpace(.sims, fixed: ["min_cointeraction_count"])
    #expect(!space.names.contains("min_cointeraction_count"))
    #expect(space.settings(ofTrial: 5, seed: 1)["min_cointeraction_count"] == nil)
  }
}
