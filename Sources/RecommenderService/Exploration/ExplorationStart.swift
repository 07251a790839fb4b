internal import EventLog
internal import Exploration
internal import InteractionData
internal import RecommenderModels
internal import TensorFiles

/// What exploration starts from: the customers' attributes, the cold products, and what the model
/// says of the others.
struct ExplorationStart: Sendable {
  /// Makes the priors of products that are put.
  let priors: ColdPriors
  private let contexts: CustomerContexts
  private let configuration: ExplorationConfiguration
  private let datasetCount: Int
  private let tag: UInt32
  private let policy: SlatePolicy

  /// Prepares exploration over a set of models; nil when their scores only order products: log-odds
  /// cannot be made of them.
  ///
  /// - Throws: ``ServiceError/exploration(_:)`` for a setting outside its range.
  init?(
    _ models: ServingModels, table: ScoreTable, configuration: ExplorationConfiguration
  ) throws(ServiceError) {
    guard models.primary.recommender.scoreScale != .ordinal else { return nil }
    let dataset = models.dataset
    let contexts = CustomerContexts(dataset)
    let coldItems = ColdItems.indexes(
      of: dataset, itemAgeCutOffMilliseconds: configuration.itemAgeCutOffMilliseconds)
    let priors = ColdPriors(
      dataset, table: table, contexts: contexts, coldItems: coldItems,
      defaults: configuration.settings.prior)
    var policy: SlatePolicy
    do throws(ExplorationError) {
      try configuration.validate()
      policy = try SlatePolicy(
        schema: contexts.schema, settings: configuration.settings, seed: configuration.seed)
    } catch {
      throw .exploration(error)
    }
    priors.show(to: &policy)
    Self.introduce(coldItems, of: models, priors, to: &policy)
    self.policy = policy
    self.priors = priors
    self.contexts = contexts
    self.configuration = configuration
    datasetCount = dataset.items.count
    tag = Self.tag(dataset, contexts.schema)
  }

  private static func introduce(
    _ items: [Int], of models: ServingModels, _ priors: ColdPriors, to policy: inout SlatePolicy
  ) {
    if items.isEmpty { return }
    let dataset = models.dataset
    // Of the dataset's own metadata alone: what is put later must not change where learning began.
    let similar = MetadataSimilarItems(
      dataset.items,
      itemCounts: models.similarityRecommender?.itemCounts.array
        ?? [UInt32](repeating: 0, count: dataset.items.count),
      neighbourLimit: ColdItems.datasetItemLimit)
    let created = dataset.items.creationTimes
    for item in items {
      let list = similar?.list(of: item) ?? .empty(of: item)
      let isKnown = !created.isEmpty && created[item] != .min
      policy.introduce(
        item, prior: priors.prior(like: list),
        createdMilliseconds: ClockRange.clamped(
          seconds: isKnown ? created[item] : dataset.knownThrough))
    }
  }

  /// The learning side, the products that were put before among its own.
  func makeLive(
    _ catalogue: CatalogueSnapshot, indexOfItem: @escaping @Sendable (String) -> Int?
  ) -> LiveExploration {
    let live = LiveExploration(
      policy: policy, tag: tag, itemCount: datasetCount,
      responseWindowMilliseconds: configuration.responseWindowMilliseconds,
      indexOfItem: indexOfItem)
    live.introduce(Self.introductions(catalogue, from: 0))
    return live
  }

  /// The deciding side; the clock is in milliseconds since 1970.
  func makeExplorer(
    _ policy: SlatePolicy, nowMilliseconds: @escaping @Sendable () -> Int64
  ) -> Explorer {
    Explorer(
      policy: policy,
      weights: ExplorationWeights(
        server: configuration.weight, experiment: configuration.experiment,
        nowMilliseconds: nowMilliseconds),
      contexts: contexts, datasetCount: datasetCount, tag: tag)
  }

  /// The products of a catalogue that were put, from a place on.
  static func introductions(
    _ catalogue: CatalogueSnapshot, from place: Int
  ) -> [LiveExploration.Introduction] {
    catalogue.added.indices.dropFirst(place).map { place in
      let item = catalogue.added[place]
      return LiveExploration.Introduction(
        item: catalogue.datasetCount + place, prior: AppealPrior(values: item.prior),
        createdMilliseconds: item.createdMilliseconds)
    }
  }

  /// Tells catalogues and sets of attributes apart, for the slates in the log name items by index
  /// (FNV-1a).
  private static func tag(_ dataset: Dataset, _ schema: ContextSchema) -> UInt32 {
    var hash: UInt32 = 2_166_136_261
    func add(_ byte: UInt8) { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    for byte in dataset.items.identifiers.bytes.buffer { add(byte) }
    for offset in dataset.items.identifiers.offsets.buffer { add(UInt8(offset & 255)) }
    for count in schema.valueCounts { add(UInt8(count)) }
    return hash
  }
}
