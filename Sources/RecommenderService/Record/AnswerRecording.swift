internal import EventLog
internal import Experiments
internal import RecommenderRPC

/// Hands answers to their log, on the event loop that makes them.
final class AnswerRecording {
  private let recorder: RecommendationRecorder
  private let excluded: UnsafeMutableBufferPointer<UInt32>
  /// The catalogues registered, newest first: answers take turns between a few.
  private var catalogues: [(catalogue: AnswerCatalogue, number: UInt32)] = []
  /// The one that the answer before referred to, and so do most: always one of those above.
  @exclusivity(unchecked) private var latest: (catalogue: ObjectIdentifier, number: UInt32)?
  private static let catalogueLimit = 4

  /// The names of the experiment's arms; nil without one.
  private let experiment: RecordedExperiment?

  /// How an answer explored.
  struct Exploration {
    /// How much.
    var weight: Float
    /// The place of the customer's arm; nil while no experiment runs.
    var arm: Int?
    /// What the last product was drawn from; nil where none was.
    var menu: UnsafeBufferPointer<AnsweredChoice>?
  }

  /// Records into a log; with the names of the arms that answers may have.
  init(_ log: AnswerLog, experiment: Experiment?) {
    recorder = log.recorder
    self.experiment = experiment.map {
      RecordedExperiment(name: $0.name, arms: $0.arms.map(\.name))
    }
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
  ///   - exploration: how it explored.
  ///   - timeMilliseconds: now, in milliseconds since 1970.
  ///   - snapshot: finds the places of identifiers in the answer's catalogue.
  func record(
    _ request: borrowing RecommendRequestView, _ answer: borrowing RankedItemsAnswer,
    number: UInt64, exploration: Exploration, timeMilliseconds: Int64,
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
      explored: answer.explored, explorationWeight: exploration.weight)
    record.catalogue = reference
    record.arm = exploration.arm
    // Who explores and found nothing to try would have found nothing at any other weight; who does
    // not explore has not looked.
    if exploration.weight > 0 {
      record.menu = exploration.menu ?? UnsafeBufferPointer(start: nil, count: 0)
    }
    recorder.record(record)
  }

  private func reference(to catalogue: AnswerCatalogue) -> UInt32? {
    if let latest, latest.catalogue == ObjectIdentifier(catalogue) { return latest.number }
    for known in catalogues where known.catalogue === catalogue {
      latest = (ObjectIdentifier(catalogue), known.number)
      return known.number
    }
    let items = catalogue.items
    let content = RecommendationCatalogue(
      modelVersion: catalogue.modelVersion,
      itemIDs: (0..<items.count).map { String(decoding: items.itemID($0), as: UTF8.self) },
      experiment: experiment)
    guard let number = try? recorder.register(content) else { return nil }
    catalogues.insert((catalogue, number), at: 0)
    if catalogues.count > Self.catalogueLimit { catalogues.removeLast() }
    latest = (ObjectIdentifier(catalogue), number)
    return number
  }
}
