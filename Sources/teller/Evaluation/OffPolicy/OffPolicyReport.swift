internal import Foundation
internal import InteractionData
internal import OfflineEvaluation
internal import RecommenderModels

/// One `teller evaluate --off-policy`: what the log says of other policies, as tables and JSON.
struct OffPolicyReport {
  private typealias Out = CommandOutput
  private let path: String
  private let reward: RewardKind
  private let log: LoggedAnswers
  private let served: BootstrapIntervals.Interval
  private let figures: [OffPolicyFigures]
  private let withoutMenu: Int
  private var notes: [String] = []

  /// Reads the log and estimates every policy that was asked for.
  init(command: EvaluateCommand, log source: OffPolicySource) throws {
    try command.checkOffPolicyOptions()
    let options = command.offPolicy
    reward = options.reward ?? .accepted
    let weights = try options.weights
    var settings = OffPolicyEvaluator.Settings()
    settings.clip = options.clip ?? .infinity
    settings.replicateCount = command.bootstrap
    settings.seed = command.seed
    settings.threadCount = command.threads.count
    var log: LoggedAnswers
    switch source {
    case .workspace:
      if let events = options.events {
        throw EvaluationError.invalidOption(
          name: "events", value: events, expected: "left out with the workspace's own log")
      }
      let workspace = try WorkspaceLog(command.shared, reward: reward, needsMenu: true)
      (path, log, withoutMenu) = (workspace.path, workspace.answers, workspace.withoutMenu)
    case .file(let file):
      (path, withoutMenu) = (file, 0)
      log = try LoggedAnswers(
        path: file, eventsPath: options.events, reward: reward, threadCount: command.threads.count)
    }
    if let arm = options.arm {
      log.keep { $0.arm == arm }
      guard !log.answers.isEmpty else {
        throw EvaluationError.emptyLog(path: path, reason: "no answers of arm \"\(arm)\"")
      }
    }
    self.log = log
    let candidates = try Self.candidates(command, log)
    let evaluator = try OffPolicyEvaluator(log, settings: settings)
    served = evaluator.served
    let policies: [(name: String, policy: any TargetPolicy)] =
      weights.map { ("weight \(Self.short($0))", ReweightedPolicy(weight: $0)) }
      + [("uniform", UniformPolicy())] + candidates.flatMap(\.policies)
    figures = policies.map { evaluator.figures(of: $0.policy, name: $0.name) }
    notes = Self.notes(log, candidates, figures)
    if withoutMenu > 0 {
      notes.append(
        "left out: \(Out.grouped(withoutMenu)) answers that did not explore, or do not tell what "
          + "they were drawn from")
    }
  }

  private static func candidates(
    _ command: EvaluateCommand, _ log: LoggedAnswers
  ) throws -> [CandidateScores] {
    if command.model.isEmpty && command.scores.isEmpty { return [] }
    let dataset = try DatasetFile.open(command.shared.datasetFolder).dataset
    let store = command.shared.models
    return try command.model.map { name in
      let stored = try store.open(try store.resolve(name), for: dataset)
      return try CandidateScores(
        stored, log, dataset: dataset, threadCount: command.threads.count)
    }
      + command.scores.map { argument in
        CandidateScores(try ForeignScores(argument, dataset: dataset), log, dataset: dataset)
      }
  }

  // MARK: Text

  func print() {
    Out.line(
      "\(path): \(Out.grouped(log.answers.count)) answers to "
        + "\(Out.grouped(Set(log.answers.map(\.customer)).count)) customers by "
        + (log.modelVersions.isEmpty
          ? "an unnamed model" : log.modelVersions.sorted().joined(separator: ", ")))
    Out.line(
      "served: \(Self.number(served)) \(reward.rawValue) an answer, \(Self.range(served))")
    printEstimates()
    printSupport()
    for note in notes { Out.line(note) }
  }

  private func printEstimates() {
    Out.line()
    var table = Table(header: [
      "policy", "IPS", "95 %", "SNIPS", "95 %", "DM", "DR", "95 %", "DR - served", "95 %",
      "verdict",
    ])
    for policy in figures {
      guard let estimates = policy.estimates else {
        let bounds = policy.bounds.map {
          "\(Out.fixed($0.lowerBound, 5)) to \(Out.fixed($0.upperBound, 5))"
        }
        table.add(
          [policy.name, bounds == nil ? "" : "bounds", bounds ?? ""]
            + [String](repeating: "", count: 7) + ["refused"])
        continue
      }
      let normalized = estimates.selfNormalized
      table.add([
        policy.name, Self.number(estimates.inversePropensity),
        Self.range(estimates.inversePropensity), normalized.map(Self.number) ?? "",
        normalized.map(Self.range) ?? "", Self.number(estimates.directMethod),
        Self.number(estimates.doublyRobust), Self.range(estimates.doublyRobust),
        Self.number(estimates.difference), Self.range(estimates.difference),
        estimates.difference.verdict,
      ])
    }
    for line in table.lines { Out.line(line) }
  }

