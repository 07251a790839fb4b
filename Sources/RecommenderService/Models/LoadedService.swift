public import CoreMetrics
public import EventLog
internal import Exploration
internal import Foundation
internal import InteractionData
internal import RecommenderModels
internal import RecommenderRPC
internal import Synchronization

/// Everything a service answers from, loaded and brought up to date with the event log.
public final class LoadedService: Sendable {
  /// The models.
  public let models: ServingModels
  /// The number of events of the log that were replayed.
  public let replayedEventCount: Int
  let table: ScoreTable
  let liveScorer: LiveScorer
  let replayedUpdates: LiveUpdates
  let similarity: LiveSimilarity?
  /// Why lists of similar items do not follow feedback; nil when they do.
  public let staticSimilarityReason: String?
  let ingest: FeedbackIngest
  /// The catalogue, which grows.
  let catalogue: LiveCatalogue
  /// Why nothing is explored; nil when cold products are.
  public let noExplorationReason: String?
  private let exploration: LiveExploration?
  private let startingExplorer: ExplorationStart?
  let description: DescribeAnswer
  private let hasMethods = Atomic<Bool>(false)
  private let committer: GroupCommitter
  private let metrics: FeedbackMetrics

  /// Loads everything; customers are then scored in the background.
  ///
  /// - Parameters:
  ///   - models: what to answer from.
  ///   - store: the event log; its events are replayed.
  ///   - items: the products that were put into the catalogue.
  ///   - configuration: how to explore.
  ///   - threadCount: the threads for scoring customers with feedback.
  ///   - serverVersion: the version `Describe` names.
  ///   - factory: where swift-metrics counts what is fed back.
  ///   - report: told what an operator may want to know, from any thread.
  ///   - whenScored: called on a thread of its own when every customer's scores are ready.
  /// - Throws: ``ServiceError``.
  public init(
    models: ServingModels, store: any EventStore, items: any ItemStore,
    exploration configuration: ExplorationConfiguration = .off, threadCount: Int,
    serverVersion: String, metrics factory: any MetricsFactory = NOOPMetricsHandler.instance,
    report: @escaping @Sendable (ServiceEvent) -> Void = { _ in },
    whenScored: @escaping @Sendable () -> Void = {}
  ) throws(ServiceError) {
    self.models = models
    description = Self.describe(models, serverVersion: serverVersion)
    let scorer = models.primary.recommender.scorer(
      for: models.dataset, targetMonth: models.targetMonth)
    table = ScoreTable(dataset: models.dataset, scorer: scorer)
    liveScorer = LiveScorer(
      recommender: models.primary.recommender, dataset: models.dataset,
      targetMonth: models.targetMonth, table: table)
    let start = try ExplorationStart(models, table: table, configuration: configuration)
    let catalogue = try LiveCatalogue(models: models, store: items, priors: start?.priors)
    self.catalogue = catalogue
    let indexOfItem: @Sendable (String) -> Int? = { catalogue.index(of: $0) }
    let exploration = start?.makeLive(catalogue.current, indexOfItem: indexOfItem)
    self.exploration = exploration
    noExplorationReason =
      start == nil
      ? "the scores of \(models.primary.version) only order products" : nil
    let (similarity, reason) = LiveSimilarity.make(models)
    self.similarity = similarity
    staticSimilarityReason = reason
    let live = LiveModels(
      personalization: LivePersonalization(
        dataset: models.dataset, scorer: liveScorer, indexOfItem: indexOfItem),
      similarity: similarity, exploration: exploration)
    var count = 0
    var touched: Set<LivePersonalization.CustomerKey> = []
    do throws(EventLogError) {
      try store.forEach(after: 0) { _, event in
        count += 1
        live.apply(event, touched: &touched)
      }
    } catch {
      throw .eventLog(error)
    }
    replayedEventCount = count
    replayedUpdates = live.updates(for: touched, listLimit: .max, threadCount: threadCount)
    startingExplorer = start
    _ = exploration?.takeTransitions()
    committer = GroupCommitter(store: store) { similarity?.continueWhenIdle() ?? false }
    metrics = FeedbackMetrics(factory: factory)
    metrics.replayed(events: count, customers: live.personalization.customerCount)
    ingest = FeedbackIngest(committer: committer, models: live, metrics: metrics) { transitions in
      for transition in transitions {
        report(
          .coldItem(
            itemID: catalogue.current.itemIDs[transition.item], progress: transition.progress))
      }
    }
    let scoring = Thread { [table] in
      // One thread less than there may be: the answers have theirs.
      if table.fill(threadCount: max(1, threadCount - 1)) { whenScored() }
    }
    scoring.name = "scores"
    scoring.start()
  }

  /// What chooses slates on the event loop, from the beliefs that the log has led to; nil where
  /// nothing is explored.
  func makeExplorer() -> Explorer? {
    guard let startingExplorer, let policy = replayedUpdates.policy else { return nil }
    return startingExplorer.makeExplorer(policy)
  }

  /// Puts products into the catalogue; see ``LiveCatalogue``.
  func put(
    _ items: [PutItem], nowMilliseconds: Int64,
    publish:
      @escaping @Sendable (
        CatalogueSnapshot, [LiveExploration.Introduction], @escaping @Sendable () -> Void
      ) -> Void,
    completion: PutItemsCompletion
  ) {
    let exploration = exploration
    catalogue.put(
      items, nowMilliseconds: nowMilliseconds,
      publish: { snapshot, firstNewPlace, done in
        let products = ExplorationStart.introductions(snapshot, from: firstNewPlace)
        // Before anybody can name them in an event.
        exploration?.introduce(products)
        publish(snapshot, products, done)
      }, completion: completion)
  }

  deinit { table.stopFilling() }

  /// Takes note that methods were made on an event loop.
  ///
  /// Feedback puts new scores in force on one loop only, so a second one would answer from old
  /// scores.
  func claim() {
    let isFirst = !hasMethods.exchange(true, ordering: .acquiringAndReleasing)
    precondition(isFirst, "a loaded service answers on one event loop")
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

  /// What it holds now; quick, from any thread.
  public var counts: ServiceCounts {
    ServiceCounts(
      models: models.all, items: catalogue.current.itemIDs.count,
      customers: models.dataset.customers.count, scoredCustomers: table.readyCount,
      liveCustomers: metrics.liveCustomers, replayedEvents: replayedEventCount,
      loggedEvents: metrics.loggedEvents, queuedEvents: committer.queuedEventCount)
  }

  /// Writes what waits to the log and stops its thread; later feedback is refused.
  public func close() {
    table.stopFilling()
    catalogue.close()
    committer.close()
  }
}
