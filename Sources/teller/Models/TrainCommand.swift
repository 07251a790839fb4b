internal import ArgumentParser
internal import InteractionData
internal import RecommenderModels

/// `teller train`
struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train models on the workspace's dataset.",
    discussion: """
      Recipes: popularity, sims, hrnn, or all of them. Further options are the recipe's settings, \
      by the names its manifest shows, in kebab case:
      \(TrainingSettings.help)

      Examples:
        teller train all --seed 7
        teller train hrnn --hidden-dimension 128 --epochs 4
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var threads: ThreadOptions

  @Argument(help: "popularity, sims, hrnn or all.")
  var recipe: String

  @Option(help: "Where all randomness comes from: the same seed and data give the same bytes.")
  var seed: UInt64 = 1

  @Option(
    help: "Train on what was known at the end of this month, YYYY-MM.",
    transform: MonthArgument.parse)
  var until: Month?

  @Argument(parsing: .allUnrecognized, help: "Settings of the recipe.")
  var settings: [String] = []

  func run() async throws {
    try await CommandFailure.report {
      let kinds = try TrainingSettings.kinds(recipe)
      let values = try TrainingSettings.parse(settings, kinds: kinds)
      let opened = try DatasetFile.open(shared.datasetFolder)
      let dataset = until.map { opened.dataset.truncated(through: $0) } ?? opened.dataset
      var reports: [[String: Any]] = []
      for kind in kinds {
        reports.append(
          try train(kind, on: dataset, checksum: opened.checksum, values: values))
      }
      if shared.json, let last = reports.last {
        try CommandOutput.json(reports.count == 1 ? last : merged(reports, last))
      }
    }
  }

  private func train(
    _ kind: RecommenderKind, on dataset: Dataset, checksum: String,
    values: [String: ConfigurationValue]
  ) throws -> [String: Any] {
    let line = ProgressLine()
    defer { line.clear() }
    let trainer = ModelTrainer(
      threadCount: threads.count, now: SystemClock.elapsed,
      progress: { line.show(share: $0.share, $0.text) })
    let outcome = try trainer.train(kind, on: dataset, settings: values, seed: seed)
    line.clear()
    let manifest = ModelStore.manifest(
      of: outcome, kind: kind, seed: seed, dataset: dataset, datasetChecksum: checksum)
    let stored = try shared.models.add(outcome.recommender, manifest: manifest)
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
  var share: Double { stepCount > 0 ? Double(step) / Double(stepCount) : 0 }

  /// What a person wants to know while waiting.
  var text: String {
    typealias Out = CommandOutput
    var text =
      "epoch \(epoch)/\(epochCount) loss \(Out.fixed(loss, 4)) "
      + "\(Out.grouped(Int(customerMonthsPerSecond))) customer-months/s "
      + "\(Int(secondsLeft.rounded(.up))) s left"
    if let quality = validationMAP { text += " MAP@7 \(Out.fixed(quality, 5))" }
    return text
  }
}
