public import CoreMetrics
public import EventLog
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
  let answerCatalogue: AnswerCatalogue
  let popularityCatalogue: AnswerCatalogue
  let similarityCatalogue: AnswerCatalogue
  let description: DescribeAnswer
  private let hasMethods = Atomic<Bool>(false)
  private let committer: GroupCommitter
  private let metrics: FeedbackMetrics

  /// Loads everything; customers are then scored in the background.
  ///
  /// - Parameters:
  ///   - models: what to answer from.
  ///   - store: the event log; its events are replayed.
  ///   - threadCount: the threads for scoring customers with feedback.
  ///   - serverVersion: the version `Describe` names.
  ///   - factory: where swift-metrics counts what is fed back.
  ///   - whenScored: called on a thread of its own when every customer's scores are ready.
  /// - Throws: ``ServiceError``.
  public init(
    models: ServingModels, store: any EventStore, threadCount: Int, serverVersion: String,
    metrics factory: any MetricsFactory = NOOPMetricsHandler.instance,
    whenScored: @escaping @Sendable () -> Void = {}
  ) throws(ServiceError) {
    self.models = models
    description = Self.describe(models, serverVersion: serverVersion)
    do throws(RPCError) {
      let items = try ItemIDTable(models.dataset.items.identifiers.all)
      answerCatalogue = try AnswerCatalogue(items: items, modelVersion: models.primary.version)
      popularityCatalogue = try AnswerCatalogue(
        items: items, modelVersion: models.popularity.version)
      similarityCatalogue = try AnswerCatalogue(
        items: items, modelVersion: models.similarity?.version ?? "")
    } catch {
      throw .invalidName(error.message)
    }
    let scorer = models.primary.recommender.scorer(
      for: models.dataset, targetMonth: models.targetMonth)
    table = ScoreTable(dataset: models.dataset, scorer: scorer)
    liveScorer = LiveScorer(
      recommender: models.primary.recommender, dataset: models.dataset,
      targetMonth: models.targetMonth, table: table)
    let personalization = LivePersonalization(dataset: models.dataset, scorer: liveScorer)
    let (similarity, reason) = LiveSimilarity.make(models)
    self.similarity = similarity
    staticSimilarityReason = reason
    var count = 0
    var touched: Set<LivePersonalization.CustomerKey> = []
    do throws(EventLogError) {
      try store.forEach(after: 0) { _, event in
        count += 1
        guard let customer = personalization.apply(event) else { return }
        touched.insert(customer)
        similarity?.record(event, of: customer)
      }
    } catch {
      throw .eventLog(error)
    }
    replayedEventCount = count
    replayedUpdates = LiveUpdates(
      customers: personalization.updates(for: touched, threadCount: threadCount),
      lists: similarity?.rebuild(listLimit: .max) ?? [])
    committer = GroupCommitter(store: store) { similarity?.continueWhenIdle() ?? false }
    metrics = FeedbackMetrics(factory: factory)
    metrics.replayed(events: count, customers: personalization.customerCount)
    ingest = FeedbackIngest(
      committer: committer, personalization: personalization, similarity: similarity,
      metrics: metrics)
    let scoring = Thread { [table] in
      // One thread less than there may be: the answers have theirs.
      if table.fill(threadCount: max(1, threadCount - 1)) { whenScored() }
    }
    scoring.name = "scores"
    scoring.start()
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
      models: models.all, items: models.dataset.items.count,
      customers: models.dataset.customers.count, scoredCustomers: table.readyCount,
      liveCustomers: metrics.liveCustomers, replayedEvents: replayedEventCount,
      loggedEvents: metrics.loggedEvents, queuedEvents: committer.queuedEventCount)
  }

  /// Writes what waits to the log and stops its thread; later feedback is refused.
  public func close() {
    table.stopFilling()
    committer.close()
  }
}
