internal import Foundation
internal import InteractionData
internal import OfflineEvaluation
internal import RecommenderModels
internal import TensorFiles

/// A search that was ended by the user.
struct TuningInterrupted: Error, CustomStringConvertible {
  let trials: Int
  let path: String

  var description: String {
    "the search was stopped after \(trials) trials, which \(path) keeps: "
      + "the same command goes on with it"
  }
}

/// One `teller tune`: trials, their log, and the model that comes of the best.
final class TuneRun {
  private let command: TuneCommand
  private let kind: RecommenderKind
  private let fixed: [String: ConfigurationValue]
  private let dataset: Dataset
  private let checksum: String
  private let space: SearchSpace
  private let split: EvaluationSplit
  private let evaluator: Evaluator
  private let log: TrialLog
  private let start = SystemClock.elapsed()
  private var trials: [Int: Trial]

  init(
    command: TuneCommand, kind: RecommenderKind, fixed: [String: ConfigurationValue],
    dataset: Dataset, checksum: String
  ) throws {
    self.command = command
    self.kind = kind
    self.fixed = fixed
    self.dataset = dataset
    self.checksum = checksum
    space = SearchSpace(kind, fixed: Set(fixed.keys))
    split =
      dataset.panel == nil
      ? try .leaveLastOut(of: dataset) : try .nextMonth(of: dataset)
    evaluator = try Evaluator(split: split, threadCount: command.threads.count)
    log = TrialLog(path: "\(command.shared.workspace)/tuning/\(kind.rawValue).jsonl")
    trials = [:]
    trials = try log.trials(of: identity)
  }

  /// What the trials depend on: equal for searches that can go on with each other's.
  private var identity: String {
    let settings = fixed.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let text = ([checksum, split.name, "\(command.seed)"] + space.names + settings)
      .joined(separator: "\n")
    return Array(text.utf8).withUnsafeBytes { Checksum.text(Checksum.crc32($0)) }
  }

  private var metric: RankingMetric {
    dataset.panel == nil
      ? RankingMetric(.normalizedDiscountedCumulativeGain, at: 10)
      : RankingMetric(.meanAveragePrecision, at: 7)
  }

  /// Runs the trials that the log lacks.
  func search() throws {
    let line = ProgressLine()
    defer { line.clear() }
    for number in 0..<command.trials where trials[number] == nil {
      if let minutes = command.minutes, !trials.isEmpty,
        (SystemClock.elapsed() - start).seconds >= minutes * 60
      {
        break
      }
      if StopRequest.wasMade { throw interruption }
      let trial = try run(number, line)
      line.clear()
      try log.append(trial)
      trials[number] = trial
      CommandOutput.line(
        "trial \(number): \(metric.name) \(Self.text(trial.score)) in "
          + "\(CommandOutput.fixed(trial.seconds, 1)) s, \(describe(trial))")
    }
  }

  private var interruption: TuningInterrupted {
    TuningInterrupted(trials: trials.count, path: log.path)
  }

  private func run(_ number: Int, _ line: ProgressLine) throws -> Trial {
    let settings = space.settings(ofTrial: number, seed: command.seed).merging(fixed) { $1 }
    var trial = Trial(
      search: identity, trial: number, settings: settings, score: nil, metrics: [:], seconds: 0,
      failure: nil)
    let begin = SystemClock.elapsed()
    let total = command.trials
    let trainer = ModelTrainer(
      threadCount: command.threads.count, now: SystemClock.elapsed,
      progress: { progress in
        line.show(
          share: (Double(number) + progress.share) / Double(total),
          "trial \(number)/\(total) \(progress.text)")
      }, isCancelled: { StopRequest.wasMade })
    do {
      let outcome = try trainer.train(
        kind, on: split.training, settings: settings, seed: command.seed)
      let figures = evaluator.figures(of: outcome.recommender)
      trial.score = figures[metric.kind, metric.k]
      for (metric, mean) in figures.means where mean.isFinite { trial.metrics[metric.name] = mean }
    } catch {
      if StopRequest.wasMade { throw interruption }
      guard error.isDivergence else { throw error }
      trial.failure = error.description
    }
    trial.seconds = (SystemClock.elapsed() - begin).seconds
    return trial
  }

  /// The settings searched, as options.
  private func describe(_ trial: Trial) -> String {
    if let failure = trial.failure { return failure }
    let words = space.names.compactMap { name in
      trial.settings[name].map { "--\(name.replacing("_", with: "-")) \($0)" }
    }
    return words.isEmpty ? "the recipe's own settings" : words.joined(separator: " ")
  }

  private static func text(_ score: Double?) -> String {
    score.map { CommandOutput.fixed($0, 5) } ?? "-"
  }

  /// Trains the best trial's settings on everything, and stores the model.
  func trainBest() throws {
    let ranked = trials.values.filter { $0.trial < command.trials && $0.score != nil }.sorted {
      ($1.score ?? 0, $0.trial) < ($0.score ?? 0, $1.trial)
    }
    guard let best = ranked.first, let score = best.score else {
      throw ModelError.unsuitableDataset(
        kind: kind, reason: "every trial failed; fix a lower --learning-rate")
    }
    show(ranked)
    let line = ProgressLine()
    defer { line.clear() }
    let trainer = ModelTrainer(
      threadCount: command.threads.count, now: SystemClock.elapsed,
      progress: { line.show(share: $0.share, "the best on everything: \($0.text)") },
      isCancelled: { StopRequest.wasMade })
    let outcome: ModelTrainer.Outcome
    do {
      outcome = try trainer.train(kind, on: dataset, settings: best.settings, seed: command.seed)
    } catch {
      if StopRequest.wasMade { throw interruption }
      throw error
    }
    line.clear()
    var manifest = ModelStore.manifest(
      of: outcome, kind: kind, seed: command.seed, dataset: dataset, datasetChecksum: checksum)
    manifest.note =
      "best of \(ranked.count) trials by \(metric.name) on \(split.name): trial \(best.trial), "
      + Self.text(score)
    let stored = try command.shared.models.add(outcome.recommender, manifest: manifest)
    let seconds = (SystemClock.elapsed() - start).seconds
    CommandOutput.line("\(stored.version): \(manifest.note ?? "")")
    guard command.shared.json else { return }
    try CommandOutput.json([
      "model": kind.rawValue, "version": stored.version, "trials": ranked.count,
      "failed_trials": trials.values.count { $0.score == nil }, "best_trial": best.trial,
      "metric": metric.name, "score": score, "seconds": seconds,
      "settings": best.settings.mapValues(\.json), "log": log.path,
    ])
  }

  private func show(_ ranked: [Trial]) {
    var table = Table(header: ["trial", metric.name] + space.names + ["seconds"])
    for trial in ranked.prefix(Self.shownLimit) {
      table.add(
        ["\(trial.trial)", Self.text(trial.score)]
          + space.names.map { trial.settings[$0]?.description ?? "own" }
          + [CommandOutput.fixed(trial.seconds, 1)])
    }
    CommandOutput.line()
    for line in table.lines { CommandOutput.line(line) }
    CommandOutput.line()
  }

  /// Trials in the final table.
  private static let shownLimit = 20
}

extension ModelError {
  /// Whether the settings are to blame, and other ones may do.
  fileprivate var isDivergence: Bool {
    if case .diverged = self { return true }
    return false
  }
}

extension ConfigurationValue {
  /// The value as JSON has it.
  fileprivate var json: Any {
    switch self {
    case .flag(let flag): flag
    case .integer(let integer): integer
    case .number(let number): number
    case .text(let text): text
    }
  }
}
