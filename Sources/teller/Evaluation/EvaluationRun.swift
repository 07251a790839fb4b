internal import InteractionData
internal import OfflineEvaluation
internal import RecommenderModels

/// One `teller evaluate`: splits, twins, measurements.
final class EvaluationRun {
  private let command: EvaluateCommand
  private let dataset: Dataset
  private let models: EvaluatedModels
  private let cutoffs: [Int]
  private let dump: RankingDumpFile?

  private var k: Int { command.k ?? 7 }
  private var threadCount: Int { command.threads.count }
  /// The longest list that a metric looks at.
  private var dumpLength: Int { ([k, 25] + cutoffs).max() ?? k }

  init(command: EvaluateCommand, opened: DatasetFile.Opened) throws {
    try command.check(itemCount: opened.dataset.items.count)
    self.command = command
    dataset = opened.dataset
    cutoffs = try command.cutoffList
    models = try EvaluatedModels(command: command, opened: opened)
    dump = try command.dump.map { try RankingDumpFile(path: $0) }
  }

  /// The splits, made one at a time: each holds a copy of the history before it.
  private var splits: [() throws -> EvaluationSplit] {
    let (command, dataset) = (command, dataset)
    let test = command.test ?? ""
    return switch command.protocolName {
    case .nextMonth:
      (0..<command.months).map { back in { try .nextMonth(of: dataset, monthsBack: back) } }
    case .leaveLastOut:
      [{ try .leaveLastOut(of: dataset, negativesFile: command.negatives) }]
    case .givenTest: [{ try .givenTest(of: dataset, path: test) }]
    case .sessionPrefix: [{ try .sessionPrefix(of: dataset, path: test) }]
    case .randomHoldout:
      [
        {
          let share = command.holdoutShare ?? 0.2
          return try .randomHoldout(of: dataset, share: share, seed: command.seed)
        }
      ]
    case .personalize: [{ try .personalize(of: dataset, seed: command.seed) }]
    // Nothing is held out: see HazardReport.
    case .knownHazards: []
    }
  }

  /// Measures all models and yardsticks on all splits, and writes the rankings if asked to.
  func report() throws -> EvaluationReport {
    let splits = self.splits
    // The oldest month is the one that may not be there: said before any model is trained.
    if let oldest = splits.last, splits.count > 1 { _ = try oldest() }
    var results: [EvaluationResult] = []
    var monthly: [(month: Month, figures: [EvaluationFigures])] = []
    var months: [Month] = []
    var exclusions: [[Exclusion]] = []
    var groups: CustomerGroups?
    var names: [String] = []
    for makeSplit in splits {
      let split = try makeSplit()
      if names.isEmpty {
        names = models.names(on: split)
        try models.checkReference(among: names)
      }
      groups = try command.slice.map { try CustomerGroups(attribute: $0, of: split) }
      let measured = try measure(split, groups)
      if results.isEmpty {
        results = measured
      } else {
        for index in results.indices { results[index].append(measured[index]) }
      }
      months.append(split.targetMonth)
      exclusions.append(split.exclusions)
      if splits.count > 1 { monthly.append((split.targetMonth, measured.map(\.figures))) }
    }
    try dump?.finish()
    let intervals =
      try command.bootstrap == 0
      ? nil
      : BootstrapIntervals(
        results: results, replicateCount: command.bootstrap, seed: command.seed,
        threadCount: threadCount)
    return EvaluationReport(
      protocolName: command.protocolName, k: k, months: months,
      exclusions: Exclusion.sum(exclusions),
      models: zip(names, results).map { name, result in
        .init(
          name: name, result: result, figures: result.figures,
          groupFigures: groups == nil ? [] : result.groupFigures)
      },
      monthly: monthly, intervals: intervals, against: models.reference(among: names),
      groups: groups, itemIdentifiers: dataset.items.identifiers.all)
  }

  private func measure(
    _ split: EvaluationSplit, _ groups: CustomerGroups?
  ) throws -> [EvaluationResult] {
    let evaluator = try Evaluator(
      split: split, k: k, cutoffs: cutoffs, groups: groups, threadCount: threadCount)
    return try models.map(on: split) { name, scorer, isProbability in
      let rankings = dump.map { _ in RankingDump(name: name, split: split, length: dumpLength) }
      let result = evaluator.result(
        of: scorer, isProbability: isProbability, keep: rankings?.keep)
      if let rankings { try dump?.append(rankings) }
      return result
    }
  }
}
