internal import EventLog
internal import RecommenderRPC

/// Hands answers to their log, on the event loop that makes them.
final class AnswerRecording {
  private let recorder: RecommendationRecorder
  private let excluded: UnsafeMutableBufferPointer<UInt32>
  /// The catalogues registered, newest first: answers take turns between a few.
  private var catalogues: [(catalogue: AnswerCatalogue, number: UInt32)] = []
  private static let catalogueLimit = 4

  init(_ log: AnswerLog) {
    recorder = log.recorder
    excluded = .allocate(capacity: MessageLimits.maxExcludedItems)
    excluded.initialize(repeating: 0)
  }

  deinit { excluded.deallocate() }

  /// Records an answer.
  ///
  /// - Parameters:
  ///   - request: what was asked.
  ///   - answer: the answer, complete.
  ///   - number: the low half of its identifier.
  ///   - weight: how much was explored.
  ///   - timeMilliseconds: now, in milliseconds since 1970.
  ///   - snapshot: finds the places of identifiers in the answer's catalogue.
  func record(
    _ request: borrowing RecommendRequestView, _ answer: borrowing RankedItemsAnswer,
    number: UInt64, weight: Float, timeMilliseconds: Int64,
    catalogue snapshot: CatalogueSnapshot
  ) {
    guard let catalogue = answer.catalogue, let reference = reference(to: catalogue) else { return }
    var excludedCount = 0
    for position in 0..<request.excludedItemCount {
      guard let item = snapshot.index(of: request.excludedItemID(position)) else { continue }
      excluded[excludedCount] = UInt32(item)
      excludedCount += 1
    }
    let shown = 0..<answer.count
    var record = AnsweredRecommendation(
      number: number, timeMilliseconds: timeMilliseconds, source: UInt8(answer.source.rawValue),
      candidateCount: answer.candidateCount, userID: request.userID,
      itemIndexes: UnsafeBufferPointer(rebasing: answer.itemIndexes[shown]),
      scores: UnsafeBufferPointer(rebasing: answer.scores[shown]),
      propensities: answer.hasPropensities
        ? UnsafeBufferPointer(rebasing: answer.propensities[shown])
        : UnsafeBufferPointer(start: nil, count: 0),
      excludedItemIndexes: UnsafeBufferPointer(rebasing: excluded[..<excludedCount]),
      explored: answer.explored, explorationWeight: weight)
    record.catalogue = reference
    recorder.record(record)
  }

  private func reference(to catalogue: AnswerCatalogue) -> UInt32? {
    for known in catalogues where known.catalogue === catalogue { return known.number }
    let items = catalogue.items
    let content = RecommendationCatalogue(
      modelVersion: catalogue.modelVersion,
      itemIDs: (0..<items.count).map { String(decoding: items.itemID($0), as: UTF8.self) })
    guard let number = try? recorder.register(content) else { return nil }
    catalogues.insert((catalogue, number), at: 0)
    if catalogues.count > Self.catalogueLimit { catalogues.removeLast() }
    return number
  }
}
