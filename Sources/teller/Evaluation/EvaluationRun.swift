internal import InteractionData
internal import OfflineEvaluation
internal import RecommenderModels

/// One `teller evaluate`: splits, twins, measurements.
final class EvaluationRun {
  private let command: EvaluateCommand
  private let opened: DatasetFile.Opened
  private let splits: [EvaluationSplit]
  private let cutoffs: [Int]
  private var dumps: [RankingDump] = []

  private var k: Int { command.k ?? 7 }
  private var threadCount: Int { command.threads.count }

  init(command: EvaluateCommand, opened: DatasetFile.Opened) throws {
    self.command = command
    self.opened = opened
    if let k = command.k {
      let limit = min(opened.dataset.items.count, Evaluator.kLimit)
      guard (1...max(limit, 1)).contains(k) else {
        throw EvaluationError.invalidK(value: k, limit: limit)
      }
    }
    let allowed = BootstrapIntervals.replicateRange
    guard command.bootstrap == 0 || allowed.contains(command.bootstrap) else {
      throw EvaluationError.invalidOption(
        name: "bootstrap", value: "\(command.bootstrap)",
        expected: "0, or from \(allowed.lowerBound) to \(allowed.upperBound)")
    }
    cutoffs = try (command.cutoffs ?? "").split(separator: ",").map { word in
      guard let value = Int(word) else {
        throw EvaluationError.invalidOption(
          name: "cutoffs", value: command.cutoffs ?? "", expected: "whole numbers such as 3,50")
      }
      return value
    }
    splits = try Self.splits(command, opened.dataset)
  }

  private static func splits(
    _ command: EvaluateCommand, _ dataset: Dataset
  ) throws -> [EvaluationSplit] {
    func testFile() throws -> String {
      guard let test = command.test else {
        throw EvaluationError.invalidOption(
          name: "test", value: "not given", expected: "a file for \(command.protocolName.rawValue)")
      }
      return test
    }
    guard (1...HoldingsPanel.monthLimit).contains(command.months) else {
      throw EvaluationError.invalidOption(
        name: "months", value: "\(command.months)",
        expected: "from 1 to \(HoldingsPanel.monthLimit)")
    }
    switch command.protocolName {
    case .nextMonth:
      return try (0..<command.months).map { try .nextMonth(of: dataset, monthsBack: $0) }
    case .leaveLastOut:
      return [try .leaveLastOut(of: dataset, negativesFile: command.negatives)]
    case .givenTest: return [try .givenTest(of: dataset, path: testFile())]
    case .sessionPrefix: return [try .sessionPrefix(of: dataset, path: testFile())]
    case .randomHoldout:
      return [
        try .randomHoldout(of: dataset, share: command.holdoutShare, seed: command.seed)
      ]
    case .personalize: return [try .personalize(of: dataset, seed: command.seed)]
    }
  }

  /// Measures all models and yardsticks on all splits.
  func report() throws -> EvaluationReport {
    let stored = try versions().map {
      try command.shared.models.open($0, for: opened.dataset)
    }
    var names: [String] = []
    var results: [EvaluationResult] = []
    var monthly: [(month: Month, figures: [EvaluationFigures])] = []
    var groups: CustomerGroups?
    for split in splits {
      groups = try command.slice.map { try CustomerGroups(attribute: $0, of: split) }
      let evaluator = try Evaluator(
        split: split, k: k, cutoffs: cutoffs, groups: groups, threadCount: threadCount)
      let measured = try measure(stored, on: split, with: evaluator)
      names = measured.map(\.name)
      if results.isEmpty {
        results = measured.map(\.result)
      } else {
        for index in results.indices { results[index].append(measured[index].result) }
      }
      if splits.count > 1 { monthly.append((split.targetMonth, measured.map(\.result.figures))) }
    }
    let intervals =
      try command.bootstrap == 0
      ? nil
      : BootstrapIntervals(
        results: results, replicateCount: command.bootstrap, seed: command.seed,
        threadCount: threadCount)
    return EvaluationReport(
      protocolName: command.protocolName, k: k, months: splits.map(\.targetMonth),
      models: zip(names, results).map { .init(name: $0, result: $1, figures: $1.figures) },
      monthly: monthly, intervals: intervals, against: try against(names, stored), groups: groups,
      itemIdentifiers: opened.dataset.items.identifiers.all)
  }

