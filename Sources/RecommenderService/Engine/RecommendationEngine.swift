internal import InteractionData
internal import LinearAlgebra
internal import RecommenderModels
internal import RecommenderRPC

/// Answers from tables: finds the row of a customer or an item and picks the best of it.
///
/// Confined to the event loop that answers: no locks, and for customers of the dataset no
/// allocation. What a request looks at is not checked for overlapping access at run time either;
/// no method changes it while another reads.
final class RecommendationEngine {
  let models: ServingModels
  private let table: ScoreTable
  // Looked at for every request: reading them through `models` would copy what lies between.
  private let customers: IdentifierTable
  private let primaryScale: ScoreScale
  /// The weight of requests that name none, where it is the same for all.
  private let constantWeight: Float?
  private let liveScorer: LiveScorer
  @exclusivity(unchecked) private(set) var popularity: LivePopularity.Ranking
  private let scratch: UnsafeMutableBufferPointer<Float>
  // What was anticipated: read, so that it is near, and looked at by nobody.
  private var anticipated: UInt32 = 0
  /// Bit `i` is set when customer `i` has a state of its own in ``liveStates``.
  @exclusivity(unchecked) private var isLive: [UInt64]
  @exclusivity(unchecked) private var liveStates: [Int: LiveState] = [:]
  @exclusivity(unchecked) private var newCustomerStates: [String: LiveState] = [:]
  /// The lists of similar items that feedback changed, by item.
  private(set) var liveLists: [Int: SimilarItemList] = [:]
  /// The items put since the training that customers hold.
  @exclusivity(unchecked) private var heldAdded: [LivePersonalization.CustomerKey: [UInt32]] = [:]
  /// The catalogue that answers refer to.
  @exclusivity(unchecked) private(set) var catalogue: CatalogueSnapshot
  /// Nil where the model's scores only order items.
  let explorer: Explorer?

  init(
    models: ServingModels, liveScorer: LiveScorer, catalogue: CatalogueSnapshot,
    explorer: Explorer?
  ) {
    self.models = models
    self.catalogue = catalogue
    self.explorer = explorer
    self.liveScorer = liveScorer
    table = liveScorer.table
    customers = models.dataset.customers
    let weights = explorer?.weights
    constantWeight = weights?.experiment == nil ? weights?.server ?? 0 : nil
    primaryScale = models.primary.recommender.scoreScale
    let itemCount = models.dataset.items.count
    scratch = .allocate(capacity: itemCount)
    scratch.initialize(repeating: 0)
    isLive = [UInt64](repeating: 0, count: models.dataset.customers.count / 64 + 1)
    popularity = LivePopularity.Ranking(models)
  }

  deinit { scratch.deallocate() }

  /// Puts new lists of similar items in force.
  func publish(_ lists: [SimilarItemList]) {
    for list in lists { liveLists[list.item] = list }
  }

  /// Puts a new ranking of popular items in force.
  func publish(_ popularity: LivePopularity.Ranking) { self.popularity = popularity }

  /// Puts a grown catalogue in force.
  func publish(_ catalogue: CatalogueSnapshot) { self.catalogue = catalogue }

  /// Puts new scores, lists and beliefs in force.
  func publish(_ updates: LiveUpdates) {
    publish(updates.lists)
    if let policy = updates.policy { explorer?.publish(policy) }
    if let popularity = updates.popularity { publish(popularity) }
    for update in updates.customers {
      heldAdded[update.customer] = update.heldAdded.isEmpty ? nil : update.heldAdded
      switch update.customer {
      case .known(let index):
        isLive[index >> 6] |= 1 << UInt64(index & 63)
        liveStates[index] = update.state
      case .new(let identifier): newCustomerStates[identifier] = update.state
      }
    }
  }

  /// Brings the scores of customers near.
  ///
  /// A look at a table waits for memory. Here no look depends on the one before, so that the
  /// processor has many under way at once; the requests then find all of it in its caches.
  func anticipate(_ userIDs: UnsafeBufferPointer<UnsafeRawBufferPointer>) {
    withUnsafeTemporaryAllocation(of: Int.self, capacity: userIDs.count) { found in
      for (place, userID) in userIDs.enumerated() {
        found[place] = customers.index(of: userID) ?? -1
      }
      var near: UInt32 = 0
      for customer in found where customer >= 0 { near &+= table.touch(customer) }
      anticipated = near
    }
  }

  /// The place of the customer's arm; nil while no experiment runs.
  func arm(of request: borrowing RecommendRequestView) -> Int? {
    constantWeight == nil ? explorer?.weights.arm(of: request.userID) : nil
  }

  /// How much a request explores: what it says, or else what its arm or the server is set up to.
  func explorationWeight(of request: borrowing RecommendRequestView, arm: Int?) -> Float {
    request.explorationWeight ?? constantWeight ?? explorer?.weights.weight(ofArm: arm) ?? 0
  }

  /// What an answer's exploration depends on, beside what is known.
  private struct Draw {
    let number: RecommendationNumber
    let weight: Float
    /// Whether the customer's arm ranks by popularity, whatever the model.
    let isByPopularity: Bool
  }

  /// Why a request cannot be answered by the model at hand; nil when it can.
  func refusal(of request: borrowing RecommendRequestView) -> RPCError? {
    if request.softmaxScores && primaryScale == .ordinal {
      return RPCError(
        code: .failedPrecondition,
        message: "the scores of \(models.primary.version) are neither probabilities nor"
          + " logits: it has no softmax_scores")
    }
    if explorer == nil, (request.explorationWeight ?? 0) > 0 {
      return RPCError(
        code: .failedPrecondition,
        message: "the scores of \(models.primary.version) only order products: it does not"
          + " explore")
    }
    return nil
  }

