internal import ArgumentParser
internal import EventLog
internal import Foundation
internal import InteractionData
internal import RecommenderModels
internal import RecommenderService

/// `teller train`
struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train models on the workspace's dataset.",
    discussion: """
      Recipes: popularity, sims, hrnn, or all of them. Further options are the recipe's settings, \
      by the names its manifest shows, in kebab case:
      \(TrainingSettings.help)

      While the network trains, what it has reached is kept in the workspace. Ctrl-C (or SIGTERM) \
      ends it after the step under way, with exit code 75; --resume goes on from there, or from the \
      last minute before a crash, and comes to the same bytes as if nothing had happened. A second \
      Ctrl-C ends it at once.

      With --feedback the network is trained on what customers took and gave up since the import, \
      too, as the event log tells. The other recipes follow the log while they serve.

      Examples:
        teller train all --seed 7
        teller train hrnn --hidden-dimension 128 --epochs 4
        teller train hrnn --feedback
        teller train hrnn --resume
        teller train hrnn --validation-split last_month --early-stopping-patience 2
        teller train hrnn --seeds 5
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var threads: ThreadOptions

  @Argument(help: "popularity, sims, hrnn or all.")
  var recipe: String

  @Option(
    help:
      "Where all randomness comes from: the same seed and data give the same bytes. [default: 1]")
  var seed: UInt64?

  @Option(
    help: "Train on what was known at the end of this month, YYYY-MM.",
    transform: MonthArgument.parse)
  var until: Month?

  @Flag(help: "Train the network on the event log's feedback, too.")
  var feedback = false

  @Flag(help: "Go on with the network's training that was interrupted, with the options it had.")
  var resume = false

  @Option(help: "Seconds between two writes of what the network's training has reached.")
  var checkpointSeconds = CheckpointPlan.defaultInterval / .seconds(1)

  @Argument(parsing: .allUnrecognized, help: "Settings of the recipe.")
  var settings: [String] = []

  func validate() throws {
    if resume && recipe != RecommenderKind.hrnn.rawValue {
      throw ValidationError("--resume goes on with the network alone: 'teller train hrnn --resume'")
    }
    if feedback && (recipe != RecommenderKind.hrnn.rawValue || until != nil || resume) {
      throw ValidationError(
        "--feedback is of 'teller train hrnn', all of its history, and goes without --resume: the"
          + " log may have grown since")
    }
    guard (0...86_400).contains(checkpointSeconds) else {
      throw ValidationError(
        "--checkpoint-seconds is \(checkpointSeconds), it must be from 0 to 86400")
    }
  }

  func run() async throws {
    try await CommandFailure.report {
      let kinds = try TrainingSettings.kinds(recipe)
      var values = try TrainingSettings.parse(settings, kinds: kinds)
      var (seed, until) = (seed, until)
      let opened = try DatasetFile.open(shared.datasetFolder)
      if resume {
        let interrupted = try TrainingIdentity.read(path: shared.checkpointPath)
        values = interrupted.configuration.merging(values) { $1 }
        seed = seed ?? interrupted.seed
        until = try until ?? MonthArgument.parse(interrupted.trainedThrough)
      }
      let known = until.map { opened.dataset.truncated(through: $0) } ?? opened.dataset
      let extended = try feedback ? extend(known) : nil
      let dataset = extended?.dataset ?? known
      var reports: [[String: Any]] = []
      for kind in kinds {
        reports.append(
          try train(
            kind, on: dataset, checksum: opened.checksum, values: values, seed: seed ?? 1,
            eventsThrough: extended?.through))
      }
      if shared.json, let last = reports.last {
        try CommandOutput.json(reports.count == 1 ? last : merged(reports, last))
      }
    }
  }

  /// The dataset with what the event log tells beyond it.
  private func extend(_ dataset: Dataset) throws -> FeedbackTraining.Extended {
    guard FileManager.default.fileExists(atPath: shared.eventLogPath) else {
      throw EventLogError.unreadable(path: shared.eventLogPath, reason: "there is none yet")
    }
    let extended = try FeedbackTraining.extend(
      dataset, by: SQLiteEventStore(path: shared.eventLogPath))
    CommandOutput.line(
      "feedback of \(CommandOutput.grouped(extended.customerCount)) customers is trained on, too")
    return extended
  }

  /// Where the training of a network keeps what it has reached; the other recipes are quick.
  private func checkpoint(
    _ kind: RecommenderKind, _ dataset: Dataset, _ checksum: String
  ) -> CheckpointPlan? {
    // What was reached on one state of the log is of no use on another.
    guard kind == .hrnn, !feedback else { return nil }
    let path = shared.checkpointPath
    if !resume && CheckpointPlan.exists(at: path) {
      CommandOutput.note(
        "\(path): a training was interrupted, --resume would go on with it; training anew")
    }
    StopRequest.listen()
    return CheckpointPlan(
      path: path, datasetChecksum: checksum,
      trainedThrough: dataset.lastMonth?.description ?? "", resumes: resume,
      interval: .seconds(checkpointSeconds))
  }

  private func train(
    _ kind: RecommenderKind, on dataset: Dataset, checksum: String,
    values: [String: ConfigurationValue], seed: UInt64, eventsThrough: Int64?
  ) throws -> [String: Any] {
    let line = ProgressLine()
    defer { line.clear() }
    let plan = checkpoint(kind, dataset, checksum)
    let trainer = ModelTrainer(
      threadCount: threads.count, now: SystemClock.elapsed,
      progress: { line.show(share: $0.share, $0.text) },
      isCancelled: { plan != nil && StopRequest.wasMade })
    let outcome = try trainer.train(
      kind, on: dataset, settings: values, seed: seed, checkpoint: plan)
    line.clear()
    var manifest = ModelStore.manifest(
      of: outcome, kind: kind, seed: seed, dataset: dataset, datasetChecksum: checksum)
    manifest.eventsThrough = eventsThrough
    let stored = try shared.models.add(outcome.recommender, manifest: manifest)
    plan?.remove()
    typealias Out = CommandOutput
    var text =
      "\(stored.version): \(Out.grouped(manifest.parameters)) parameters, "
      + "trained through \(manifest.trainedThrough) in \(Out.fixed(outcome.seconds, 1)) s"
    if let quality = outcome.validation["map_at_7"] {
      text += ", MAP@7 \(Out.fixed(quality, 5)) on customers kept aside"
    }
    Out.line(text)
    return [
      "model": kind.rawValue, "version": stored.version, "parameters": manifest.parameters,
      "epochs": outcome.epochs, "seconds": outcome.seconds,
      "customer_months_per_second": outcome.customerMonthsPerSecond,
      "validation": outcome.validation, "peak_memory_bytes": ProcessMemory.peakBytes,
    ]
  }

  /// The last model's report, with all of them beside it.
  private func merged(_ reports: [[String: Any]], _ last: [String: Any]) -> [String: Any] {
    var merged = last
    merged["models"] = reports
    return merged
  }
}

extension TrainingProgress {
  /// The share of the training that is done.
  var share: Double {
    let total = Double(stepCount * stageCount)
    return total > 0 ? Double((stage - 1) * stepCount + step) / total : 0
  }

  /// What a person wants to know while waiting.
  var text: String {
    typealias Out = CommandOutput
    var text =
      (stageCount > 1 ? "run \(stage)/\(stageCount) " : "")
      + "epoch \(epoch)/\(epochCount) loss \(Out.fixed(loss, 4)) "
      + "\(Out.grouped(Int(customerMonthsPerSecond))) customer-months/s "
      + "\(Int(secondsLeft.rounded(.up))) s left"
    if let quality = validationMAP { text += " MAP@7 \(Out.fixed(quality, 5))" }
    return text
  }
}
