internal import Experiments
internal import Foundation

/// What a report of an experiment cannot tell, in words, where its tables would have gaps or intervals of
/// no width.
struct ExperimentGaps {
  private typealias Out = CommandOutput
  private let arms: [ExperimentReport.Arm]

  init(_ report: ExperimentReport) { arms = report.arms }

  /// Why no arm can be compared with the first; nil when one can.
  var reasonForNoLifts: String? {
    let name = arms[0].name
    if arms[0].estimates.isEmpty {
      return "\(name), which the others are compared with, has \(Self.customers(arms[0].customers))"
    }
    if arms.allSatisfy(\.lifts.isEmpty) {
      return "no arm but \(name) has \(ExperimentReport.customerMinimum) customers"
    }
    return arms.allSatisfy { $0.reward == 0 } ? "no arm brought anything" : nil
  }

  /// A line for each arm that has no figures, or only such as chance hides.
  var notes: [String] {
    arms.compactMap { arm in
      if arm.customers == 0 { return "\(arm.name): no answers in the log" }
      if arm.estimates.isEmpty {
        let needed = ExperimentReport.customerMinimum
        return "\(arm.name): figures need \(needed) customers, the log has "
          + Self.customers(arm.customers)
      }
      if arm.reward > 0 { return nil }
      return
        "\(arm.name): \(Self.customers(arm.customers)) brought nothing, which gives intervals no "
        + "width; up to \(Out.fixed(100 * Self.conversionLimit(arm.customers), 2)) % might bring "
        + "something (95 %)"
    }
  }

  private static func customers(_ count: Int) -> String {
    count == 0 ? "no customers" : count == 1 ? "1 customer" : "\(Out.grouped(count)) customers"
  }

  /// The share of customers of which so many, drawn at random, would all bring nothing once in twenty
  /// times: `(1 - p)ⁿ = .05` (Hanley and Lippman-Hand 1983, doi:10.1001/jama.1983.03330370053031).
  private static func conversionLimit(_ count: Int) -> Double { 1 - pow(0.05, 1 / Double(count)) }
}
