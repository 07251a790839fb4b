internal import InteractionData
internal import OfflineEvaluation
internal import RecommenderModels

/// The models of one evaluation: those asked for or their twins, popularity, and yardsticks.
struct EvaluatedModels {
  private let command: EvaluateCommand
  private let opened: DatasetFile.Opened
  private let stored: [StoredModel]
  private let foreign: [ForeignScores]

  /// Opens the newest version of every recipe, or those asked for, each once.
  init(command: EvaluateCommand, opened: DatasetFile.Opened) throws {
    self.command = command
    self.opened = opened
    let store = command.shared.models
    var versions =
      command.model.isEmpty
      ? RecommenderKind.allCases.compactMap { store.latest($0) }
      : try command.model.map { try store.resolve($0) }
    if versions.isEmpty { throw ModelError.noSuchModel(name: "any", available: []) }
    var known: Set<String> = []
    versions.removeAll { !known.insert($0).inserted }
    stored = try versions.map { try store.open($0, for: opened.dataset) }
    foreign = try command.scores.map { try ForeignScores($0, dataset: opened.dataset) }
    let names = (stored.map { name(of: $0) } + foreign.map(\.name)).sorted()
    if let (name, _) = zip(names, names.dropFirst()).first(where: ==) {
      throw EvaluationError.invalidOption(
        name: "scores", value: name, expected: "named unlike every other model")
    }
  }

  private func name(of model: StoredModel) -> String {
    stored.count { $0.manifest.kind == model.manifest.kind } == 1
      ? model.manifest.kind.rawValue : model.version
  }

  private static let popularity = RecommenderKind.popularity.rawValue

  private func yardsticks(on split: EvaluationSplit) -> [Yardstick] {
    var asked = command.yardsticks ? Yardstick.allCases : Yardstick.baselines
    if command.protocolName == .knownHazards && !command.yardsticks {
      asked += [.lastMonthPopularity, .calendarPopularity]
    }
    return asked.filter { !$0.needsPanel || split.training.panel != nil }
  }

  /// The names of all that is measured on a split, in its order.
  func names(on split: EvaluationSplit) -> [String] {
    let models = stored.map { name(of: $0) }
    return models + (models.contains(Self.popularity) ? [] : [Self.popularity])
      + yardsticks(on: split).map(\.rawValue) + foreign.map(\.name)
  }

  /// The place of the model that others are compared with, given by name or version.
  func reference(among names: [String]) -> Int? {
    let version = stored.first { $0.version == command.against }
    return names.firstIndex(of: version.map { name(of: $0) } ?? command.against)
  }

  /// Sees to it that there is one.
  func checkReference(among names: [String]) throws(EvaluationError) {
    guard reference(among: names) == nil else { return }
    throw .invalidOption(
      name: "against", value: command.against, expected: "one of \(names.joined(separator: ", "))")
  }

  /// Does something with each, in the order of ``names(on:)``; twins are trained where needed.
  ///
  /// - Parameters:
  ///   - split: the split.
  ///   - measure: takes a name, a scorer of the split, and whether scores are probabilities.
  /// - Returns: what `measure` returned, in the order of ``names(on:)``.
  /// - Throws: `ModelError` or `EvaluationError` where a twin cannot be trained, and what `measure`
  ///   throws.
  func map<Result>(
    on split: EvaluationSplit, _ measure: (String, any Scorer, Bool) throws -> Result
  ) throws -> [Result] {
    // Counts of a panel are rates; without months to compare, popularity is only an order.
    let hasRates = (split.visible.panel?.monthCount ?? 0) > 1
    var results: [Result] = []
    func add(_ name: String, _ recommender: any Recommender, _ kind: RecommenderKind) throws {
      let scorer = recommender.scorer(for: split.visible, targetMonth: split.targetMonth)
      results.append(try measure(name, scorer, hasRates && kind != .sims))
    }
    for model in stored {
      try add(name(of: model), measurable(model, split).recommender, model.manifest.kind)
    }
    if !stored.contains(where: { name(of: $0) == Self.popularity }) {
      try add(
        Self.popularity, PopularityRecommender(trainedOn: split.training), .popularity)
    }
    if command.yardsticks && split.training.panel == nil {
      for yardstick in Yardstick.allCases where yardstick.needsPanel {
        let reason = EvaluationError.needsPanel(yardstick: yardstick.rawValue)
        CommandOutput.note("\(reason); it is left out")
      }
    }
    for yardstick in yardsticks(on: split) {
      let scorer = try yardstick.scorer(
        for: split, seed: command.seed, threadCount: command.threads.count)
      results.append(try measure(yardstick.rawValue, scorer, false))
    }
    for scores in foreign {
      results.append(
        try measure(scores.name, scores.scorer, hasRates && scores.areProbabilities))
    }
    return results
  }

  /// The model itself when it has not seen what is held out, else its twin.
  private func measurable(_ stored: StoredModel, _ split: EvaluationSplit) throws -> StoredModel {
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
      threadCount: command.threads.count, now: SystemClock.elapsed,
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
}
