import InteractionData
import Testing

@testable import Exploration

struct GraduationTests {
  private let rule = GraduationRule()

  private func showing(
    _ response: Response = .none, rival: Double? = -4, at time: Int64 = 1, age: Int64 = 0
  ) -> Showing {
    Showing(response: response, rivalLogit: rival, timeMilliseconds: time, ageMilliseconds: age)
  }

  /// Shows a product so often with the same belief.
  private func show(
    _ progress: inout ColdProgress, _ count: Int, mean: Double, deviation: Double,
    age: Int64 = 0
  ) -> Int {
    (0..<count).count { _ in
      progress.observe(
        showing(age: age), belief: (mean, deviation * deviation), rule: rule)
    }
  }

  @Test func theFewestShowingsAreAsked() {
    var progress = ColdProgress()
    #expect(show(&progress, rule.leastShowings - 1, mean: -3, deviation: 0.1) == 0)
    #expect(progress.state == .exploring)
    #expect(show(&progress, 1, mean: -3, deviation: 0.1) == 1)
    #expect(progress.state == .graduated)
    #expect(progress.showings == rule.leastShowings)
  }

  @Test func vagueProductsStay() {
    var progress = ColdProgress()
    #expect(show(&progress, 1000, mean: -3, deviation: 0.31) == 0)
    #expect(progress.state == .exploring)
  }

  @Test func betweenTheBoundsNothingGoesToAndFro() {
    var progress = ColdProgress()
    _ = show(&progress, rule.leastShowings, mean: -3, deviation: 0.3)
    #expect(progress.state == .graduated)
    #expect(show(&progress, 500, mean: -3, deviation: 0.44) == 0)
    // It grows past the bound once, and comes back once.
    #expect(show(&progress, 500, mean: -3, deviation: 0.6) == 1)
    #expect(progress.state == .exploring)
    #expect(show(&progress, 500, mean: -3, deviation: 0.31) == 0)
    #expect(show(&progress, 500, mean: -3, deviation: 0.2) == 1)
  }

  @Test func oldProductsGraduateVague() {
    var progress = ColdProgress()
    let age = rule.ageLimitMilliseconds
    #expect(show(&progress, 1000, mean: -3, deviation: 1, age: age) == 0)
    #expect(show(&progress, 1, mean: -3, deviation: 1, age: age + 1) == 1)
    #expect(progress.state == .graduated)
    #expect(show(&progress, 1000, mean: -3, deviation: 1, age: age + 1) == 0, "not to and fro")
  }

  @Test func whatIsSurelyWorseIsGivenUpAndRests() {
    var progress = ColdProgress()
    // -4.6 + .7 is not below -4; -4.8 + .7 is.
    #expect(show(&progress, 1000, mean: -4.6, deviation: 1) == 0)
    #expect(show(&progress, 1000, mean: -4.8, deviation: 1) == 1)
    #expect(progress.state == .givenUp)
    #expect(!progress.hasRested(rule, atMilliseconds: rule.restMilliseconds))
    #expect(progress.hasRested(rule, atMilliseconds: rule.restMilliseconds + 1))
  }

  @Test func withoutARivalNothingIsGivenUp() {
    var progress = ColdProgress()
    for _ in 0..<500 {
      _ = progress.observe(showing(rival: nil), belief: (-9, 0.01), rule: rule)
    }
    #expect(progress.state == .graduated)
  }

  /// A product that nobody takes beside one that one in twenty takes.
  private func policy(seed: UInt64) throws -> SlatePolicy {
    var settings = ExplorationSettings()
    settings.explorationWeight = 1
    settings.graduation = rule
    var policy = try SlatePolicy(
      schema: ContextSchema(valueCounts: []), settings: settings, seed: seed)
    policy.introduce(7, prior: AppealPrior(logit: -3), createdMilliseconds: 0)
    return policy
  }

  private let request = SlateRequest(
    context: [], candidates: [0, 1, 7], scores: [-2.5, -3, .nan], slotCount: 2)

  @Test func givenUpProductsAreNotShownUntilTheyHaveRested() throws {
    var policy = try policy(seed: 3)
    var scratch = SlateScratch()
    var slate = Slate()
    var left: ColdTransition?
    for number in UInt64(0)..<20_000 where left == nil {
      policy.decide(request, recommendation: number, scratch: &scratch, into: &slate)
      policy.observe(request)
      for slot in slate.entries.indices where slate.entries[slot].isCold {
        left =
          policy.learn(
            slate.entries, slot: slot, rivalLogit: slate.rivalLogit, context: [],
            response: .none, atMilliseconds: 5) ?? left
      }
    }
    #expect(left?.item == 7)
    #expect(left?.progress.state == .givenUp)
    for number in UInt64(0)..<1000 {
      policy.decide(request, recommendation: number, scratch: &scratch, into: &slate)
      #expect(slate.entries.map(\.item) == [0, 1])
      // The floor of established alternatives has none left here: the choice is certain.
      #expect(slate.entries.map(\.propensity) == [1, 1])
    }
    #expect(policy.wake(atMilliseconds: 4 + rule.restMilliseconds).isEmpty)
    #expect(policy.wake(atMilliseconds: 5 + rule.restMilliseconds).map(\.item) == [7])
    #expect(policy.state(of: 7) == .exploring)
    let items = (UInt64(0)..<1000).map { number -> Int in
      policy.decide(request, recommendation: number, scratch: &scratch, into: &slate)
      return slate.entries[1].item
    }
    #expect(items.contains(7))
  }

  @Test func aWeightOfTheRequestWins() throws {
    let policy = try policy(seed: 3)
    var scratch = SlateScratch()
    var slate = Slate()
    for number in UInt64(0)..<200 {
      policy.decide(
        request, recommendation: number, explorationWeight: 0, scratch: &scratch, into: &slate)
      #expect(slate.entries.allSatisfy { $0.propensity == 1 })
      #expect(!slate.isExploring)
    }
  }

  @Test func priorsOfTheirOwnAreWhatIsBelievedAtFirst() throws {
    var policy = try SlatePolicy(
      schema: ContextSchema(valueCounts: [2]), settings: ExplorationSettings(), seed: 1)
    policy.introduce(
      4, prior: AppealPrior(logit: -2, weights: [0.5, -0.25]), createdMilliseconds: 0)
    #expect(policy.logit(ofCold: 4, context: [0]).mean == -1.5)
    #expect(policy.logit(ofCold: 4, context: [1]).mean == -2.25)
    #expect(policy.logit(ofCold: 5, context: [1]).mean == ExplorationSettings().prior.logit)
    // Known already: it stays as it is.
    policy.introduce(4, prior: AppealPrior(logit: 9), createdMilliseconds: 0)
    #expect(policy.logit(ofCold: 4, context: [0]).mean == -1.5)
  }

  @Test func aPriorIsFittedToWhatItIsShown() throws {
    let schema = try ContextSchema(valueCounts: [2])
    var fit = PriorFit(schema: schema)
    #expect(fit.prior(deviationsOf: AppealPrior()) == AppealPrior())
    for round in 0..<4000 { fit.observe(round % 2 == 0 ? -3 : -5, context: [UInt8(round % 2)]) }
    let prior = fit.prior(deviationsOf: AppealPrior(biasDeviation: 0.7, weightDeviation: 0.3))
    #expect(abs(prior.logit + prior.weights[0] + 3) < 0.05)
    #expect(abs(prior.logit + prior.weights[1] + 5) < 0.05)
    #expect(prior.biasDeviation == 0.7 && prior.weightDeviation == 0.3)
  }
}
