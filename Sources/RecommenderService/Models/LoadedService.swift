public import EventLog
internal import InteractionData
internal import RecommenderModels
internal import RecommenderRPC

/// Everything a service answers from, loaded and brought up to date with the event log.
public final class LoadedService: Sendable {
  /// The models.
  public let models: ServingModels
  /// The number of events of the log that were replayed.
  public let replayedEventCount: Int
  /// The version `Describe` names.
  public let serverVersion: String

  let table: ScoreTable
  let replayedUpdates: [LivePersonalization.Update]
  let ingest: FeedbackIngest
  let answerCatalogue: AnswerCatalogue
  let similarityCatalogue: AnswerCatalogue
  private let committer: GroupCommitter

  /// Loads everything; takes as long as scoring all customers does.
  ///
  /// - Parameters:
  ///   - models: what to answer from.
  ///   - store: the event log; its events are replayed.
  ///   - threadCount: the threads for scoring all customers.
  ///   - serverVersion: the version `Describe` names.
  /// - Throws: ``ServiceError``.
  public init(
    models: ServingModels, store: any EventStore, threadCount: Int, serverVersion: String
  ) throws(ServiceError) {
    self.models = models
    self.serverVersion = serverVersion
    do throws(RPCError) {
      let items = try ItemIDTable(models.dataset.items.identifiers.all)
      answerCatalogue = try AnswerCatalogue(items: items, modelVersion: models.primary.version)
      similarityCatalogue = try AnswerCatalogue(
        items: items, modelVersion: models.similarityVersion)
    } catch {
      throw .invalidName(error.message)
    }
    let scorer = models.primary.recommender.scorer(
      for: models.dataset, targetMonth: models.targetMonth)
    table = ScoreTable(dataset: models.dataset, scorer: scorer, threadCount: threadCount)
    let personalization = LivePersonalization(dataset: models.dataset, table: table)
    var count = 0
    var touched: Set<LivePersonalization.CustomerKey> = []
    do throws(EventLogError) {
      try store.forEach(after: 0) { _, event in
        count += 1
        if let customer = personalization.apply(event) { touched.insert(customer) }
      }
    } catch {
      throw .eventLog(error)
    }
    replayedEventCount = count
    replayedUpdates = personalization.updates(for: touched)
    committer = GroupCommitter(store: store)
    ingest = FeedbackIngest(committer: committer, personalization: personalization)
  }

  /// Writes what waits to the log and stops its thread; later feedback is refused.
  public func close() { committer.close() }
}
