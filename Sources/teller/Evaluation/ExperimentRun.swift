internal import Experiments
internal import Foundation
internal import OfflineEvaluation

/// The report of an experiment on a log, as tables and JSON.
struct ExperimentRun {
  private typealias Out = CommandOutput
  private typealias Metric = ExperimentReport.Metric
  private let experiment: Experiment
  private let reward: RewardKind
  private let report: ExperimentReport
  /// Answers whose logged arm is not the one that follows from the customer.
  private var otherArm = 0
  /// Answers of another experiment, which are left out.
  private var otherExperiment = 0
  /// Answers given with another exploration weight than the arm's.
  private var otherWeight = 0

  /// Parts the customers of a log.
  ///
  /// - Throws: `ExperimentError`.
  init(
    _ experiment: Experiment, _ log: LoggedAnswers, reward: RewardKind
  ) throws(ExperimentError) {
    self.experiment = experiment
    self.reward = reward
    var outcomes = [CustomerOutcome?](repeating: nil, count: log.customers.count)
    let places = Dictionary(
      uniqueKeysWithValues: experiment.arms.enumerated().map { ($1.name, $0) })
    for answer in log.answers where experiment.isRunning(atMilliseconds: answer.timeMilliseconds) {
      if let other = answer.experiment, other != experiment.name {
        otherExperiment += 1
        continue
      }
      let customer = answer.customer
      var outcome =
        outcomes[customer]
        ?? CustomerOutcome(
          arm: Self.arm(answer, places)
            ?? experiment.armIndex(of: log.customers[customer]), answers: 0, reward: 0)
      outcome.answers += 1
      outcome.reward += answer.reward
      outcomes[customer] = outcome
      let arm = experiment.arms[outcome.arm]
      if let logged = answer.arm, logged != arm.name { otherArm += 1 }
      if let weight = arm.explorationWeight, let logged = answer.explorationWeight,
        abs(weight - logged) > 1e-6
      {
        otherWeight += 1
      }
    }
    report = try ExperimentReport(experiment, outcomes.compactMap { $0 })
  }

  /// The place of the arm that served an answer of this experiment; nil where the log does not name
  /// the experiment, and the arm is what follows from the customer.
  private static func arm(_ answer: LoggedAnswer, _ places: [String: Int]) -> Int? {
    answer.experiment == nil ? nil : answer.arm.flatMap { places[$0] }
  }

  private var isMismatched: Bool {
    report.sampleRatioPValue < ExperimentReport.sampleRatioLimit
  }

  private var notes: [String] {
    var notes = ExperimentGaps(report).notes
    if isMismatched {
      notes.append(
        "the customers are not parted by the shares (p = "
          + "\(Out.significant(report.sampleRatioPValue))): some are missing from the log, and "
          + "lifts are not to be trusted")
    }
    if otherArm > 0 {
      notes.append("\(Out.grouped(otherArm)) answers were logged with another arm")
    }
    if otherExperiment > 0 {
      notes.append("\(Out.grouped(otherExperiment)) answers of another experiment are left out")
    }
    if otherWeight > 0 {
      notes.append(
        "\(Out.grouped(otherWeight)) answers were given with another exploration weight than "
          + "their arm's")
    }
    return notes
  }

  func print() {
    Out.line("experiment \(experiment.name), \(reward.rawValue)")
    var table = Table(header: [
      "arm", "share", "customers", "answers", "reward", "per customer", "95 %", "per answer",
      "conversion",
    ])
    for (place, arm) in report.arms.enumerated() {
      let share = Double(experiment.arms[place].share) / Double(experiment.totalShare)
      table.add([
        arm.name, "\(Out.fixed(100 * share, 2)) %", Out.grouped(arm.customers),
        Out.grouped(arm.answers), Out.fixed(arm.reward, 0),
        Self.number(arm.estimates[.rewardPerCustomer]),
        Self.range(arm.estimates[.rewardPerCustomer]),
        Self.number(arm.estimates[.rewardPerAnswer]), Self.number(arm.estimates[.conversion]),
      ])
    }
    for line in table.lines { Out.line(line) }
    Out.line()
    printLifts()
    Out.line(
      "customers by shares: p = \(Out.significant(report.sampleRatioPValue))"
        + (isMismatched ? "" : ", as drawn"))
    for note in notes { Out.line(note) }
  }

  private func printLifts() {
    if let reason = ExperimentGaps(report).reasonForNoLifts {
      Out.line("nothing to compare: \(reason)")
      return
    }
    var table = Table(header: [
      "against \(report.arms[0].name)", "metric", "difference", "95 %", "lift", "95 %", "p",
    ])
    for arm in report.arms.dropFirst() {
      for metric in Metric.allCases {
        guard let lift = arm.lifts[metric] else { continue }
        let relative = lift.relative
        table.add([
          arm.name, metric.rawValue.replacingOccurrences(of: "_", with: " "),
          Self.number(lift.difference), Self.range(lift.difference),
          relative.map { "\(Out.fixed(100 * $0.value, 1)) %" } ?? "",
          relative.map { "\(Out.fixed(100 * $0.low, 1)) to \(Out.fixed(100 * $0.high, 1)) %" }
            ?? "", Out.significant(lift.pValue),
        ])
      }
    }
    for line in table.lines { Out.line(line) }
  }

  private static func number(_ estimate: ExperimentReport.Estimate?) -> String {
    estimate.map { Out.fixed($0.value, 5) } ?? ""
  }

  private static func range(_ estimate: ExperimentReport.Estimate?) -> String {
    estimate.map {
      "\(Out.fixed($0.interval.lowerBound, 5)) to \(Out.fixed($0.interval.upperBound, 5))"
    } ?? ""
  }

  var object: [String: Any] {
    [
      "experiment": experiment.name, "reward": reward.rawValue,
      "sample_ratio_p_value": report.sampleRatioPValue, "sample_ratio_mismatch": isMismatched,
      "answers_of_another_arm": otherArm, "answers_of_another_weight": otherWeight,
      "answers_of_another_experiment": otherExperiment, "notes": notes,
      "arms": report.arms.indices.map { object(report.arms[$0], experiment.arms[$0]) },
    ]
  }

  private func object(
    _ arm: ExperimentReport.Arm, _ configured: Experiment.Arm
  ) -> [String: Any] {
    var object: [String: Any] = [
      "name": arm.name, "share": configured.share, "customers": arm.customers,
      "answers": arm.answers, "reward": arm.reward,
    ]
    if let model = configured.model { object["model"] = model }
    if let weight = configured.explorationWeight { object["exploration_weight"] = weight }
    for (metric, estimate) in arm.estimates {
      object[metric.rawValue] = Self.object(estimate)
    }
    var lifts: [String: Any] = [:]
    for (metric, lift) in arm.lifts {
      var entry = Self.object(lift.difference)
      entry["p_value"] = lift.pValue
      if let relative = lift.relative {
        entry["lift"] = relative.value
        entry["lift_low"] = relative.low
        entry["lift_high"] = relative.high
      }
      lifts[metric.rawValue] = entry
    }
    if !lifts.isEmpty { object["differences"] = lifts }
    return object
  }

  private static func object(_ estimate: ExperimentReport.Estimate) -> [String: Any] {
    [
      "value": estimate.value, "low": estimate.interval.lowerBound,
      "high": estimate.interval.upperBound,
    ]
  }
}
