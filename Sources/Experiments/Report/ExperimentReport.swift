internal import Foundation

/// How the arms of an experiment did, and by how much they differ from the first.
///
/// Customers are what was drawn, so they are what counts: all figures are means over customers, or
/// ratios of such means, with the delta method's errors (Deng, Knoblich and Lu 2018,
/// doi:10.1145/3219819.3219919). An answer is no draw of its own, for a customer's answers are alike.
public struct ExperimentReport: Sendable {
  /// What a difference is measured in.
  public enum Metric: String, CaseIterable, Sendable {
    /// The reward of a customer.
    case rewardPerCustomer = "reward_per_customer"
    /// The reward of an answer: the sum of rewards over the sum of answers.
    case rewardPerAnswer = "reward_per_answer"
    /// The share of customers that brought anything.
    case conversion
  }

  /// A figure of an arm.
  public struct Estimate: Sendable, Equatable {
    /// The figure.
    public let value: Double
    /// Its standard error.
    public let standardError: Double

    /// The ends of its interval of 95 %.
    public var interval: ClosedRange<Double> {
      let reach = ExperimentReport.quantile * standardError
      return value - reach...value + reach
    }
  }

  /// How an arm differs from the first.
  public struct Lift: Sendable, Equatable {
    /// The figure of the arm minus that of the first.
    public let difference: Estimate
    /// The figure over that of the first, minus 1, with its interval of 95 % (from the logarithm,
    /// so that it cannot fall below -1); nil where either is 0.
    public let relative: (value: Double, low: Double, high: Double)?
    /// The probability of a difference this large by chance alone, two-sided.
    public let pValue: Double

    /// Whether two lifts are the same.
    public static func == (left: Lift, right: Lift) -> Bool {
      left.difference == right.difference && left.pValue == right.pValue
    }
  }

  /// One arm.
  public struct Arm: Sendable {
    /// Its name.
    public let name: String
    /// Its customers.
    public let customers: Int
    /// Their answers.
    public let answers: Int
    /// What they brought.
    public let reward: Double
    /// The figures; empty with fewer than two customers.
    public let estimates: [Metric: Estimate]
    /// The differences from the first arm; empty for that, and with fewer than two customers.
    public let lifts: [Metric: Lift]
  }

  /// The arms, in the experiment's order.
  public let arms: [Arm]
  /// The probability that chance alone parts the customers at least as far from the shares.
  public let sampleRatioPValue: Double

  /// Below this, chance did not part the customers: answers or customers of an arm are missing, and
  /// lifts are not to be trusted (Fabijan et al. 2019, doi:10.1145/3292500.3330722).
  public static let sampleRatioLimit = 0.001
  /// The fewest customers of an arm of which figures are given.
  public static let customerMinimum = 2
  /// The normal law's quantile for intervals of 95 %.
  static let quantile = 1.959963984540054

  /// Sums up an experiment.
  ///
  /// - Parameters:
  ///   - experiment: the experiment.
  ///   - outcomes: one for each customer who was given an answer.
  /// - Throws: ``ExperimentError/nobody(experiment:reason:)`` without any.
  public init(_ experiment: Experiment, _ outcomes: [CustomerOutcome]) throws(ExperimentError) {
    guard !outcomes.isEmpty else {
      throw .nobody(experiment: experiment.name, reason: "no answer of the log lies within it")
    }
    let parted = experiment.arms.indices.map { arm in outcomes.filter { $0.arm == arm } }
    sampleRatioPValue = ChiSquare.pValue(
      observed: parted.map { Double($0.count) },
      shares: experiment.arms.map { Double($0.share) / Double(experiment.totalShare) })
    let estimates = parted.map(Self.estimates)
    arms = experiment.arms.indices.map { place in
      var lifts: [Metric: Lift] = [:]
      if place > 0 {
        for (metric, estimate) in estimates[place] {
          if let base = estimates[0][metric] { lifts[metric] = Self.lift(estimate, from: base) }
        }
      }
      return Arm(
        name: experiment.arms[place].name, customers: parted[place].count,
        answers: parted[place].reduce(0) { $0 + $1.answers },
        reward: parted[place].reduce(0) { $0 + $1.reward }, estimates: estimates[place],
        lifts: lifts)
    }
  }

  private static func estimates(_ outcomes: [CustomerOutcome]) -> [Metric: Estimate] {
    guard outcomes.count >= customerMinimum else { return [:] }
    let rewards = outcomes.map(\.reward)
    let answers = outcomes.map { Double($0.answers) }
    return [
      .rewardPerCustomer: ratio(rewards, over: [Double](repeating: 1, count: outcomes.count)),
      .rewardPerAnswer: ratio(rewards, over: answers),
      .conversion: ratio(
        rewards.map { $0 > 0 ? 1 : 0 }, over: [Double](repeating: 1, count: outcomes.count)),
    ]
  }

  /// The ratio of two means over customers, with the delta method's error:
  /// `Var(R/N) = Var(r - ρ n) / (customers · mean(n)²)`.
  private static func ratio(_ values: [Double], over counts: [Double]) -> Estimate {
    let customers = Double(values.count)
    let total = counts.reduce(0, +)
    let ratio = values.reduce(0, +) / total
    let squares = zip(values, counts).reduce(0) {
      let deviation = $1.0 - ratio * $1.1
      return $0 + deviation * deviation
    }
    let mean = total / customers
    let variance = squares / (customers - 1) / customers / (mean * mean)
    return Estimate(value: ratio, standardError: variance.squareRoot())
  }

  private static func lift(_ estimate: Estimate, from base: Estimate) -> Lift {
    let error =
      (estimate.standardError * estimate.standardError + base.standardError * base.standardError)
      .squareRoot()
    let difference = estimate.value - base.value
    var relative: (value: Double, low: Double, high: Double)?
    if estimate.value > 0 && base.value > 0 {
      let parts = [estimate, base].map { $0.standardError / $0.value }
      let reach = quantile * (parts[0] * parts[0] + parts[1] * parts[1]).squareRoot()
      let center = log(estimate.value / base.value)
      relative = (exp(center) - 1, exp(center - reach) - 1, exp(center + reach) - 1)
    }
    let deviations = error > 0 ? abs(difference) / error : difference == 0 ? 0 : .infinity
    return Lift(
      difference: Estimate(value: difference, standardError: error), relative: relative,
      pValue: erfc(deviations / 2.0.squareRoot()))
  }
}
