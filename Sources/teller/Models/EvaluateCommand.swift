public import ArgumentParser
internal import InteractionData
public import OfflineEvaluation
internal import RecommenderModels

/// `teller evaluate`
struct EvaluateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure models on history held out from them.",
    discussion: """
      next-month holds out the last month; leave-last-out each customer's newest interaction. A \
      model that has already seen what is held out is not measured itself: a twin is trained with \
      its settings and seed on the rest, and kept beside it for the next time.

      Popularity is always measured beside the models.

      Example:
        teller evaluate --model hrnn --json
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var threads: ThreadOptions

  @Option(help: "A recipe or version; all recipes that were trained, when not given.")
  var model: String?

  @Option(name: .customLong("protocol"), help: "next-month or leave-last-out.")
  var protocolName = EvaluationProtocol.nextMonth

  @Option(help: "The places MAP and coverage look at.")
  var k = 7

  func run() async throws {
    try await CommandFailure.report {
      let opened = try DatasetFile.open(shared.datasetFolder)
      let split =
        switch protocolName {
        case .nextMonth: try EvaluationSplit.nextMonth(of: opened.dataset)
        case .leaveLastOut: try EvaluationSplit.leaveLastOut(of: opened.dataset)
        }
      let evaluator = try Evaluator(split: split, k: k, threadCount: threads.count)
      var results: [(version: String, kind: RecommenderKind, figures: EvaluationFigures)] = []
      for version in try versions() {
        let stored = try shared.models.open(version, for: opened.dataset)
        let measured = try measurable(stored, split: split, checksum: opened.checksum)
        results.append(
          (version, stored.manifest.kind, evaluator.figures(of: measured.recommender)))
      }
      if !results.contains(where: { $0.kind == .popularity }) {
        let baseline = try PopularityRecommender(trainedOn: split.training)
        results.insert(("popularity", .popularity, evaluator.figures(of: baseline)), at: 0)
      }
      printTable(results.map { ($0.version, $0.figures) }, split: split)
      if shared.json { try printJSON(results.map { ($0.kind, $0.figures) }, split: split) }
    }
  }

  /// The newest version of every recipe, or the one asked for.
  private func versions() throws -> [String] {
    if let model { return [try shared.models.resolve(model)] }
    let versions = RecommenderKind.allCases.compactMap { shared.models.latest($0) }
    if versions.isEmpty { throw ModelError.noSuchModel(name: "any", available: []) }
    return versions
  }

  /// The model itself when it has not seen what is held out, else its twin.
  private func measurable(
    _ stored: StoredModel, split: EvaluationSplit, checksum: String
  ) throws -> StoredModel {
    if let cut = split.trainedThrough, let seen = Month(stored.manifest.trainedThrough),
      seen <= cut
    {
      return stored
    }
    let splitName = name(of: split)
    let line = ProgressLine()
    defer { line.clear() }
    let trainer = ModelTrainer(
      threadCount: threads.count, now: SystemClock.elapsed,
      progress: { line.show(share: $0.share, "\(stored.version) without \(splitName): \($0.text)") }
    )
    let (twin, trained) = try shared.models.twin(
      of: stored, name: splitName, training: split.training, datasetChecksum: checksum,
      trainer: trainer)
    line.clear()
    if trained {
      CommandOutput.note(
        "\(stored.version) has seen what is held out; its twin was trained without it")
    }
    return twin
  }

  /// The name of what is held out.
  private func name(of split: EvaluationSplit) -> String {
    protocolName == .nextMonth
      ? "\(protocolName.rawValue)-\(split.targetMonth)" : protocolName.rawValue
  }

  private func printTable(
    _ results: [(String, EvaluationFigures)], split: EvaluationSplit
  ) {
    typealias Out = CommandOutput
    Out.line(
      "\(protocolName.rawValue), \(split.targetMonth): \(Out.grouped(split.customers.count)) "
        + "customers, \(Out.grouped(split.adderCount)) of them with something to find")
    var table = Table(header: [
      "model", "MAP@\(k)", "adders MAP@\(k)", "recall@1", "recall@5", "recall@10", "NDCG@10",
      "MRR@25", "coverage",
    ])
    for (version, figures) in results {
      table.add([
        version, Out.fixed(figures.meanAveragePrecision, 5),
        Out.fixed(figures.addersMeanAveragePrecision, 4), Out.fixed(figures.recallAt1, 4),
        Out.fixed(figures.recallAt5, 4), Out.fixed(figures.recallAt10, 4),
        Out.fixed(figures.ndcgAt10, 4), Out.fixed(figures.mrrAt25, 4),
        Out.fixed(figures.coverage, 3),
      ])
    }
    for line in table.lines { Out.line(line) }
  }

  private func printJSON(
    _ results: [(RecommenderKind, EvaluationFigures)], split: EvaluationSplit
  ) throws {
    var models: [String: Any] = [:]
    for (kind, figures) in results { models[kind.rawValue] = figures.json(k: k) }
    try CommandOutput.json([
      "protocol": protocolName.rawValue, "customers": split.customers.count,
      "adders": split.adderCount, "target_month": split.targetMonth.description,
      "models": models,
    ])
  }
}

extension EvaluationProtocol: ExpressibleByArgument {}

extension EvaluationFigures {
  /// The figures under the names scripts know.
  func json(k: Int) -> [String: Any] {
    [
      "map_at_\(k)": meanAveragePrecision, "adders_map_at_\(k)": addersMeanAveragePrecision,
      "recall_at_1": recallAt1, "recall_at_5": recallAt5, "recall_at_10": recallAt10,
      "ndcg_at_10": ndcgAt10, "precision_at_5": precisionAt5, "mrr_at_25": mrrAt25,
      "coverage": coverage,
    ]
  }
}
