internal import EventLog
internal import InteractionData
public import NIOCore
internal import RecommenderModels
public import RecommenderRPC
internal import Synchronization

/// The recommender behind the RPC: models, the event log, and what feedback changed since.
///
/// Every method runs on the event loop it was made for, one call after another.
public final class ServiceMethods: RecommenderMethods {
  private let service: LoadedService
  private let updater: ModelUpdater?
  // What answers now; both change between two requests when other models come in force.
  private var generation: ServingGeneration
  @exclusivity(unchecked) private var engine: RecommendationEngine
  private let eventLoop: any EventLoop
  private let nowMilliseconds: @Sendable () -> Int64
  private let instance: UInt64
  private let samples: @Sendable () -> [StatusSample]
  private let answerLog: AnswerLog?
  private let recording: AnswerRecording?
  private let preparation: FeedbackPreparation
  // Only the event loop comes here, so that nothing need be asked at run time.
  @exclusivity(unchecked) private var answerCount: UInt64 = 0

  /// Makes the methods on the event loop that will call them.
  ///
  /// - Parameters:
  ///   - service: what was loaded before.
  ///   - eventLoop: the loop all calls come on.
  ///   - instance: a random number that tells this run's recommendations from others'.
  ///   - answerLog: where answers are kept on record; nil to keep none.
  ///   - nowMilliseconds: the clock, in milliseconds since 1970.
  ///   - updater: changes the models when a caller asks for it; nil refuses.
  ///   - status: the numbers that Status answers.
  public init(
    service: LoadedService, eventLoop: any EventLoop, instance: UInt64,
    answerLog: AnswerLog? = nil, nowMilliseconds: @escaping @Sendable () -> Int64,
    updater: ModelUpdater? = nil, status: @escaping @Sendable () -> [StatusSample] = { [] }
  ) {
    samples = status
    self.service = service
    self.eventLoop = eventLoop
    self.instance = instance
    self.answerLog = answerLog
    self.nowMilliseconds = nowMilliseconds
    self.updater = updater
    preparation = FeedbackPreparation(eventLoop)
    service.claim()
    generation = service.current
    engine = generation.makeEngine(service.firstUpdates)
    let experiment = engine.explorer?.weights.experiment
    recording = answerLog.map { AnswerRecording($0, experiment: experiment) }
    publishLists()
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    service.adopting.withLock {
      $0 = { handover, updates, done in
        eventLoop.execute {
          bound.value.adopt(handover, updates)
          done()
        }
      }
    }
    service.committer.wake()
  }

  /// Puts other models in force.
  private func adopt(_ handover: EngineHandover, _ updates: LiveUpdates) {
    handover.engine.publish(updates)
    if let before = engine.explorer { handover.engine.explorer?.inherit(from: before) }
    generation = handover.generation
    engine = handover.engine
    publishLists()
  }

  /// Lets what is made anew while nothing is logged come in force.
  private func publishLists() {
    let (eventLoop, engine) = (eventLoop, NIOLoopBound(engine, eventLoop: eventLoop))
    generation.live.similarity?.setPublisher { lists in
      eventLoop.execute { engine.value.publish(lists) }
    }
    generation.setPopularityPublisher { ranking in
      eventLoop.execute { engine.value.publish(ranking) }
    }
    generation.setCustomerPublisher { updates in
      eventLoop.execute { engine.value.publish(updates) }
    }
  }

  /// Brings what is known of customers near; see ``RecommenderMethods``.
  public func anticipate(_ userIDs: UnsafeBufferPointer<UnsafeRawBufferPointer>) {
    engine.anticipate(userIDs)
  }

