internal import InteractionData
internal import Testing

@testable internal import Experiments

/// The report against numbers made by hand, and by drawing many experiments.
struct ExperimentReportTests {
  private static func experiment(_ shares: [Int] = [1, 1]) throws -> Experiment {
    try #require(
      Experiment(
        name: "x", arms: shares.enumerated().map { .init(name: "arm\($0)", share: $1) }))
  }

  private static func outcome(_ arm: Int, _ answers: Int, _ reward: Double) -> CustomerOutcome {
    CustomerOutcome(arm: arm, answers: answers, reward: reward)
  }

  @Test func threeCustomersAnArmByHand() throws {
    let report = try ExperimentReport(
      Self.experiment(),
      [
        Self.outcome(0, 1, 0), Self.outcome(0, 2, 1), Self.outcome(0, 3, 2),
        Self.outcome(1, 2, 2), Self.outcome(1, 2, 0), Self.outcome(1, 2, 4),
      ])
    let (first, second) = (report.arms[0], report.arms[1])
    #expect(first.customers == 3 && first.answers == 6 && first.reward == 3)
    // Rewards 0, 1, 2: mean 1, variance 1, error √(1/3).
    let base = try #require(first.estimates[.rewardPerCustomer])
    #expect(base.value == 1 && abs(base.standardError - (1.0 / 3).squareRoot()) < 1e-12)
    // 3 of 6 answers; r - n/2 = -.5, 0, .5: variance .25, over 3 customers and 2² answers.
    let answer = try #require(first.estimates[.rewardPerAnswer])
    #expect(answer.value == 0.5)
    #expect(abs(answer.standardError - (0.25 / 3 / 4).squareRoot()) < 1e-12)
    // Two of three took something: variance of 0, 1, 1 is 1/3.
    let conversion = try #require(first.estimates[.conversion])
    #expect(abs(conversion.value - 2.0 / 3) < 1e-12)
    #expect(abs(conversion.standardError - 1.0 / 3) < 1e-12)
    // 2 against 1: variance 4 of three, so the error of the difference is √(4/3 + 1/3).
    let lift = try #require(second.lifts[.rewardPerCustomer])
    #expect(lift.difference.value == 1)
    #expect(abs(lift.difference.standardError - (5.0 / 3).squareRoot()) < 1e-12)
    // z = 1 / 1.29099 = .774597: two-sided .438578.
    #expect(abs(lift.pValue - 0.438578) < 1e-6)
    // ln 2 ± 1.95996 · √(1/3 + 1/3).
    let relative = try #require(lift.relative)
    #expect(abs(relative.value - 1) < 1e-12)
    #expect(abs(relative.low - -0.5963297) < 1e-6 && abs(relative.high - 8.9090757) < 1e-6)
    #expect(first.lifts.isEmpty)
    #expect(report.sampleRatioPValue == 1)
  }

  @Test func armsOfOneCustomerOrNothingHaveNoFiguresThatAreNotNumbers() throws {
    let report = try ExperimentReport(
      Self.experiment(),
      [Self.outcome(0, 1, 0), Self.outcome(0, 1, 0), Self.outcome(1, 1, 1)])
    #expect(report.arms[1].estimates.isEmpty && report.arms[1].lifts.isEmpty)
    #expect(report.arms[0].estimates[.rewardPerCustomer] == .init(value: 0, standardError: 0))
    let nothing = try ExperimentReport(
      Self.experiment(), (0..<6).map { Self.outcome($0 % 2, 1, 0) })
    let lift = try #require(nothing.arms[1].lifts[.rewardPerAnswer])
    #expect(lift.relative == nil && lift.pValue == 1)
    #expect(throws: ExperimentError.self) { try ExperimentReport(Self.experiment(), []) }
  }

  /// 600 customers against 400 of equal shares: χ² = 40; of shares 3 to 2 there is nothing to see.
  @Test func customersThatAreMissingShow() throws {
    let outcomes = (0..<1000).map { Self.outcome($0 < 600 ? 0 : 1, 1, 0) }
    let even = try ExperimentReport(Self.experiment(), outcomes)
    #expect(even.sampleRatioPValue < ExperimentReport.sampleRatioLimit)
    #expect(try ExperimentReport(Self.experiment([3, 2]), outcomes).sampleRatioPValue == 1)
  }

  /// From scipy.stats.chi2.sf.
  @Test(arguments: [
    (3.841458820694124, 1, 0.05), (40, 1, 2.539628589470901e-10), (5.991464547107979, 2, 0.05),
    (7.814727903251179, 3, 0.05), (1, 4, 0.9097959895689501), (24.99579013972863, 15, 0.05),
    (0, 1, 1), (0, 2, 1), (0, 5, 1),
  ]) func tailsAreThoseOfScipy(value: Double, degrees: Int, tail: Double) {
    let found = ChiSquare.upperTail(value, degreesOfFreedom: degrees)
    #expect(abs(found - tail) < 1e-9 * max(tail, 1e-3), "\(found)")
  }

  /// Where arms do not differ, one in twenty intervals misses 0, though customers have many answers
  /// that are alike.
  @Test func intervalsMissAsOftenAsTheySay() throws {
    let runs = 600
    var missed: [ExperimentReport.Metric: Int] = [:]
    for run in 0..<runs {
      var generator = SeededGenerator(seed: 77, stream: UInt64(run))
      let outcomes = (0..<400).map { _ in
        let appeal = generator.nextUnitDouble() * 0.6
        let answers = 1 + generator.nextIndex(below: 9)
        let reward = (0..<answers).count { _ in generator.nextUnitDouble() < appeal }
        return Self.outcome(generator.nextIndex(below: 2), answers, Double(reward))
      }
      let report = try ExperimentReport(Self.experiment(), outcomes)
      for (metric, lift) in report.arms[1].lifts where lift.pValue < 0.05 {
        missed[metric, default: 0] += 1
      }
    }
    // 30 are expected with a deviation of 5.3; four deviations on either side.
    for metric in ExperimentReport.Metric.allCases {
      #expect((9...51).contains(missed[metric] ?? 0), "\(metric): \(missed[metric] ?? 0), seed 77")
    }
  }
}
