internal import InteractionData
internal import LinearAlgebra
internal import RecommenderModels
internal import RecommenderRPC
internal import TensorFiles

/// What is popular, with what customers took since the training.
///
/// The trained rate `r` of an item came from about `E` customer-months: those who lacked the item at
/// the end of the dataset, times the months that count as recent. Each of the `a` times it was taken
/// since is one more, in which it was taken:
///
///     (r E + a) / (E + a)
///
/// So nothing fed back leaves the rate as it was trained, and the rate only rises: who was offered
/// the item and did not take it is not counted, for feedback need not tell of everybody.
///
/// Like ``LivePersonalization``, used by one thread at a time.
final class LivePopularity: @unchecked Sendable {
  /// Catalogues of at most this many items are ranked anew with each commit, larger ones while nothing
  /// waits to be written.
  static let commitItemLimit = 1024
  /// The most times that an item can have been taken, one more: those a `Double` counts exactly.
  static let countLimit: UInt64 = 1 << 53

  /// Scores of all items, and the best of them.
  struct Ranking: Sendable {
    /// `[items]`
    let scores: [Float]
    /// The best items, best first, as many as an answer may hold.
    let items: [UInt32]

    init(_ scores: [Float]) {
      self.scores = scores
      var best = [UInt32](repeating: 0, count: min(scores.count, RankedItemsAnswer.capacity))
      let count = scores.withUnsafeBufferPointer { scores in
        best.withUnsafeMutableBufferPointer { TopK.select(scores, into: $0) }
      }
      items = Array(best.prefix(count))
    }

    /// As it was trained.
    init(_ models: ServingModels) {
      var scores = [Float](repeating: 0, count: models.dataset.items.count)
      let scorer = models.popularityRecommender.scorer(
        for: models.dataset, targetMonth: models.targetMonth)
      scores.withUnsafeMutableBufferPointer { scorer.score([CustomerHistory()], into: $0) }
      self.init(scores)
    }
  }

  private let models: ServingModels
  private(set) var taken: [Int: Int] = [:]
  private var hasChanged = false
  /// The trained rates and their customer-months; made when something is taken.
  private lazy var trained = (rates: Ranking(models).scores, exposures: Self.exposures(models))

  init(_ models: ServingModels) { self.models = models }

  /// Counts that a customer took an item of the dataset without having it.
  func record(item: Int) { take(item: item, count: 1) }

  /// Counts that many customers took an item without having it.
  func take(item: Int, count: Int) {
    taken[item, default: 0] += count
    hasChanged = true
  }

  /// The items of the dataset.
  var itemCount: Int { models.dataset.items.count }

  /// The ranking when it has changed since it was last asked for; nil otherwise, and with a commit
  /// for large catalogues.
  func changedRanking(isIdle: Bool) -> Ranking? {
    guard hasChanged, isIdle || models.dataset.items.count <= Self.commitItemLimit else {
      return nil
    }
    hasChanged = false
    var scores = trained.rates
    for (item, count) in taken {
      let (exposure, count) = (trained.exposures[item], Double(count))
      scores[item] = Float((Double(scores[item]) * exposure + count) / (exposure + count))
    }
    return Ranking(scores)
  }

  /// The customer-months a rate rests on, by item.
  private static func exposures(_ models: ServingModels) -> [Double] {
    let dataset = models.dataset
    let customers = dataset.customers.count
    var lacking = [Double](repeating: Double(customers), count: dataset.items.count)
    guard let panel = dataset.panel else { return lacking }
    for customer in 0..<customers {
      guard let last = panel.rows(of: customer).last else { continue }
      var held = panel.held[last]
      while held != 0 {
        lacking[held.trailingZeroBitCount] -= 1
        held &= held - 1
      }
    }
    let months =
      models.popularityRecommender.configuration["recent_months"]?.integer
      ?? PopularityConfiguration().recentMonths
    return lacking.map { $0 * Double(min(months, max(1, panel.monthCount - 1))) }
  }
}
