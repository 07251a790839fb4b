public import EventLog
internal import InteractionData
public import NIOCore
internal import RecommenderModels
public import RecommenderRPC

/// The recommender behind the RPC: models, the event log, and what feedback changed since.
///
/// Every method runs on the event loop it was made for, one call after another.
public final class ServiceMethods: RecommenderMethods {
  private let models: ServingModels
  private let engine: RecommendationEngine
  private let ingest: FeedbackIngest
  private let committer: GroupCommitter
  private let validation: FeedbackValidation
  private let answerCatalogue: AnswerCatalogue
  private let similarityCatalogue: AnswerCatalogue
  private let eventLoop: any EventLoop
  private let nowMilliseconds: @Sendable () -> Int64
  private let instance: UInt64
  private var answerCount: UInt64 = 0
  private let serverVersion: String

  /// The number of events of the log that were replayed at the start.
  public let replayedEventCount: Int

  /// Loads everything; takes as long as scoring all customers does.
  ///
  /// - Parameters:
  ///   - models: what to answer from.
  ///   - store: the event log; its events are replayed first.
  ///   - eventLoop: the loop all calls will come on.
  ///   - threadCount: the threads for scoring all customers.
  ///   - instance: a random number that tells this run's recommendations from others'.
  ///   - nowMilliseconds: the clock, in milliseconds since 1970.
  ///   - serverVersion: the version `Describe` names.
  /// - Throws: ``ServiceError``.
  public init(
    models: ServingModels, store: any EventStore, eventLoop: any EventLoop, threadCount: Int,
    instance: UInt64, nowMilliseconds: @escaping @Sendable () -> Int64, serverVersion: String
  ) throws(ServiceError) {
    self.models = models
    self.eventLoop = eventLoop
    self.nowMilliseconds = nowMilliseconds
    self.instance = instance
    self.serverVersion = serverVersion
    validation = FeedbackValidation(items: models.dataset.items.identifiers)
    do {
      let items = try ItemIDTable(models.dataset.items.identifiers.all)
      answerCatalogue = try AnswerCatalogue(items: items, modelVersion: models.primary.version)
      similarityCatalogue = try AnswerCatalogue(
        items: items, modelVersion: models.similarityVersion)
    } catch {
      throw .invalidName(error.message)
    }
    let scorer = models.primary.recommender.scorer(
      for: models.dataset, targetMonth: models.targetMonth)
    let table = ScoreTable(dataset: models.dataset, scorer: scorer, threadCount: threadCount)
    engine = RecommendationEngine(models: models, table: table)
    let personalization = LivePersonalization(dataset: models.dataset, table: table)
    replayedEventCount = try Self.replay(store, personalization, engine)
    committer = GroupCommitter(store: store)
    ingest = FeedbackIngest(committer: committer, personalization: personalization)
  }

  private static func replay(
    _ store: any EventStore, _ personalization: LivePersonalization,
    _ engine: RecommendationEngine
  ) throws(ServiceError) -> Int {
    var count = 0
    var touched: Set<LivePersonalization.CustomerKey> = []
    do {
      try store.forEach(after: 0) { _, event in
        count += 1
        if let customer = personalization.apply(event) { touched.insert(customer) }
      }
    } catch {
      throw .eventLog(error)
    }
    engine.publish(personalization.updates(for: touched))
    return count
  }

  /// Writes what waits to the log and stops its thread; later feedback is refused.
  public func close() { committer.close() }

  /// Recommends; see ``RecommenderMethods``.
  public func recommend(
    _ request: borrowing RecommendRequestView, into answer: inout RankedItemsAnswer
  ) throws(RPCError) {
    engine.recommend(request, into: &answer)
    answer.catalogue = answerCatalogue
    answerCount += 1
    answer.setRecommendationID(high: instance, low: answerCount)
  }

  /// Finds similar items; see ``RecommenderMethods``.
  public func similarItems(
    _ request: borrowing SimilarItemsRequestView, into answer: inout RankedItemsAnswer
  ) throws(RPCError) {
    guard engine.similarItems(to: request.itemID, count: request.count, into: &answer) else {
      let identifier = String(decoding: request.itemID, as: UTF8.self)
      throw RPCError(code: .notFound, message: "unknown item \"\(identifier)\"")
    }
    answer.catalogue = similarityCatalogue
  }

  /// Logs feedback and lets it change the customers' answers; see ``RecommenderMethods``.
  public func feedback(_ events: [FeedbackEvent], completion: FeedbackCompletion) {
    let now = nowMilliseconds()
    let checked = events.map { validation.check($0, nowMilliseconds: now) }
    let engine = NIOLoopBound(engine, eventLoop: eventLoop)
    let eventLoop = eventLoop
    ingest.ingest(
      checked,
      publish: { updates, done in
        eventLoop.execute {
          engine.value.publish(updates)
          done()
        }
      }, completion: completion)
  }

  /// Says that all is well and which model answers.
  public func health() -> HealthAnswer {
    HealthAnswer(status: .serving, modelVersion: models.primary.version)
  }

  /// Describes the catalogue and the models.
  public func describe() -> DescribeAnswer {
    let primary = models.primary.manifest
    var descriptions = [
      ModelDescription(
        kind: primary.kind.rawValue, version: models.primary.version,
        trainedThrough: primary.trainedThrough, parameters: UInt64(primary.parameters))
    ]
    if let similarity = models.similarity, primary.kind != .sims {
      descriptions.append(
        ModelDescription(
          kind: RecommenderKind.sims.rawValue, version: models.similarityVersion,
          trainedThrough: models.dataset.lastMonth?.description ?? "",
          parameters: UInt64(similarity.parameterCount)))
    }
    return DescribeAnswer(
      serverVersion: serverVersion, itemIDs: models.dataset.items.identifiers.all,
      itemNames: models.dataset.items.names, models: descriptions,
      customers: UInt64(models.dataset.customers.count))
  }
}