  /// Recommends; see ``RecommenderMethods``.
  public func recommend(
    _ request: borrowing RecommendRequestView, into answer: inout RankedItemsAnswer
  ) throws(RPCError) {
    // Held once: every further look at the property would count a reference up and down.
    let engine = engine
    if let refusal = engine.refusal(of: request) { throw refusal }
    answerCount += 1
    let arm = engine.arm(of: request)
    let weight = engine.explorationWeight(of: request, arm: arm)
    engine.recommend(
      request, number: RecommendationNumber(instance: instance, count: answerCount),
      weight: weight, arm: arm, into: &answer)
    answer.setRecommendationID(high: instance, low: answerCount)
    recording?.record(
      request, answer, number: answerCount,
      exploration: AnswerRecording.Exploration(
        weight: weight, arm: arm,
        menu: weight > 0 && answer.hasPropensities ? engine.explorer?.menu : nil),
      timeMilliseconds: nowMilliseconds(), catalogue: engine.catalogue)
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
  public func feedback(_ request: FeedbackRequest, completion: FeedbackCompletion) {
    preparation.prepare(
      request, items: engine.catalogue, nowMilliseconds: nowMilliseconds()
    ) { [self] (checked) in
      do throws(RPCError) {
        log(try checked.get(), completion: completion)
      } catch {
        completion(.failure(error))
      }
    }
  }

  private func log(_ checked: FeedbackValidation, completion: FeedbackCompletion) {
    var checked = checked
    var takenSlates: [UInt64] = []
    checked.forEachOfAnAnswer { giveSlate(to: &$0, &takenSlates) }
    let completion = puttingBack(takenSlates, unless: completion)
    let (eventLoop, methods) = (eventLoop, NIOLoopBound(self, eventLoop: eventLoop))
    service.ingest.ingest(
      checked,
      publish: { updates, done in
        // To whatever engine answers by then: updates come in the order of the log, and so does a
        // change of the models.
        eventLoop.execute {
          methods.value.engine.publish(updates)
          done()
        }
      }, completion: completion)
  }

  /// Gives the first event of an answer the slate along that the answer was decided on.
  private func giveSlate(to event: inout Event, _ taken: inout [UInt64]) {
    guard let explorer = engine.explorer, let number = RecommendationNumber(event.recommendationID),
      number.instance == instance, let slate = explorer.takeSlate(number.count)
    else { return }
    taken.append(number.count)
    event.slate = slate
  }

  /// Lets slates be taken again when the events they went with were not logged.
  private func puttingBack(
    _ taken: [UInt64], unless completion: FeedbackCompletion
  ) -> FeedbackCompletion {
    guard !taken.isEmpty else { return completion }
    let (eventLoop, methods) = (eventLoop, NIOLoopBound(self, eventLoop: eventLoop))
    return FeedbackCompletion { result in
      if case .failure = result {
        eventLoop.execute {
          taken.forEach { methods.value.engine.explorer?.putBackSlate($0) }
        }
      }
      completion(result)
    }
  }

  /// Puts products into the catalogue, explorable at once; see ``RecommenderMethods``.
  public func putItems(_ items: [PutItem], completion: PutItemsCompletion) {
    let (eventLoop, methods) = (eventLoop, NIOLoopBound(self, eventLoop: eventLoop))
    service.put(
      items, nowMilliseconds: nowMilliseconds(),
      publish: { catalogue, products, done in
        eventLoop.execute {
          methods.value.engine.publish(catalogue)
          methods.value.engine.explorer?.publish(products)
          done()
        }
      }, completion: completion)
  }

  /// Finds the record of an answer; see ``RecommenderMethods``.
  public func getRecommendation(
    _ recommendationID: String, completion: RecommendationsCompletion
  ) {
    guard let answerLog else { return completion(.failure(.noRecord)) }
    answerLog.find(recommendationID, completion: completion)
  }

  /// Finds the answers to a customer; see ``RecommenderMethods``.
  public func listRecommendations(
    _ query: RecommendationQuery, completion: RecommendationsCompletion
  ) {
    guard let answerLog else { return completion(.failure(.noRecord)) }
    answerLog.list(query, completion: completion)
  }

  /// Says that all is well and which model answers.
  public func health() -> HealthAnswer {
    HealthAnswer(
      status: .serving, modelVersion: generation.models.primary.version,
      recommendationsRecorded: answerLog?.recordedCount ?? 0,
      recommendationsDropped: answerLog?.droppedCount ?? 0)
  }

  /// Changes the models, if there is somebody who can; see ``RecommenderMethods``.
  public func updateModels(_ update: ModelUpdate, completion: ModelUpdateCompletion) {
    guard let updater else {
      completion(
        .failure(
          RPCError(
            code: .unimplemented, message: "the models of this service stay as they are")))
      return
    }
    updater.update(update) { result in completion(result.map { [$0] }) }
  }

  /// The numbers an operator watches.
  public func status() -> [StatusSample] { samples() }

  /// Describes the catalogue and the models.
  public func describe() -> DescribeAnswer {
    var description = generation.description
    let explorer = engine.explorer
    description.itemIDs = engine.catalogue.itemIDs
    description.itemNames = engine.catalogue.names
    description.coldItems = explorer?.coldItems ?? []
    description.explorationWeight = explorer?.weights.server ?? 0
    return description
  }
}
