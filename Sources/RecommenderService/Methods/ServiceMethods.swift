internal import EventLog
internal import InteractionData
public import NIOCore
internal import RecommenderModels
public import RecommenderRPC

/// The recommender behind the RPC: models, the event log, and what feedback changed since.
///
/// Every method runs on the event loop it was made for, one call after another.
public final class ServiceMethods: RecommenderMethods {
  private let service: LoadedService
  private let engine: RecommendationEngine
  private let explorer: Explorer?
  private let eventLoop: any EventLoop
  private let nowMilliseconds: @Sendable () -> Int64
  private let instance: UInt64
  private let samples: @Sendable () -> [StatusSample]
  private var answerCount: UInt64 = 0

  /// Makes the methods on the event loop that will call them.
  ///
  /// - Parameters:
  ///   - service: what was loaded before.
  ///   - eventLoop: the loop all calls come on.
  ///   - instance: a random number that tells this run's recommendations from others'.
  ///   - nowMilliseconds: the clock, in milliseconds since 1970.
  ///   - status: the numbers that Status answers.
  public init(
    service: LoadedService, eventLoop: any EventLoop, instance: UInt64,
    nowMilliseconds: @escaping @Sendable () -> Int64,
    status: @escaping @Sendable () -> [StatusSample] = { [] }
  ) {
    samples = status
    self.service = service
    self.eventLoop = eventLoop
    self.instance = instance
    self.nowMilliseconds = nowMilliseconds
    service.claim()
    explorer = service.makeExplorer()
    engine = RecommendationEngine(
      models: service.models, liveScorer: service.liveScorer,
      catalogue: service.catalogue.current, explorer: explorer)
    engine.publish(service.replayedUpdates)
    let boundEngine = NIOLoopBound(engine, eventLoop: eventLoop)
    service.similarity?.setPublisher { lists in
      eventLoop.execute { boundEngine.value.publish(lists) }
    }
  }

  /// Recommends; see ``RecommenderMethods``.
  public func recommend(
    _ request: borrowing RecommendRequestView, into answer: inout RankedItemsAnswer
  ) throws(RPCError) {
    if request.softmaxScores && service.models.primary.recommender.scoreScale == .ordinal {
      throw RPCError(
        code: .failedPrecondition,
        message: "the scores of \(service.models.primary.version) are neither probabilities nor"
          + " logits: it has no softmax_scores")
    }
    if explorer == nil, (request.explorationWeight ?? 0) > 0 {
      throw RPCError(
        code: .failedPrecondition,
        message: "the scores of \(service.models.primary.version) only order products: it does not"
          + " explore")
    }
    answerCount += 1
    engine.recommend(
      request, number: RecommendationNumber(instance: instance, count: answerCount),
      into: &answer)
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
  }

  /// Logs feedback and lets it change the customers' answers; see ``RecommenderMethods``.
  public func feedback(_ events: [FeedbackEvent], completion: FeedbackCompletion) {
    let now = nowMilliseconds()
    let catalogue = engine.catalogue
    var takenSlates: [UInt64] = []
    let checked = events.map { event in
      FeedbackValidation.check(event, items: catalogue, nowMilliseconds: now)
        .map { withSlate($0, &takenSlates) }
    }
    let completion = puttingBack(takenSlates, unless: completion)
    let engine = NIOLoopBound(engine, eventLoop: eventLoop)
    let eventLoop = eventLoop
    service.ingest.ingest(
      checked,
      publish: { updates, done in
        eventLoop.execute {
          engine.value.publish(updates)
          done()
        }
      }, completion: completion)
  }

  /// Gives the first event of an answer the slate along that the answer was decided on.
  private func withSlate(_ event: Event, _ taken: inout [UInt64]) -> Event {
    guard let explorer, let number = RecommendationNumber(event.recommendationID),
      number.instance == instance, let slate = explorer.takeSlate(number.count)
    else { return event }
    taken.append(number.count)
    var event = event
    event.slate = slate
    return event
  }

  /// Lets slates be taken again when the events they went with were not logged.
  private func puttingBack(
    _ taken: [UInt64], unless completion: FeedbackCompletion
  ) -> FeedbackCompletion {
    guard !taken.isEmpty, let explorer else { return completion }
    let eventLoop = eventLoop
    let bound = NIOLoopBound(explorer, eventLoop: eventLoop)
    return FeedbackCompletion { result in
      if case .failure = result {
        eventLoop.execute { taken.forEach { bound.value.putBackSlate($0) } }
      }
      completion(result)
    }
  }

  /// Puts products into the catalogue, explorable at once; see ``RecommenderMethods``.
  public func putItems(_ items: [PutItem], completion: PutItemsCompletion) {
    let engine = NIOLoopBound(engine, eventLoop: eventLoop)
    let eventLoop = eventLoop
    let explorer = explorer.map { NIOLoopBound($0, eventLoop: eventLoop) }
    service.put(
      items, nowMilliseconds: nowMilliseconds(),
      publish: { catalogue, products, done in
        eventLoop.execute {
          engine.value.publish(catalogue)
          explorer?.value.publish(products)
          done()
        }
      }, completion: completion)
  }

  /// Says that all is well and which model answers.
  public func health() -> HealthAnswer {
    HealthAnswer(status: .serving, modelVersion: service.models.primary.version)
  }

  /// The numbers an operator watches.
  public func status() -> [StatusSample] { samples() }

  /// Describes the catalogue and the models.
  public func describe() -> DescribeAnswer {
    var description = service.description
    description.itemIDs = engine.catalogue.itemIDs
    description.itemNames = engine.catalogue.names
    description.coldItems = explorer?.coldItems ?? []
    description.explorationWeight = explorer?.weight ?? 0
    return description
  }
}
