public import InteractionData
public import TensorFiles

/// The hierarchical recurrent network (Quadrana et al. 2017, doi:10.1145/3109859.3109896).
///
/// A session-level gated recurrent layer reads the events of a session, a user-level one reads the
/// sessions, and a session starts from `tanh(user · W + b)`. On a panel a session is a month and
/// the answer is, for each item, the probability that a customer without it takes it next month.
/// Without a panel a pause ends a session, and the answer is the probability of each item coming
/// next.
public struct HRNNRecommender: Recommender {
  /// The recipe.
  public static var kind: RecommenderKind { .hrnn }
  /// The settings it was trained with.
  public let settings: HRNNConfiguration
  let form: Form

  enum Form {
    case panel(PanelModel)
    case sequence(SequenceModel)
    /// Networks of one of the other forms, whose scores are averaged.
    case ensemble([HRNNRecommender])
  }

  /// The key of the file's metadata that holds the number of networks, where there are several.
  private static let networksKey = "networks"

  /// The settings as the manifest shows them.
  public var configuration: [String: ConfigurationValue] { settings.values }
  /// The number of trained numbers.
  public var parameterCount: Int {
    switch form {
    case .panel(let model): model.network.layout.parameterCount
    case .sequence(let model): model.network.layout.parameterCount
    case .ensemble(let networks): networks.reduce(0) { $0 + $1.parameterCount }
    }
  }
  /// The number of items the model ranks.
  public var itemCount: Int {
    switch form {
    case .panel(let model): model.network.dimensions.items
    case .sequence(let model): model.network.dimensions.items
    case .ensemble(let networks): networks[0].itemCount
    }
  }

  /// Probabilities on a panel, shares of one next event without one.
  public var scoreScale: ScoreScale {
    switch form {
    case .panel: .probability
    case .sequence: .share
    case .ensemble(let networks): networks[0].scoreScale
    }
  }

  /// Reads a model from its tensors.
  ///
  /// - Parameters:
  ///   - file: the tensors.
  ///   - configuration: the settings from the manifest.
  /// - Throws: ``ModelError`` when a tensor or a setting is missing or does not fit.
  public init(
    file: SafetensorsFile, configuration: [String: ConfigurationValue]
  ) throws(ModelError) {
    settings = try HRNNConfiguration(values: configuration)
    if let text = file.metadata[Self.networksKey] {
      form = .ensemble(try Self.networks(file, count: text, configuration))
      return
    }
    let description = try HRNNDescription(file)
    switch description.form {
    case .panel:
      form = .panel(try PanelModel(file: file, description: description, settings: settings))
    case .sequence:
      form = .sequence(
        try SequenceModel(file: file, description: description, settings: settings))
    }
  }

  init(model: PanelModel, settings: HRNNConfiguration) {
    form = .panel(model)
    self.settings = settings
  }

  init(model: SequenceModel, settings: HRNNConfiguration) {
    form = .sequence(model)
    self.settings = settings
  }

  init(networks: [HRNNRecommender], settings: HRNNConfiguration) {
    precondition(!networks.isEmpty, "no networks to average")
    form = .ensemble(networks)
    self.settings = settings
  }

  private static func networks(
    _ file: SafetensorsFile, count text: String, _ configuration: [String: ConfigurationValue]
  ) throws(ModelError) -> [HRNNRecommender] {
    guard let count = Int(text), (1...HRNNConfiguration.seedLimit).contains(count) else {
      throw .unreadableManifest(path: networksKey, reason: "the model file's entry is damaged")
    }
    var networks: [HRNNRecommender] = []
    for network in 0..<count {
      networks.append(
        try HRNNRecommender(
          file: file.scoped(to: prefix(of: network)), configuration: configuration))
    }
    guard networks.allSatisfy({ $0.itemCount == networks[0].itemCount }) else {
      throw .unreadableManifest(path: networksKey, reason: "the networks are of several catalogues")
    }
    return networks
  }

  private static func prefix(of network: Int) -> String { "network.\(network)." }

  /// Adds the model's tensors to a file.
  public func write(into writer: inout SafetensorsWriter) {
    if case .ensemble(let networks) = form {
      writer.metadata[Self.networksKey] = "\(networks.count)"
      for (number, network) in networks.enumerated() {
        var part = SafetensorsWriter()
        network.write(into: &part)
        writer.add(contentsOf: part, prefix: Self.prefix(of: number))
      }
      return
    }
    let description: HRNNDescription
    switch form {
    case .panel(let model):
      description = HRNNDescription(form: .panel, items: itemCount, attributes: model.encoding)
      model.network.parameters.write(model.network.layout.slots, into: &writer)
    case .sequence(let model):
      description = HRNNDescription(
        form: .sequence, items: itemCount, attributes: model.encoding)
      model.write(into: &writer)
    case .ensemble: return
    }
    writer.metadata[HRNNDescription.metadataKey] = description.json
  }