  /// Recommends items for a customer.
  ///
  /// - Parameters:
  ///   - request: what is asked for.
  ///   - number: of the answer; what is drawn depends on it.
  ///   - weight: how much is explored.
  ///   - arm: the place of the customer's arm; nil while no experiment runs.
  ///   - answer: what to fill.
  func recommend(
    _ request: borrowing RecommendRequestView, number: RecommendationNumber, weight: Float,
    arm: Int?, into answer: inout RankedItemsAnswer
  ) {
    let isByPopularity = arm != nil && explorer?.weights.isByPopularity(arm: arm) == true
    selectFromModels(
      request, Draw(number: number, weight: weight, isByPopularity: isByPopularity),
      into: &answer)
    let answered = answer.source == .popularity ? catalogue.popularity : catalogue.primary
    if answer.catalogue !== answered { answer.catalogue = answered }
  }

  private func selectFromModels(
    _ request: borrowing RecommendRequestView, _ draw: Draw, into answer: inout RankedItemsAnswer
  ) {
    if let customer = customers.index(of: request.userID) {
      answer.source = .model
      let live = isLive[customer >> 6] >> UInt64(customer & 63) & 1 == 1
      if live, let state = liveStates[customer] {
        select(from: state, customer, request, draw, into: &answer)
      } else {
        table.withScores(of: customer, scratch: scratch) {
          select(from: $0, customer, request, draw, into: &answer)
        }
      }
      return
    }
    if !newCustomerStates.isEmpty,
      let state = newCustomerStates[String(decoding: request.userID, as: UTF8.self)]
    {
      answer.source = .model
      select(from: state, nil, request, draw, into: &answer)
      return
    }
    answer.source = .popularity
    popularity.scores.withUnsafeBufferPointer {
      select(from: $0, nil, request, draw, into: &answer)
    }
  }

  private func select(
    from state: LiveState, _ customer: Int?, _ request: borrowing RecommendRequestView,
    _ draw: Draw, into answer: inout RankedItemsAnswer
  ) {
    switch state {
    case .scores(let scores):
      scores.withUnsafeBufferPointer {
        select(from: $0, customer, request, draw, into: &answer)
      }
    case .customer(let live):
      liveScorer.score(live, into: scratch)
      select(from: UnsafeBufferPointer(scratch), customer, request, draw, into: &answer)
    }
  }

  private func select(
    from scores: UnsafeBufferPointer<Float>, _ customer: Int?,
    _ request: borrowing RecommendRequestView, _ draw: Draw, into answer: inout RankedItemsAnswer
  ) {
    var row = scores
    if draw.isByPopularity && answer.source == .model {
      // What may not be offered is what the customer's own scores leave out.
      for item in scores.indices {
        scratch[item] = scores[item] == -.infinity ? -.infinity : popularity.scores[item]
      }
      row = UnsafeBufferPointer(scratch)
      answer.source = .popularity
    }
    // Before anything is left out: what else was asked does not change an item's share.
    let shares =
      request.softmaxScores ? SoftmaxShares(row, scale: scale(of: answer.source)) : nil
    if request.excludedItemCount > 0 {
      if scratch.baseAddress != UnsafeMutablePointer(mutating: row.baseAddress) {
        _ = scratch.update(fromContentsOf: row)
      }
      for position in 0..<request.excludedItemCount {
        let identifier = request.excludedItemID(position)
        if let item = models.dataset.items.identifiers.index(of: identifier) {
          scratch[item] = -.infinity
        }
      }
      row = UnsafeBufferPointer(scratch)
    }
    answer.candidateCount = row.reduce(0) { $0 + ($1 > -.infinity ? 1 : 0) }
    if !explore(row, customer, request, draw, into: &answer) {
      let places = UnsafeMutableBufferPointer(
        rebasing: answer.itemIndexes[0..<min(request.count, row.count)])
      let count = TopK.select(row, into: places)
      for position in 0..<count { answer.scores[position] = row[Int(places[position])] }
      answer.count = count
    }
    if let shares {
      for position in 0..<answer.count {
        // The model knows nothing of what was put since its training.
        let item = Int(answer.itemIndexes[position])
        answer.softmaxScores[position] = item < row.count ? shares.share(of: row[item]) : 0
      }
      answer.hasSoftmaxScores = true
    }
  }

  /// Lets cold products into the answer; false when none may be offered.
  private func explore(
    _ scores: UnsafeBufferPointer<Float>, _ index: Int?,
    _ request: borrowing RecommendRequestView, _ draw: Draw, into answer: inout RankedItemsAnswer
  ) -> Bool {
    guard let explorer, explorer.hasProducts(weight: draw.weight) else { return false }
    var excluded: Set<Int> = []
    if !catalogue.added.isEmpty {
      for position in 0..<request.excludedItemCount {
        if let item = catalogue.index(of: request.excludedItemID(position)) {
          excluded.insert(item)
        }
      }
    }
    var customer = Explorer.Customer(index: index)
    if !heldAdded.isEmpty {
      let key =
        index.map { LivePersonalization.CustomerKey.known($0) }
        ?? .new(String(decoding: request.userID, as: UTF8.self))
      customer.heldAdded = heldAdded[key] ?? []
    }
    return explorer.fill(
      scores, customer, weight: draw.weight, count: request.count, number: draw.number,
      isExcluded: { excluded.contains($0) }, into: &answer)
  }

  private func scale(of source: RecommendationSource) -> ScoreScale {
    source == .popularity ? models.popularityRecommender.scoreScale : primaryScale
  }
}
