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

  /// The attributes of customers.
  public let schema: ContextSchema
  /// How it explores.
  public let settings: ExplorationSettings
  private let seed: UInt64
  private var coldPlaces: [Int: Int] = [:]
  private var appeals: [AppealPosterior] = []
  private var detectors: [ChangeDetector] = []
  private let unseen: AppealPosterior
  private var established: EstablishedScores
  private var dismissalRate = DismissalRate()
  private var features: [Int] = []

  /// How much of a product's beliefs is forgotten when its customers have changed.
  private static let ownRelaxation = 0.9
  /// How much of the other products': what changed one may have changed them.
  private static let otherRelaxation = 0.5

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
    unseen = AppealPosterior(settings.prior, featureCount: schema.featureCount)
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
  /// slate until the policy learns.
  ///
  /// - Parameters:
  ///   - request: what ``validate(_:)`` accepts.
  ///   - recommendation: the number of this recommendation; draws depend on it and the seed alone.
  ///   - scratch: memory that is used again, one a thread.
  ///   - slate: emptied, then filled.
  public func decide(
    _ request: SlateRequest, recommendation: UInt64, scratch: inout SlateScratch,
    into slate: inout Slate
  ) {
    scratch.begin(request, schema: schema)
    for (item, score) in zip(request.candidates, request.scores) {
      if score.isNaN {
        let belief = appeal(of: item).logit(scratch.features)
        scratch.addCold(
          item, mean: belief.mean, deviation: belief.variance.squareRoot())
      } else {
        let (logit, deviation) = established.logit(item, score: score, scratch.features)
        scratch.addEstablished(item, logit: logit, deviation: deviation)
      }
    }
    slate.entries.removeAll(keepingCapacity: true)
    let last = min(request.slotCount, request.candidates.count) - 1
    guard last >= 0 else { return }
    scratch.selectEstablished(last + 1 + Self.establishedAlternatives)
    for _ in 0..<last { slate.entries.append(scratch.takeBest()) }
    var generator = SeededGenerator(seed: seed, stream: recommendation)
    slate.entries.append(
      scratch.takeExploring(settings, draw: generator.nextUnitDouble()))
  }

  /// Learns from what a customer did with a slate.
  ///
  /// - Parameters:
  ///   - slate: as it was decided.
  ///   - request: what it was decided on.
  ///   - responses: one a slot; slots without one are not learned from.
  public mutating func learn(_ slate: Slate, request: SlateRequest, responses: [Response]) {
    schema.activate(request.context, into: &features)
    for (item, score) in zip(request.candidates, request.scores) where !score.isNaN {
      established.observe(item, score: score, features)
    }
    for (slot, (entry, response)) in zip(slate.entries, responses).enumerated() {
      let examination = settings.examination(of: slot)
      dismissalRate.update(response, examination: examination)
      if entry.isCold {
        learn(entry.item, response, examination: examination)
      } else {
        established.update(
          entry, response: response, examination: examination, dismissal: dismissalRate.share)
      }
    }
  }

  private mutating func learn(_ item: Int, _ response: Response, examination: Double) {
    guard let place = coldPlace(of: item) else { return }
    let belief = appeals[place].logit(features)
    if detectors[place].observe(response, logit: belief, examination: examination) {
      for other in appeals.indices {
        let share = other == place ? Self.ownRelaxation : Self.otherRelaxation
        appeals[other].relax(share, towards: settings.prior)
        detectors[other] = ChangeDetector()
      }
    }
    appeals[place].update(
      features, response: response, examination: examination, dismissal: dismissalRate.share)
  }

  private func appeal(of item: Int) -> AppealPosterior {
    guard let place = coldPlaces[item] else { return unseen }
    return appeals[place]
  }

  private mutating func coldPlace(of item: Int) -> Int? {
    if let place = coldPlaces[item] { return place }
    guard appeals.count < Self.coldItemLimit else { return nil }
    coldPlaces[item] = appeals.count
    appeals.append(unseen)
    detectors.append(ChangeDetector())
    return appeals.count - 1
  }
}
