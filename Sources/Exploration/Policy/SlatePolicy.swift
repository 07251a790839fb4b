internal import InteractionData

/// Chooses slates that mix established products with cold ones, tells the exact probability of each
/// choice, and learns from the responses.
///
/// All slots but the last show what is believed best. In the last slot, where attention is worth
/// least and an observation costs least, products that may be better than what would stand there are
/// tried: with the probability that each is the best by what is believed of it, up to
/// ``ExplorationSettings/explorationWeight``. The choice is drawn from a table made first, and the
/// table's entry is what is logged, so propensities are exact.
public struct SlatePolicy: Sendable {
  /// The most cold products that are learned about; further ones keep their prior.
  public static let coldItemLimit = 1024
  /// Established products, beyond the one that would stand in the last slot, that keep a chance
  /// there: an evaluation of another order of them from the log needs it.
  static let establishedAlternatives = 2
  /// The most products that the last slot is drawn from.
  public static let menuLimit = 1 + coldItemLimit + establishedAlternatives

  /// The attributes of customers.
  public let schema: ContextSchema
  /// How it explores.
  public let settings: ExplorationSettings
  private let seed: UInt64
  var cold: ColdProducts
  var established: EstablishedScores
  var dismissalRate = DismissalRate()
  private var features: [Int] = []

  /// Makes a policy that knows nothing yet.
  ///
  /// - Parameters:
  ///   - schema: the attributes of customers.
  ///   - settings: how it explores.
  ///   - seed: what its draws come from, together with each recommendation's number.
  /// - Throws: ``ExplorationError/invalidSetting(name:value:expected:)``.
  public init(
    schema: ContextSchema, settings: ExplorationSettings, seed: UInt64
  ) throws(ExplorationError) {
    try settings.validate()
    self.schema = schema
    self.settings = settings
    self.seed = seed
    cold = ColdProducts(
      prior: settings.prior, featureCount: schema.featureCount, rule: settings.graduation,
      limit: Self.coldItemLimit)
    established = EstablishedScores(featureCount: schema.featureCount)
  }

  /// Checks a request before it is decided on.
  ///
  /// - Throws: ``ExplorationError/invalidRequest(_:)``.
  public func validate(_ request: SlateRequest) throws(ExplorationError) {
    guard schema.accepts(request.context) else {
      throw .invalidRequest(
        "a context of \(request.context); it must be one of \(schema.valueCounts) values each")
    }
    guard request.candidates.count == request.scores.count else {
      throw .invalidRequest(
        "\(request.scores.count) scores for \(request.candidates.count) candidates")
    }
    guard request.candidates.count <= SlateRequest.candidateLimit else {
      throw .invalidRequest(
        "\(request.candidates.count) candidates; at most \(SlateRequest.candidateLimit)")
    }
    guard (1...SlateRequest.slotLimit).contains(request.slotCount) else {
      throw .invalidRequest("\(request.slotCount) slots; 1 to \(SlateRequest.slotLimit)")
    }
    guard !request.scores.contains(where: \.isInfinite) else {
      throw .invalidRequest("an infinite score; scores are log-odds, NaN for a cold product")
    }
    guard Set(request.candidates).count == request.candidates.count else {
      throw .invalidRequest("a candidate is listed twice")
    }
  }

  /// Chooses a slate. Changes nothing: the same request and recommendation number give the same
  /// slate until the policy learns. What was given up is not shown.
  ///
  /// - Parameters:
  ///   - request: what ``validate(_:)`` accepts.
  ///   - recommendation: the number of this recommendation; draws depend on it and the seed alone.
  ///   - explorationWeight: in place of ``ExplorationSettings/explorationWeight``, 0...1.
  ///   - scratch: memory that is used again, one a thread.
  ///   - slate: emptied, then filled.
  public func decide(
    _ request: SlateRequest, recommendation: UInt64, explorationWeight: Double? = nil,
    scratch: inout SlateScratch, into slate: inout Slate
  ) {
    scratch.begin(request, schema: schema)
    for (item, score) in zip(request.candidates, request.scores) {
      if score.isNaN {
        addCold(item, to: &scratch)
      } else {
        let (logit, deviation) = established.logit(item, score: score, scratch.features)
        scratch.addEstablished(item, logit: logit, deviation: deviation)
      }
    }
    slate.entries.removeAll(keepingCapacity: true)
    slate.menu.removeAll(keepingCapacity: true)
    slate.isExploring = false
    slate.rivalLogit = nil
    let last = min(request.slotCount, scratch.count) - 1
    guard last >= 0 else { return }
    scratch.selectEstablished(last + 1 + Self.establishedAlternatives)
    for _ in 0..<last { slate.entries.append(scratch.takeBest()) }
    var generator = SeededGenerator(seed: seed, stream: recommendation)
    let best = scratch.bestLogit
    let (entry, isExploring) = scratch.takeExploring(
      settings.with(explorationWeight: explorationWeight), draw: generator.nextUnitDouble(),
      menu: &slate.menu)
    slate.entries.append(entry)
    slate.isExploring = isExploring
    slate.rivalLogit = isExploring ? best : nil
  }