  private func against(_ names: [String], _ stored: [StoredModel]) throws -> Int? {
    if let index = names.firstIndex(of: command.against) { return index }
    if let model = stored.firstIndex(where: { $0.version == command.against }) {
      return names.firstIndex(of: name(of: stored[model], among: stored))
    }
    throw EvaluationError.invalidOption(
      name: "against", value: command.against, expected: "one of \(names.joined(separator: ", "))")
  }

  private func measure(
    _ stored: [StoredModel], on split: EvaluationSplit, with evaluator: Evaluator
  ) throws -> [(name: String, result: EvaluationResult)] {
    var measured: [(name: String, result: EvaluationResult)] = []
    // Counts of a panel are rates; without months to compare, popularity is only an order.
    let hasRates = (split.visible.panel?.monthCount ?? 0) > 1
    func add(_ name: String, _ scorer: any Scorer, isProbability: Bool) {
      let dump = command.dump.map { _ in RankingDump(name: name, split: split, length: max(k, 25)) }
      let result = evaluator.result(of: scorer, isProbability: isProbability, keep: dump?.keep)
      if let dump { dumps.append(dump) }
      measured.append((name, result))
    }
    func add(_ name: String, _ recommender: any Recommender, kind: RecommenderKind) {
      add(
        name, recommender.scorer(for: split.visible, targetMonth: split.targetMonth),
        isProbability: hasRates && kind != .sims)
    }
    for model in stored {
      let measurable = try measurable(model, split: split)
      add(name(of: model, among: stored), measurable.recommender, kind: model.manifest.kind)
    }
    if !measured.contains(where: { $0.name == "popularity" }) {
      add("popularity", try PopularityRecommender(trainedOn: split.training), kind: .popularity)
    }
    for yardstick in command.yardsticks ? Yardstick.allCases : Yardstick.baselines {
      if yardstick.needsPanel && split.training.panel == nil {
        CommandOutput.note(
          "\(EvaluationError.needsPanel(yardstick: yardstick.rawValue)); it is left out")
        continue
      }
      let scorer = try yardstick.scorer(for: split, seed: command.seed, threadCount: threadCount)
      add(yardstick.rawValue, scorer, isProbability: false)
    }
    return measured
  }

  private func name(of model: StoredModel, among stored: [StoredModel]) -> String {
    stored.count { $0.manifest.kind == model.manifest.kind } == 1
      ? model.manifest.kind.rawValue : model.version
  }

  /// The newest version of every recipe, or those asked for.
  private func versions() throws -> [String] {
    let store = command.shared.models
    if !command.model.isEmpty { return try command.model.map { try store.resolve($0) } }
    let versions = RecommenderKind.allCases.compactMap { store.latest($0) }
    if versions.isEmpty { throw ModelError.noSuchModel(name: "any", available: []) }
    return versions
  }

  /// The model itself when it has not seen what is held out, else its twin.
  private func measurable(_ stored: StoredModel, split: EvaluationSplit) throws -> StoredModel {
    switch split.eligibility {
    case .trainedThrough(let cut):
      if let seen = Month(stored.manifest.trainedThrough), seen <= cut { return stored }
    case .wholeDataset:
      if stored.manifest.datasetChecksum == opened.checksum { return stored }
    case .twinsOnly: break
    }
    let line = ProgressLine()
    defer { line.clear() }
    let trainer = ModelTrainer(
      threadCount: threadCount, now: SystemClock.elapsed,
      progress: {
        line.show(share: $0.share, "\(stored.version) without \(split.name): \($0.text)")
      })
    let (twin, trained) = try command.shared.models.twin(
      of: stored, name: split.name, training: split.training, datasetChecksum: opened.checksum,
      trainer: trainer)
    line.clear()
    if trained {
      CommandOutput.note(
        "\(stored.version) has seen what is held out; its twin was trained without it "
          + "(\(split.name))")
    }
    return twin
  }

  /// Writes every customer's rankings.
  func writeDump(to path: String) throws { try RankingDump.write(dumps, to: path) }
}