  /// Makes what scores this dataset's customers for a month.
  ///
  /// On a panel, scores are probabilities, attributes are matched by name, and months from the
  /// target on are not looked at. Without one, scores are probabilities of the event after the
  /// history's last, whatever the month; they sum to 1.
  public func scorer(for dataset: Dataset, targetMonth: Month) -> any Scorer {
    switch form {
    case .panel(let model):
      PanelScorer(model, settings: settings, dataset: dataset, targetMonth: targetMonth)
    case .sequence(let model): SequenceScorer(model, dataset: dataset)
    case .ensemble(let networks):
      EnsembleScorer(networks.map { $0.scorer(for: dataset, targetMonth: targetMonth) })
    }
  }

  /// Makes what takes customers' states on by one event at a time.
  ///
  /// - Parameter dataset: whose catalogue, event types and attributes the events refer to.
  /// - Returns: the tracker; nil for a model of a panel.
  public func eventTracker(for dataset: Dataset) -> EventTracker? {
    let models = sequenceModels
    return models.isEmpty ? nil : EventTracker(models, dataset: dataset)
  }

  private var sequenceModels: [SequenceModel] {
    switch form {
    case .panel: []
    case .sequence(let model): [model]
    case .ensemble(let networks): networks.flatMap(\.sequenceModels)
    }
  }

  /// Makes what keeps up with customers of a panel one by one.
  ///
  /// - Parameters:
  ///   - dataset: whose months and attributes the histories refer to.
  ///   - targetMonth: the month to predict.
  /// - Returns: the tracker; nil for a model without a panel.
  public func panelTracker(for dataset: Dataset, targetMonth: Month) -> PanelTracker? {
    let networks = panelScorers(for: dataset, targetMonth: targetMonth)
    return networks.isEmpty ? nil : PanelTracker(networks)
  }

  private func panelScorers(for dataset: Dataset, targetMonth: Month) -> [PanelScorer] {
    switch form {
    case .panel(let model):
      [PanelScorer(model, settings: settings, dataset: dataset, targetMonth: targetMonth)]
    case .sequence: []
    case .ensemble(let networks):
      networks.flatMap { $0.panelScorers(for: dataset, targetMonth: targetMonth) }
    }
  }

  /// Trains a model. Equal seed, data and settings give equal bytes at any thread count, whether
  /// the training was interrupted or not.
  ///
  /// - Parameters:
  ///   - dataset: the customers.
  ///   - configuration: the settings.
  ///   - seed: where all randomness comes from.
  ///   - threadCount: the most threads to use.
  ///   - now: a monotonic clock's reading, for speeds, the time left, and when to write checkpoints.
  ///   - progress: called after each step of the optimiser, on the caller's thread.
  ///   - isCancelled: asked before each step; training ends with an error when it says so.
  ///   - checkpoint: where to keep what was reached; nowhere when nil.
  /// - Returns: the model, its validation, the speed.
  /// - Throws: ``ModelError/invalidSetting(name:value:expected:)``,
  ///   ``ModelError/unsuitableDataset(kind:reason:)``, ``ModelError/diverged(epoch:step:)``,
  ///   ``ModelError/cancelled(epoch:step:)``,
  ///   ``ModelError/interrupted(epoch:step:checkpoint:)``, and those of a checkpoint that cannot be
  ///   read or written.
  public static func train(
    on dataset: Dataset, configuration: HRNNConfiguration = HRNNConfiguration(), seed: UInt64,
    threadCount: Int, now: @escaping () -> Duration,
    progress: @escaping (TrainingProgress) -> Void = { _ in },
    isCancelled: @escaping () -> Bool = { false }, checkpoint: CheckpointPlan? = nil
  ) throws(ModelError) -> HRNNTrainingResult {
    try configuration.validate()
    var keeper: CheckpointKeeper?
    if let checkpoint {
      keeper = try CheckpointKeeper(
        checkpoint, configuration: configuration, seed: seed, now: now)
    }
    let training = NetworkTraining(
      dataset: dataset, settings: configuration, seed: seed, threadCount: threadCount)
    let (model, outcome) = try training.run(
      TrainingMonitor(now: now, progress: progress, isCancelled: isCancelled, keeper: keeper))
    return HRNNTrainingResult(
      model: model, epochs: outcome.epochs, seconds: outcome.seconds,
      customerMonthsPerSecond: outcome.samplesPerSecond, loss: outcome.loss,
      validation: outcome.validation)
  }
}