  private func addCold(_ item: Int, to scratch: inout SlateScratch) {
    let belief = cold.appeal(of: item).logit(scratch.features)
    switch cold.state(of: item) {
    case .exploring:
      scratch.addCold(item, mean: belief.mean, deviation: belief.variance.squareRoot())
    case .graduated: scratch.addGraduated(item, mean: belief.mean)
    case .givenUp: break
    }
  }

  /// Learns from what a customer did with a slate.
  ///
  /// - Parameters:
  ///   - slate: as it was decided.
  ///   - request: what it was decided on.
  ///   - responses: one a slot; slots without one are not learned from.
  public mutating func learn(_ slate: Slate, request: SlateRequest, responses: [Response]) {
    observe(request)
    for (slot, response) in zip(slate.entries.indices, responses) {
      _ = learn(
        slate.entries, slot: slot, rivalLogit: slate.rivalLogit, context: request.context,
        response: response)
    }
  }

  /// Learns how the model's scores depend on the customer, from the scores alone.
  ///
  /// - Parameter request: scores of established products for a customer.
  public mutating func observe(_ request: SlateRequest) {
    schema.activate(request.context, into: &features)
    for (item, score) in zip(request.candidates, request.scores) where !score.isNaN {
      established.observe(item, score: score, features)
    }
  }

  /// Learns from what a customer did with one slot of a slate.
  ///
  /// - Parameters:
  ///   - entries: the slate as it was decided.
  ///   - slot: the slot, from 0.
  ///   - rivalLogit: see ``Slate/rivalLogit``.
  ///   - context: the customer.
  ///   - response: what the customer did.
  ///   - now: when, in milliseconds since 1970; for the age of products.
  /// - Returns: the product, when it has come into or left the buffer by it.
  public mutating func learn(
    _ entries: [Slate.Entry], slot: Int, rivalLogit: Double?, context: [UInt8],
    response: Response, atMilliseconds now: Int64 = 0
  ) -> ColdTransition? {
    schema.activate(context, into: &features)
    let entry = entries[slot]
    let examination = settings.examination(of: slot)
    dismissalRate.update(response, examination: examination)
    guard entry.isCold else {
      established.update(
        entry, response: response, examination: examination, dismissal: dismissalRate.share)
      return nil
    }
    let rival = slot == entries.count - 1 ? rivalLogit : nil
    return cold.learn(
      entry.item, (response, rival), features: features, examination: examination,
      dismissal: dismissalRate.share, atMilliseconds: ClockRange.clamped(now))
  }

  // MARK: Cold products

  /// The number of cold products that are learned about.
  public var coldCount: Int { cold.count }

  /// Every cold product that is learned about, in the order they came.
  public var coldProducts: [(item: Int, progress: ColdProgress)] { cold.all }

  /// Where a cold product stands.
  public func state(of item: Int) -> ColdState { cold.state(of: item) }

  /// Tells of a cold product before it is shown; one that is known already stays as it is.
  ///
  /// - Parameters:
  ///   - item: the product.
  ///   - prior: what is believed of it.
  ///   - createdMilliseconds: when it came into the catalogue, in milliseconds since 1970.
  public mutating func introduce(_ item: Int, prior: AppealPrior, createdMilliseconds: Int64) {
    cold.introduce(
      item, prior: prior, createdMilliseconds: ClockRange.clamped(createdMilliseconds))
  }

  /// Puts products that were given up long ago into the buffer again.
  ///
  /// - Parameter now: the time, in milliseconds since 1970.
  /// - Returns: those products.
  public mutating func wake(atMilliseconds now: Int64) -> [ColdTransition] {
    cold.wake(atMilliseconds: ClockRange.clamped(now))
  }

  /// The log-odds of acceptance that are believed of a cold product.
  public func logit(ofCold item: Int, context: [UInt8]) -> (mean: Double, variance: Double) {
    var features: [Int] = []
    schema.activate(context, into: &features)
    return cold.appeal(of: item).logit(features)
  }
}
