internal import EventLog
internal import Exploration
internal import InteractionData
internal import RecommenderModels
internal import RecommenderRPC
internal import Synchronization

/// One set of models, and all that follows from it: scores, catalogue, and what feedback has changed.
///
/// A running service has one in force and makes another beside it when newer models come. It is used
/// by one thread at a time: by the one that builds it, afterwards, as far as the log is concerned,
/// by the event log's alone.
final class ServingGeneration: @unchecked Sendable {
  /// What is the same for every generation of a service.
  struct Surroundings: Sendable {
    let store: any EventStore
    let items: any ItemStore
    let exploration: ExplorationConfiguration
    let threadCount: Int
    let serverVersion: String
    /// The clock, in milliseconds since 1970.
    let nowMilliseconds: @Sendable () -> Int64
  }

  let models: ServingModels
  let table: ScoreTable
  let liveScorer: LiveScorer
  /// The catalogue, which grows.
  let catalogue: LiveCatalogue
  private(set) var live: LiveModels
  let description: DescribeAnswer
  /// Why lists of similar items do not follow feedback; nil when they do.
  let staticSimilarityReason: String?
  let surroundings: Surroundings
  private let explorationStart: ExplorationStart?
  /// The last event of the log that it knows of.
  private(set) var through: Int64 = 0
  /// The number of events of the log that it knows of.
  private(set) var eventCount = 0
  /// The number of events of the log that it was told of by ``catchUp()``.
  private(set) var replayedCount = 0
  private var touched: Set<LivePersonalization.CustomerKey> = []
  private let popularityPublisher = Mutex<(@Sendable (LivePopularity.Ranking) -> Void)?>(nil)
  private let customerPublisher = Mutex<(@Sendable (LiveUpdates) -> Void)?>(nil)

  /// The most customers who are scored before a server answers; of more, those who are asked for are
  /// scored then, and all of them while nothing is logged.
  static let startScoringLimit = 2_000
  /// The most customers who are scored at a time while nothing is logged.
  static let idleScoringLimit = 64

  /// Prepares everything but what the log tells.
  ///
  /// - Throws: ``ServiceError``.
  init(_ models: ServingModels, _ surroundings: Surroundings) throws(ServiceError) {
    try surroundings.exploration.experiment?.check(models)
    self.models = models
    self.surroundings = surroundings
    description = Self.describe(models, serverVersion: surroundings.serverVersion)
    let scorer = models.primary.recommender.scorer(
      for: models.dataset, targetMonth: models.targetMonth)
    table = ScoreTable(dataset: models.dataset, scorer: scorer)
    liveScorer = LiveScorer(
      recommender: models.primary.recommender, dataset: models.dataset,
      targetMonth: models.targetMonth, table: table)
    let start = try ExplorationStart(
      models, table: table, configuration: surroundings.exploration)
    explorationStart = start
    let catalogue = try LiveCatalogue(
      models: models, store: surroundings.items, priors: start?.priors)
    self.catalogue = catalogue
    (live, staticSimilarityReason) = Self.makeLive(models, liveScorer, catalogue, start)
  }

  /// What follows the log, before the log has told anything.
  private static func makeLive(
    _ models: ServingModels, _ scorer: LiveScorer, _ catalogue: LiveCatalogue,
    _ start: ExplorationStart?
  ) -> (LiveModels, staticSimilarityReason: String?) {
    let indexOfItem: @Sendable (String) -> Int? = { catalogue.index(of: $0) }
    let (similarity, reason) = LiveSimilarity.make(models)
    let live = LiveModels(
      personalization: LivePersonalization(
        dataset: models.dataset, scorer: scorer, indexOfItem: indexOfItem),
      similarity: similarity,
      exploration: start?.makeLive(catalogue.current, indexOfItem: indexOfItem),
      popularity: LivePopularity(models))
    return (live, reason)
  }

  /// Why nothing is explored; nil when cold products are.
  var noExplorationReason: String? {
    explorationStart == nil
      ? "the scores of \(models.primary.version) only order products" : nil
  }

