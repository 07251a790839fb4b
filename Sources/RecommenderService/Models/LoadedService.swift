public import CoreMetrics
internal import Dispatch
public import EventLog
internal import Foundation
internal import InteractionData
internal import RecommenderRPC
internal import Synchronization

/// Everything a service answers from, loaded and brought up to date with the event log.
///
/// The models can be replaced while it answers; see ``replace(by:)``. The log, the products that
/// were put, and whoever counts stay.
public final class LoadedService: Sendable {
  let ingest: FeedbackIngest
  let follower: LogFollower
  let committer: GroupCommitter
  let surroundings: ServingGeneration.Surroundings
  let metrics: FeedbackMetrics
  let checkpoints: CheckpointKeeper?
  /// What the log had told when the service was loaded.
  let firstUpdates: LiveUpdates
  /// The generation in force, and the models that were before it.
  let generations: Mutex<(current: ServingGeneration, previous: ServingModels?)>
  /// Products are put one call after another; held while models change hands.
  let puts = DispatchQueue(label: "puts")
  /// Puts another generation in force on the event loop; nil before methods were made.
  let adopting = Mutex<Adopting?>(nil)
  private let hasMethods = Atomic<Bool>(false)

  /// Puts an engine in force, with updates that came since it was made, and then runs what it is
  /// given.
  typealias Adopting =
    @Sendable (EngineHandover, LiveUpdates, @escaping @Sendable () -> Void) -> Void

  /// Loads everything; customers are then scored in the background.
  ///
  /// - Parameters:
  ///   - models: what to answer from.
  ///   - store: the event log; its events are replayed.
  ///   - items: the products that were put into the catalogue.
  ///   - configuration: how to explore.
  ///   - checkpoint: where what the log has told is kept, so that a restart replays only what came
  ///     since; nil replays all of it at each start.
  ///   - threadCount: the threads for scoring customers with feedback.
  ///   - serverVersion: the version `Describe` names.
  ///   - nowMilliseconds: the clock by which experiments begin and end, in milliseconds since 1970.
  ///   - factory: where swift-metrics counts what is fed back.
  ///   - report: told what an operator may want to know, from any thread.
  ///   - whenScored: called on a thread of its own when every customer's scores are ready.
  /// - Throws: ``ServiceError``.
  public init(
    models: ServingModels, store: any EventStore, items: any ItemStore,
    exploration configuration: ExplorationConfiguration = .off,
    checkpoint: CheckpointConfiguration? = nil, threadCount: Int,
    serverVersion: String, nowMilliseconds: @escaping @Sendable () -> Int64,
    metrics factory: any MetricsFactory = NOOPMetricsHandler.instance,
    report: @escaping @Sendable (ServiceEvent) -> Void = { _ in },
    whenScored: @escaping @Sendable () -> Void = {}
  ) throws(ServiceError) {
    surroundings = ServingGeneration.Surroundings(
      store: store, items: items, exploration: configuration, threadCount: threadCount,
      serverVersion: serverVersion, nowMilliseconds: nowMilliseconds)
    let generation = try ServingGeneration(models, surroundings)
    let checkpoints = checkpoint.map { CheckpointKeeper($0, report: report) }
    self.checkpoints = checkpoints
    let unusable = checkpoints?.takeUp(generation)
    try generation.catchUp()
    if let unusable, generation.eventCount > 0 {
      report(.wholeLogReplayed(events: generation.eventCount, reason: unusable.reason))
    }
    firstUpdates = generation.takeFirstUpdates(threadCount: threadCount)
    generations = Mutex((generation, nil))
    let follower = LogFollower(generation, checkpoints)
    self.follower = follower
    committer = GroupCommitter(store: store) { follower.continueWhenIdle() }
    metrics = FeedbackMetrics(factory: factory)
    metrics.replayed(
      events: generation.eventCount,
      customers: generation.live.personalization.customerCount)
    ingest = FeedbackIngest(
      committer: committer, follower: follower, metrics: metrics, report: report)
    let scoring = Thread { [table = generation.table] in
      // One thread less than there may be: the answers have theirs.
      if table.fill(threadCount: max(1, threadCount - 1)) { whenScored() }
    }
    scoring.name = "scores"
    scoring.start()
  }

  deinit { current.table.stopFilling() }

  /// The generation in force.
  var current: ServingGeneration { generations.withLock { $0.current } }

  /// The models in force.
  public var models: ServingModels { current.models }
  /// The number of events of the log that were replayed into the models in force when they were
  /// loaded.
  public var replayedEventCount: Int { current.replayedCount }
  /// Why lists of similar items do not follow feedback; nil when they do.
  public var staticSimilarityReason: String? { current.staticSimilarityReason }
  /// Why nothing is explored; nil when cold products are.
  public var noExplorationReason: String? { current.noExplorationReason }

  /// Puts products into the catalogue; see ``LiveCatalogue``.
  func put(
    _ items: [PutItem], nowMilliseconds: Int64,
    publish:
      @escaping @Sendable (
        CatalogueSnapshot, [LiveExploration.Introduction], @escaping @Sendable () -> Void
      ) -> Void,
    completion: PutItemsCompletion
  ) {
    puts.async { [self] in
      let generation = current
      generation.catalogue.put(
        items, nowMilliseconds: nowMilliseconds,
        publish: { snapshot, firstNewPlace, done in
          let products = ExplorationStart.introductions(snapshot, from: firstNewPlace)
          // Before anybody can name them in an event.
          generation.live.exploration?.introduce(products)
          publish(snapshot, products, done)
        }, completion: completion)
    }
  }

  /// Takes note that methods were made on an event loop.
  ///
  /// Feedback puts new scores in force on one loop only, so a second one would answer from old
  /// scores.
  func claim() {
    let isFirst = !hasMethods.exchange(true, ordering: .acquiringAndReleasing)
    precondition(isFirst, "a loaded service answers on one event loop")
  }

  /// What it holds now; quick, from any thread.
  public var counts: ServiceCounts {
    let generation = current
    let dataset = generation.models.dataset
    return ServiceCounts(
      models: generation.models.all, items: generation.catalogue.current.itemIDs.count,
      customers: dataset.customers.count, scoredCustomers: generation.table.readyCount,
      liveCustomers: metrics.liveCustomers, replayedEvents: generation.replayedCount,
      loggedEvents: metrics.loggedEvents, queuedEvents: committer.queuedEventCount)
  }

  /// Writes what waits to the log and stops its thread; later feedback is refused.
  public func close() {
    adopting.withLock { $0 = nil }
    current.table.stopFilling()
    puts.sync {}
    current.catalogue.close()
    committer.close()
    // The thread that followed the log has ended.
    checkpoints?.close(follower.generation)
  }
}
