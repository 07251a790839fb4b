internal import InteractionData
internal import LinearAlgebra
internal import RecommenderModels
internal import RecommenderRPC
internal import TensorFiles

/// Answers from tables: finds the row of a customer or an item and picks the best of it.
///
/// Confined to the event loop that answers: no locks, and for customers of the dataset no
/// allocation.
final class RecommendationEngine {
  private let models: ServingModels
  private let table: ScoreTable
  private let popularityScores: [Float]
  private let popularityRanking: [UInt32]
  private let scratch: UnsafeMutableBufferPointer<Float>
  /// Bit `i` is set when customer `i` has scores of its own in ``liveScores``.
  private var isLive: [UInt64]
  private var liveScores: [Int: [Float]] = [:]
  private var newCustomerScores: [String: [Float]] = [:]

  init(models: ServingModels, table: ScoreTable) {
    self.models = models
    self.table = table
    let itemCount = models.dataset.items.count
    scratch = .allocate(capacity: itemCount)
    scratch.initialize(repeating: 0)
    isLive = [UInt64](repeating: 0, count: models.dataset.customers.count / 64 + 1)
    var scores = [Float](repeating: 0, count: itemCount)
    var ranking = [UInt32](repeating: 0, count: min(itemCount, RankedItemsAnswer.capacity))
    let scorer = models.popularity.scorer(for: models.dataset, targetMonth: models.targetMonth)
    scores.withUnsafeMutableBufferPointer { scorer.score([CustomerHistory()], into: $0) }
    let count = scores.withUnsafeBufferPointer { scores in
      ranking.withUnsafeMutableBufferPointer { TopK.select(scores, into: $0) }
    }
    popularityScores = scores
    popularityRanking = Array(ranking.prefix(count))
  }

  deinit { scratch.deallocate() }

  /// The customers who are only known from feedback.
  var newCustomerCount: Int { newCustomerScores.count }

  /// Puts new scores in force.
  func publish(_ updates: [LivePersonalization.Update]) {
    for update in updates {
      switch update.customer {
      case .known(let index):
        isLive[index >> 6] |= 1 << UInt64(index & 63)
        liveScores[index] = update.scores
      case .new(let identifier): newCustomerScores[identifier] = update.scores
      }
    }
  }

  /// Recommends items for a customer.
  func recommend(_ request: borrowing RecommendRequestView, into answer: inout RankedItemsAnswer) {
    if let customer = models.dataset.customers.index(of: request.userID) {
      answer.source = .model
      let live = isLive[customer >> 6] >> UInt64(customer & 63) & 1 == 1
      if live, let scores = liveScores[customer] {
        scores.withUnsafeBufferPointer { select(from: $0, request, into: &answer) }
      } else {
        // A copy of the handle: the table's closure and this object's scratch do not overlap.
        let table = table
        table.withScores(of: customer, scratch: scratch) {
          select(from: $0, request, into: &answer)
        }
      }
      return
    }
    if !newCustomerScores.isEmpty,
      let scores = newCustomerScores[String(decoding: request.userID, as: UTF8.self)]
    {
      answer.source = .model
      scores.withUnsafeBufferPointer { select(from: $0, request, into: &answer) }
      return
    }
    answer.source = .popularity
    popularityScores.withUnsafeBufferPointer { select(from: $0, request, into: &answer) }
  }

  private func select(
    from scores: UnsafeBufferPointer<Float>, _ request: borrowing RecommendRequestView,
    into answer: inout RankedItemsAnswer
  ) {
    var row = scores
    if request.excludedItemCount > 0 {
      if scratch.baseAddress != UnsafeMutablePointer(mutating: scores.baseAddress) {
        _ = scratch.update(fromContentsOf: scores)
      }
      for position in 0..<request.excludedItemCount {
        let identifier = request.excludedItemID(position)
        if let item = models.dataset.items.identifiers.index(of: identifier) {
          scratch[item] = -.infinity
        }
      }
      row = UnsafeBufferPointer(scratch)
    }
    let places = UnsafeMutableBufferPointer(
      rebasing: answer.itemIndexes[0..<min(request.count, row.count)])
    let count = TopK.select(row, into: places)
    for position in 0..<count { answer.scores[position] = row[Int(places[position])] }
    answer.count = count
  }

  /// Finds items similar to one; popular items where nothing is similar.
  ///
  /// - Returns: false when the item is not in the catalogue.
  func similarItems(
    to identifier: UnsafeRawBufferPointer, count: Int, into answer: inout RankedItemsAnswer
  ) -> Bool {
    guard let item = models.dataset.items.identifiers.index(of: identifier) else { return false }
    if let lists = models.similarity?.similar, !lists.range(of: item).isEmpty {
      answer.source = .model
      for position in lists.range(of: item).prefix(count) {
        answer.append(itemIndex: lists.neighbours[position], score: lists.weights[position])
      }
      return true
    }
    answer.source = .popularity
    for other in popularityRanking where Int(other) != item && answer.count < count {
      answer.append(itemIndex: other, score: popularityScores[Int(other)])
    }
    return true
  }
}