  private func printSupport() {
    Out.line()
    var table = Table(header: [
      "policy", "effective answers", "largest weight", "clipped", "mean weight", "not supported",
      "bounds",
    ])
    for policy in figures {
      guard let support = policy.diagnostics else { continue }
      table.add([
        policy.name, Out.grouped(Int(support.effectiveAnswers.rounded())),
        Out.fixed(support.largestWeight, 2), "\(Out.fixed(100 * support.clippedShare, 2)) %",
        Out.fixed(support.meanWeight, 4), "\(Out.fixed(100 * support.unsupportedShare, 2)) %",
        policy.bounds.map {
          "\(Out.fixed($0.lowerBound, 5)) to \(Out.fixed($0.upperBound, 5))"
        } ?? "",
      ])
    }
    for line in table.lines { Out.line(line) }
  }

  private static func number(_ interval: BootstrapIntervals.Interval) -> String {
    Out.fixed(interval.estimate, 5)
  }

  private static func range(_ interval: BootstrapIntervals.Interval) -> String {
    "\(Out.fixed(interval.low, 5)) to \(Out.fixed(interval.high, 5))"
  }

  /// A weight without needless zeros.
  private static func short(_ weight: Double) -> String {
    weight == weight.rounded() ? "\(Int(weight))" : "\(weight)"
  }

  private static func notes(
    _ log: LoggedAnswers, _ candidates: [CandidateScores], _ figures: [OffPolicyFigures]
  ) -> [String] {
    var notes: [String] = []
    for policy in figures {
      if policy.unknownAnswers > 0 {
        notes.append(
          "\(policy.name): refused, \(Out.grouped(policy.unknownAnswers)) answers do not tell what "
            + "it would have done; log candidates with matching_probability, or see --arm")
      } else if policy.estimates == nil, let support = policy.diagnostics {
        notes.append(
          "\(policy.name): refused, the log could not have shown "
            + "\(Out.fixed(100 * support.unsupportedShare, 1)) % of what it would show "
            + "(at most \(Out.fixed(100 * OffPolicyFigures.unsupportedLimit, 0)) %)")
      }
      if let support = policy.diagnostics,
        abs(support.meanWeightDeviations) > OffPolicyFigures.meanWeightLimit
      {
        notes.append(
          "\(policy.name): the mean weight is \(Out.fixed(support.meanWeight, 4)), "
            + "\(Out.fixed(abs(support.meanWeightDeviations), 1)) standard errors from 1; what was "
            + "shown was not drawn with the logged propensities, and estimates are not to be trusted"
        )
      }
    }
    for scores in candidates where scores.unknownCustomers > 0 {
      notes.append(
        "\(scores.name): does not know \(Out.grouped(scores.unknownCustomers)) of "
          + "\(Out.grouped(log.customers.count)) customers; their answers stay as served")
    }
    for (count, text) in [
      (log.eventsOutsideSlates, "about items their answer did not show"),
      (log.eventsWithoutAnswer, "of no answer in the log"),
    ] where count > 0 {
      notes.append("left out: \(Out.grouped(count)) events \(text)")
    }
    return notes
  }

  // MARK: JSON

  var object: [String: Any] {
    [
      "log": path, "answers": log.answers.count, "answers_left_out": withoutMenu,
      "customers": Set(log.answers.map(\.customer)).count, "reward": reward.rawValue,
      "served": Self.object(served), "events_outside_slates": log.eventsOutsideSlates,
      "events_without_answer": log.eventsWithoutAnswer, "notes": notes,
      "policies": Dictionary(
        uniqueKeysWithValues: figures.map { ($0.name, Self.object($0)) as (String, Any) }),
    ]
  }

  private static func object(_ interval: BootstrapIntervals.Interval) -> [String: Any] {
    ["value": interval.estimate, "low": interval.low, "high": interval.high]
  }

  private static func object(_ policy: OffPolicyFigures) -> [String: Any] {
    var object: [String: Any] = [
      "unknown_answers": policy.unknownAnswers, "refused": policy.estimates == nil,
    ]
    if let support = policy.diagnostics {
      object["effective_answers"] = support.effectiveAnswers
      object["largest_weight"] = support.largestWeight
      object["clipped_share"] = support.clippedShare
      object["mean_weight"] = support.meanWeight
      object["mean_weight_deviations"] = support.meanWeightDeviations
      object["unsupported_share"] = support.unsupportedShare
    }
    if let bounds = policy.bounds {
      object["bounds"] = ["low": bounds.lowerBound, "high": bounds.upperBound]
    }
    if let estimates = policy.estimates {
      object["ips"] = Self.object(estimates.inversePropensity)
      if let normalized = estimates.selfNormalized { object["snips"] = Self.object(normalized) }
      object["dm"] = Self.object(estimates.directMethod)
      object["dr"] = Self.object(estimates.doublyRobust)
      object["difference"] = Self.object(estimates.difference)
      object["verdict"] = estimates.difference.verdict
    }
    return object
  }
}
