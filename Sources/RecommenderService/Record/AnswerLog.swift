public import EventLog
internal import Foundation
internal import RecommenderRPC
internal import Synchronization

/// The answers of Recommend on record: what brings them there, and what reads them back.
public final class AnswerLog: Sendable {
  /// The most look-ups that may wait; a further one is answered RESOURCE_EXHAUSTED.
  public static let lookupLimit = 64

  let recorder: RecommendationRecorder
  private let store: SQLiteRecommendationStore
  private let lookups = DispatchQueue(label: "recommendation look-ups")
  private let waitingCount = Atomic<Int>(0)

  /// Starts recording.
  ///
  /// - Parameters:
  ///   - store: the log's file; nobody else writes to it.
  ///   - instance: the high half of the answers' identifiers, as the methods have it.
  ///   - retention: how long answers stay.
  ///   - nowMilliseconds: the clock, in milliseconds since 1970.
  ///   - report: told when answers cannot be written.
  public init(
    store: SQLiteRecommendationStore, instance: UInt64, retention: RecommendationRetention,
    nowMilliseconds: @escaping @Sendable () -> Int64,
    report: @escaping @Sendable (EventLogError) -> Void = { _ in }
  ) {
    self.store = store
    recorder = RecommendationRecorder(
      store: store, instance: instance, retention: retention, nowMilliseconds: nowMilliseconds,
      report: report)
  }

  /// The answers that were handed over.
  public var recordedCount: UInt64 { recorder.recordedCount }
  /// The answers that are not on record because there was no room or the disk refused.
  public var droppedCount: UInt64 { recorder.droppedCount }

  /// Writes what waits and stops; call it when no answer is made any more.
  public func close() { recorder.close() }

  /// Finds the record of an answer.
  func find(_ recommendationID: String, completion: RecommendationsCompletion) {
    lookUp(completion, isWhole: true) { store throws(EventLogError) in
      try store.find(recommendationID).map { [$0] }
    }
  }

  /// Finds a customer's answers.
  func list(_ query: RecommendationQuery, completion: RecommendationsCompletion) {
    lookUp(completion, isWhole: false) { store throws(EventLogError) in
      try store.list(
        userID: query.userID, count: query.count,
        before: query.beforeMilliseconds == 0 ? nil : query.beforeMilliseconds)
    }
  }

  private func lookUp(
    _ completion: RecommendationsCompletion, isWhole: Bool,
    _ body:
      @escaping @Sendable (SQLiteRecommendationStore) throws(EventLogError)
      -> [RecommendationRecord]?
  ) {
    let (_, waiting) = waitingCount.add(1, ordering: .relaxed)
    guard waiting <= Self.lookupLimit else {
      waitingCount.subtract(1, ordering: .relaxed)
      completion(
        .failure(
          RPCError(
            code: .resourceExhausted,
            message: "\(Self.lookupLimit) look-ups wait already; ask again later")))
      return
    }
    lookups.async { [self] in
      defer { waitingCount.subtract(1, ordering: .relaxed) }
      // What was answered before the question was asked is to be found.
      recorder.flush()
      do throws(EventLogError) {
        if let records = try body(store) {
          completion(.success(records.map { RecordedRecommendation($0, isWhole: isWhole) }))
        } else {
          completion(
            .failure(
              RPCError(code: .notFound, message: "there is no record of this recommendation_id")))
        }
      } catch {
        completion(
          .failure(
            RPCError(code: .unavailable, message: "the record cannot be read at the moment")))
      }
    }
  }
}

extension RecordedRecommendation {
  /// What goes over the wire; a list, which is cut where a frame ends, has no room for menus.
  fileprivate init(_ record: RecommendationRecord, isWhole: Bool) {
    self.init(
      recommendationID: record.recommendationID, userID: record.userID,
      timeMilliseconds: record.timeMilliseconds, modelVersion: record.modelVersion,
      source: RecommendationSource(rawValue: UInt32(record.source)) ?? .unspecified,
      itemIDs: record.itemIDs, scores: record.scores, itemIndexes: record.itemIndexes,
      propensities: record.propensities, explored: record.explored,
      explorationWeight: record.explorationWeight,
      candidateCount: UInt32(clamping: record.candidateCount),
      excludedItemIDs: record.excludedItemIDs, rules: record.rules,
      candidates: isWhole
        ? (record.menu ?? []).map {
          RecordedCandidate(
            itemID: $0.itemID, propensity: $0.propensity,
            matchingProbability: $0.matchingProbability ?? 0, score: $0.score)
        } : [],
      experiment: record.experiment ?? "", arm: record.arm ?? "")
  }
}
