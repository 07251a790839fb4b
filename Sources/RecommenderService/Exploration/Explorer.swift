internal import EventLog
internal import Exploration
internal import LinearAlgebra
internal import RecommenderModels
internal import RecommenderRPC

/// Chooses the slates of answers that cold products may stand in.
///
/// Confined to the event loop that answers. When there is no such product the engine never comes
/// here, but for one look at ``hasProducts(weight:)``.
final class Explorer {
  /// Who asks.
  struct Customer {
    /// The index in the dataset; nil for one it does not know.
    var index: Int?
    /// The products put since the training that the customer holds.
    var heldAdded: [UInt32] = []
  }

  /// What one answer after another is decided in.
  private struct Memory {
    var request = SlateRequest(context: [], candidates: [], scores: [], slotCount: 1)
    var slate = Slate()
    var scratch = SlateScratch()
  }

  /// A policy as it is until something is learned: to decide by it copies nothing of it.
  private final class PolicyInForce {
    let policy: SlatePolicy

    init(_ policy: SlatePolicy) { self.policy = policy }
  }

  /// The weights of requests that name none.
  let weights: ExplorationWeights
  private let contexts: CustomerContexts
  private let datasetCount: Int
  private let tag: UInt32
  private var inForce: PolicyInForce
  private let initialCount: Int
  private var introductions: [LiveExploration.Introduction] = []
  /// Products that are tried, and those that have graduated; of the dataset or put since.
  private var exploring: [Int] = []
  private var graduated: [Int] = []
  private var isExploring: [Bool] = []
  private var isGraduated: [Bool] = []
  private var candidates: EstablishedCandidates
  /// Nil while ``fill`` has it.
  private var memory: Memory? = Memory()
  private var pending = PendingSlates()
  private let choices: UnsafeMutableBufferPointer<AnsweredChoice>
  private var choiceCount = 0

  /// What the last slot of the latest answer with propensities was drawn from, for its record;
  /// valid until the next.
  var menu: UnsafeBufferPointer<AnsweredChoice> {
    UnsafeBufferPointer(rebasing: choices[..<choiceCount])
  }

  init(
    policy: SlatePolicy, weights: ExplorationWeights, contexts: CustomerContexts,
    datasetCount: Int, tag: UInt32
  ) {
    inForce = PolicyInForce(policy)
    initialCount = policy.coldCount
    self.weights = weights
    self.contexts = contexts
    self.datasetCount = datasetCount
    self.tag = tag
    candidates = EstablishedCandidates(itemCount: datasetCount)
    choices = .allocate(capacity: SlatePolicy.menuLimit)
    choices.initialize(repeating: AnsweredChoice())
    listProducts()
  }

  deinit { choices.deallocate() }

  /// Puts a policy that has learned in force.
  func publish(_ policy: SlatePolicy) {
    inForce = PolicyInForce(policy)
    // It may have been made before the newest products were put.
    if policy.coldCount < initialCount + introductions.count { introductions.forEach(introduce) }
    listProducts()
  }

  /// Makes products that were put explorable.
  func publish(_ products: [LiveExploration.Introduction]) {
    introductions += products
    products.forEach(introduce)
    listProducts()
  }

  private func introduce(_ product: LiveExploration.Introduction) {
    var policy = inForce.policy
    policy.introduce(
      product.item, prior: product.prior, createdMilliseconds: product.createdMilliseconds)
    inForce = PolicyInForce(policy)
  }

  private func listProducts() {
    exploring.removeAll(keepingCapacity: true)
    graduated.removeAll(keepingCapacity: true)
    let products = inForce.policy.coldProducts
    for (item, progress) in products {
      switch progress.state {
      case .exploring: exploring.append(item)
      case .graduated: graduated.append(item)
      case .givenUp: break
      }
    }
    let count = max(datasetCount, (products.map { $0.item + 1 }.max() ?? 0))
    isExploring = [Bool](repeating: false, count: count)
    isGraduated = [Bool](repeating: false, count: count)
    for item in exploring { isExploring[item] = true }
    for item in graduated { isGraduated[item] = true }
  }

  /// Every cold product that is learned about, for Describe.
  var coldItems: [ColdItemDescription] {
    inForce.policy.coldProducts.map { item, progress in
      ColdItemDescription(
        itemIndex: UInt32(item), state: ColdItemState(progress.state),
        showings: UInt64(progress.showings), acceptances: UInt64(progress.acceptances),
        acceptance: progress.showings == 0
          ? 0 : Float(ScoreLogits.probability(progress.logit)))
    }
  }

  /// Whether a request of this weight may get other products than the model's.
  func hasProducts(weight: Float) -> Bool {
    !graduated.isEmpty || (weight > 0 && !exploring.isEmpty)
  }