  /// Takes in what the log has beyond what is known.
  ///
  /// - Returns: the number of events that were read.
  /// - Throws: ``ServiceError/eventLog(_:)``; what was read so far is taken in.
  @discardableResult
  func catchUp() throws(ServiceError) -> Int {
    let before = replayedCount
    do throws(EventLogError) {
      try surroundings.store.forEach(after: through) { sequence, event in
        replayedCount += 1
        apply(event, sequence: sequence, touched: &touched)
      }
    } catch {
      throw .eventLog(error)
    }
    return replayedCount - before
  }

  /// Takes an event in; one that it knows is passed over.
  func apply(
    _ event: Event, sequence: Int64, touched: inout Set<LivePersonalization.CustomerKey>
  ) {
    guard sequence > through else { return }
    live.personalization.givingWay.step(eventCount)
    through = sequence
    eventCount += 1
    live.apply(event, touched: &touched)
  }

  /// Knows of the log, by other means than reading it, up to an event.
  func know(through sequence: Int64, eventCount count: Int) {
    through = sequence
    eventCount = count
  }

  /// Knows nothing of the log.
  func forgetLog() {
    live = Self.makeLive(models, liveScorer, catalogue, explorationStart).0
  }

  /// What is to be put in force first, after ``catchUp()``: customers beyond ``startScoringLimit`` are
  /// left to be scored later.
  func takeFirstUpdates(threadCount: Int) -> LiveUpdates {
    guard live.personalization.customerCount > Self.startScoringLimit else {
      touched.formUnion(live.personalization.customers.keys)
      return takeUpdates(threadCount: threadCount)
    }
    touched.removeAll()
    var updates = takeUpdates(threadCount: threadCount)
    updates.customers = live.personalization.deferredUpdates()
    return updates
  }

  /// Whom customers who were scored while nothing waited are handed to.
  func setCustomerPublisher(_ publish: @escaping @Sendable (LiveUpdates) -> Void) {
    customerPublisher.withLock { $0 = publish }
  }

  /// Scores some of those who were left for later, and publishes that; whether more are left.
  func scoreDeferred() -> Bool {
    guard live.personalization.hasDeferred, let publish = customerPublisher.withLock({ $0 }) else {
      return false
    }
    publish(
      LiveUpdates(
        customers: live.personalization.scoreDeferred(limit: Self.idleScoringLimit), lists: []))
    return live.personalization.hasDeferred
  }

  /// What ``catchUp()`` has changed since this was last asked for.
  func takeUpdates(listLimit: Int = .max, threadCount: Int) -> LiveUpdates {
    defer { touched.removeAll() }
    _ = live.exploration?.takeTransitions()
    var updates = live.updates(for: touched, listLimit: listLimit, threadCount: threadCount)
    updates.popularity = updates.popularity ?? live.popularity.changedRanking(isIdle: true)
    return updates
  }

  /// Whom a ranking made while nothing waits is handed to.
  func setPopularityPublisher(_ publish: @escaping @Sendable (LivePopularity.Ranking) -> Void) {
    popularityPublisher.withLock { $0 = publish }
  }

  /// Ranks popular items anew and publishes that, where it was too much for a commit.
  func publishPopularity() {
    guard let publish = popularityPublisher.withLock({ $0 }),
      let ranking = live.popularity.changedRanking(isIdle: true)
    else { return }
    publish(ranking)
  }

  /// Makes what answers, to be used on one event loop.
  ///
  /// - Parameter updates: what the log has told so far.
  /// - Returns: the engine.
  func makeEngine(_ updates: LiveUpdates) -> RecommendationEngine {
    var explorer: Explorer?
    if let explorationStart, let policy = updates.policy {
      explorer = explorationStart.makeExplorer(
        policy, nowMilliseconds: surroundings.nowMilliseconds)
    }
    let engine = RecommendationEngine(
      models: models, liveScorer: liveScorer, catalogue: catalogue.current, explorer: explorer)
    engine.publish(updates)
    return engine
  }

  private static func describe(
    _ models: ServingModels, serverVersion: String
  ) -> DescribeAnswer {
    DescribeAnswer(
      serverVersion: serverVersion, itemIDs: models.dataset.items.identifiers.all,
      itemNames: models.dataset.items.names,
      models: models.all.map { model in
        ModelDescription(
          kind: model.manifest.kind.rawValue, version: model.version,
          trainedThrough: model.manifest.trainedThrough,
          parameters: UInt64(model.manifest.parameters))
      },
      customers: UInt64(models.dataset.customers.count))
  }
}
