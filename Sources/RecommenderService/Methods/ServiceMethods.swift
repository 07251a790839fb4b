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
  private let validation: FeedbackValidation
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
    engine = RecommendationEngine(models: service.models, liveScorer: service.liveScorer)
    engine.publish(service.replayedUpdates)
    let boundEngine = NIOLoopBound(engine, eventLoop: eventLoop)
    service.similarity?.setPublisher { lists in
      eventLoop.execute { boundEngine.value.publish(lists) }
    }
    validation = FeedbackValidation(items: service.models.dataset.items.identifiers)
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
    engine.recommend(request, into: &answer)
    answer.catalogue =
      answer.source == .popularity ? service.popularityCatalogue : service.answerCatalogue
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
    answer.catalogue =
      answer.source == .popularity ? service.popularityCatalogue : service.similarityCatalogue
  }

  /// Logs feedback and lets it change the customers' answers; see ``RecommenderMethods``.
  public func feedback(_ events: [FeedbackEvent], completion: FeedbackCompletion) {
    let now = nowMilliseconds()
    let checked = events.map { validation.check($0, nowMilliseconds: now) }
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

  /// Says that all is well and which model answers.
  public func health() -> HealthAnswer {
    HealthAnswer(status: .serving, modelVersion: service.models.primary.version)
  }

  /// The numbers an operator watches.
  public func status() -> [StatusSample] { samples() }

  /// Describes the catalogue and the models.
  public func describe() -> DescribeAnswer { service.description }
}