  /// Fills an answer with a slate.
  ///
  /// - Parameters:
  ///   - scores: the model's, minus infinity where an item may not be offered. `[dataset items]`
  ///   - customer: who asks.
  ///   - weight: how much is explored.
  ///   - count: the number of slots.
  ///   - number: of the recommendation.
  ///   - isExcluded: whether the request leaves a product out that was put since.
  ///   - answer: what to fill.
  /// - Returns: false when no cold product may be offered; then nothing was done.
  func fill(
    _ scores: UnsafeBufferPointer<Float>, _ customer: Customer, weight: Float, count: Int,
    number: RecommendationNumber, isExcluded: (Int) -> Bool,
    into answer: inout RankedItemsAnswer
  ) -> Bool {
    // Taken out of the object while it is worked with: what is in an object is checked for overlapping
    // access at every touch.
    guard var memory = memory.take() else { preconditionFailure("one answer is decided at a time") }
    defer { self.memory = memory }
    memory.request.candidates.removeAll(keepingCapacity: true)
    memory.request.scores.removeAll(keepingCapacity: true)
    if weight > 0 { addCold(exploring, scores, customer, isExcluded, to: &memory.request) }
    // Without a product to try nothing is drawn, not even among the established ones.
    let isDrawn = !memory.request.candidates.isEmpty
    addCold(graduated, scores, customer, isExcluded, to: &memory.request)
    if memory.request.candidates.isEmpty { return false }
    addEstablished(scores, weight: weight, count: count, to: &memory.request)
    contexts.fill(customer.index, into: &memory.request.context)
    memory.request.slotCount = count
    inForce.policy.decide(
      memory.request, recommendation: number.draw,
      explorationWeight: isDrawn ? Double(weight) : 0, scratch: &memory.scratch,
      into: &memory.slate)
    write(memory.slate, scores, into: &answer, isDrawn: isDrawn)
    pending.remember(number.count) { bytes in
      SlateRecord.write(memory.request, memory.slate, tag: tag, into: &bytes)
    }
    return true
  }

  private func addCold(
    _ items: [Int], _ scores: UnsafeBufferPointer<Float>, _ customer: Customer,
    _ isExcluded: (Int) -> Bool, to request: inout SlateRequest
  ) {
    for item in items {
      if item < datasetCount {
        if scores[item] == -.infinity { continue }
      } else if customer.heldAdded.contains(UInt32(item)) || isExcluded(item) {
        continue
      }
      request.candidates.append(item)
      request.scores.append(.nan)
    }
  }

  private func addEstablished(
    _ scores: UnsafeBufferPointer<Float>, weight: Float, count: Int,
    to request: inout SlateRequest
  ) {
    let (isGraduated, isExploring) = (isGraduated, isExploring)
    for index in candidates.select(scores, count: count) {
      let item = Int(index)
      if isGraduated[item] || (weight > 0 && isExploring[item]) { continue }
      request.candidates.append(item)
      request.scores.append(Double(ScoreLogits.logit(scores[item])))
    }
  }

  private func write(
    _ slate: Slate, _ scores: UnsafeBufferPointer<Float>, into answer: inout RankedItemsAnswer,
    isDrawn: Bool
  ) {
    for (place, entry) in slate.entries.enumerated() {
      answer.itemIndexes[place] = UInt32(entry.item)
      answer.scores[place] =
        entry.isCold ? Float(ScoreLogits.probability(entry.logit)) : scores[entry.item]
      answer.propensities[place] = Float(entry.propensity)
    }
    choiceCount = slate.menu.count
    for (place, choice) in slate.menu.enumerated() {
      choices[place] = AnsweredChoice(
        itemIndex: UInt32(choice.item), propensity: Float(choice.propensity),
        matchingProbability: choice.matchingProbability.map { Float($0) } ?? .nan,
        score: choice.isCold
          ? Float(ScoreLogits.probability(choice.logit)) : scores[choice.item])
    }
    answer.count = slate.entries.count
    answer.hasPropensities = isDrawn
    answer.explored = slate.isExploring
  }

  // MARK: Slates of answers

  /// The slate of an answer, to be logged with an event of it; nil when it is gone or was taken.
  func takeSlate(_ number: UInt64) -> [UInt8]? { pending.take(number) }

  /// Takes over the slates of answers that another explorer gave.
  ///
  /// They say what catalogue they speak of; where that has changed, nothing is learned of them.
  func inherit(from other: Explorer) { pending = other.pending }

  /// Lets a slate be taken again: the event it went with was not logged.
  func putBackSlate(_ number: UInt64) { pending.putBack(number) }
}

extension ColdItemState {
  /// The state under its number on the wire.
  init(_ state: ColdState) {
    switch state {
    case .exploring: self = .exploring
    case .graduated: self = .graduated
    case .givenUp: self = .givenUp
    }
  }
}
