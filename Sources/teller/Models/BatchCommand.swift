internal import ArgumentParser
internal import InteractionData
internal import RecommenderModels

/// `teller batch`
struct BatchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "batch",
    abstract: "Write every customer's best items for the month after the last.",
    discussion: """
      Formats: kaggle (ncodpers,added_products; items in rank order, separated by spaces), \
      csv (a line per customer and item with rank and score), jsonl (an object per customer).

      Example:
        teller batch --model hrnn --k 7 --out submission.csv
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var threads: ThreadOptions

  @Option(help: "A recipe or version; the best recipe that was trained, when not given.")
  var model: String?

  @Option(help: "The most items a customer gets.")
  var k = 7

  @Option(help: "The file to write.")
  var out: String

  @Option(help: "kaggle, csv or jsonl.")
  var format = BatchFormat.kaggle

  func validate() throws {
    guard (1...BatchFormat.kLimit).contains(k) else {
      throw ValidationError("--k is \(k), it must be from 1 to \(BatchFormat.kLimit)")
    }
  }

  func run() async throws {
    try await CommandFailure.report {
      let start = SystemClock.elapsed()
      let dataset = try DatasetFile.open(shared.datasetFolder).dataset
      guard let lastMonth = dataset.lastMonth else {
        throw ModelError.unsuitableDataset(kind: .hrnn, reason: "the dataset is empty")
      }
      let version = try shared.models.resolveBest(model)
      let stored = try shared.models.open(version, for: dataset)
      let target = lastMonth.advanced(by: 1)
      let scorer = stored.recommender.scorer(for: dataset, targetMonth: target)
      let writer = BatchWriter(path: out, format: format, dataset: dataset, k: k)
      let line = ProgressLine()
      defer { line.clear() }
      try writer.write(
        ranking: CustomerRanking(dataset: dataset, scorer: scorer), threadCount: threads.count,
        progress: { line.show(share: $0, "of the customers") })
      line.clear()
      let seconds = (SystemClock.elapsed() - start).seconds
      CommandOutput.line(
        "\(out): \(CommandOutput.grouped(dataset.customers.count)) customers for \(target) "
          + "by \(version) in \(CommandOutput.fixed(seconds, 1)) s")
      if shared.json {
        try CommandOutput.json([
          "customers": dataset.customers.count, "seconds": seconds,
          "model": stored.manifest.kind.rawValue, "version": version,
        ])
      }
    }
  }
}

extension ModelStore {
  /// The version of a name, or the newest of the best recipe that was trained.
  func resolveBest(_ name: String?) throws(ModelError) -> String {
    try resolveBest(name, among: versions)
  }

  /// The same with no other versions than these; a version that is named counts all the same.
  func resolveBest(_ name: String?, among versions: [String]) throws(ModelError) -> String {
    if let name {
      if let kind = RecommenderKind(rawValue: name), let version = latest(kind, among: versions) {
        return version
      }
      return try resolve(name)
    }
    for kind in [RecommenderKind.hrnn, .sims, .popularity] {
      if let version = latest(kind, among: versions) { return version }
    }
    throw .noSuchModel(name: "any", available: versions)
  }
}
