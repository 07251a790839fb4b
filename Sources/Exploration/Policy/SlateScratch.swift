/// The memory of one decision, used again by the next.
public struct SlateScratch: Sendable {
  private(set) var features: [Int] = []
  private var established: [Slate.Entry] = []
  private var nextEstablished = 0
  private var cold: [Slate.Entry] = []
  private var means: [Double] = []
  private var deviations: [Double] = []
  private var probabilities: [Double] = []
  private var matching = ProbabilityMatching()

  /// Makes empty memory.
  public init() {}

  mutating func begin(_ request: SlateRequest, schema: ContextSchema) {
    schema.activate(request.context, into: &features)
    established.removeAll(keepingCapacity: true)
    nextEstablished = 0
    cold.removeAll(keepingCapacity: true)
    deviations.removeAll(keepingCapacity: true)
  }

  mutating func addEstablished(_ item: Int, logit: Double, deviation: Double) {
    established.append(
      Slate.Entry(
        item: item, propensity: 1, logit: logit, isCold: false, deviation: deviation))
  }

  /// Adds a product that is known well enough not to be tried any more.
  mutating func addGraduated(_ item: Int, mean: Double) {
    established.append(
      Slate.Entry(item: item, propensity: 1, logit: mean, isCold: true, deviation: 0))
  }

  mutating func addCold(_ item: Int, mean: Double, deviation: Double) {
    cold.append(
      Slate.Entry(item: item, propensity: 1, logit: mean, isCold: true, deviation: 0))
    deviations.append(deviation)
  }

  /// The number of products to choose from.
  var count: Int { established.count + cold.count }

  /// Brings the best established products to the front, best first; the earlier candidate first
  /// among equals.
  mutating func selectEstablished(_ count: Int) {
    for place in 0..<min(count, established.count) {
      var best = place
      for other in (place + 1)..<max(established.count, place + 1)
      where established[other].logit > established[best].logit {
        best = other
      }
      // Moved, not swapped: the others keep their order.
      if best != place { established.insert(established.remove(at: best), at: place) }
    }
  }

  /// The log-odds of what is believed best of what is left; nil when nothing is.
  var bestLogit: Double? {
    let known = nextEstablished < established.count ? established[nextEstablished].logit : nil
    guard let place = bestCold else { return known }
    return max(cold[place].logit, known ?? -.infinity)
  }

  private var bestCold: Int? { cold.indices.max { cold[$0].logit < cold[$1].logit } }

  /// Takes what is believed best out of what is left: a cold product only when it is believed
  /// better than the best established one.
  mutating func takeBest() -> Slate.Entry {
    if let place = bestCold,
      nextEstablished == established.count
        || cold[place].logit > established[nextEstablished].logit
    {
      return takeCold(place)
    }
    nextEstablished += 1
    return established[nextEstablished - 1]
  }

  private mutating func takeCold(_ place: Int) -> Slate.Entry {
    deviations.remove(at: place)
    return cold.remove(at: place)
  }

  /// Takes a product for the last slot.
  ///
  /// The table is made first, in ``Slate/menu``: each cold product has the probability of being the
  /// best of the slot, cut and mixed as ``MenuProbabilities`` tells; what is believed best has the
  /// rest.
  ///
  /// - Parameters:
  ///   - settings: how to explore.
  ///   - draw: a number in [0, 1).
  ///   - menu: filled with the table, what is believed best first; empty where nothing is drawn.
  /// - Returns: the product, with its propensity, and whether it is not what is believed best.
  mutating func takeExploring(
    _ settings: ExplorationSettings, draw: Double, menu: inout [Slate.Choice]
  ) -> (entry: Slate.Entry, isExploring: Bool) {
    let incumbentCold = bestCold.flatMap { place in
      nextEstablished == established.count
        || cold[place].logit > established[nextEstablished].logit ? place : nil
    }
    let firstSpare = nextEstablished + (incumbentCold == nil ? 1 : 0)
    let spares = established[firstSpare...].prefix(SlatePolicy.establishedAlternatives).indices
    let alternativeCount = cold.count - (incumbentCold == nil ? 0 : 1) + spares.count
    guard settings.explorationWeight > 0, alternativeCount > 0 else {
      return (takeBest(), false)
    }
    fillProbabilities(settings, incumbentCold)
    let table = MenuProbabilities(
      weight: settings.explorationWeight, alternativeCount: alternativeCount,
      matchingTotal: probabilities.reduce(0, +))
    menu.append(Slate.Choice(incumbentCold.map { cold[$0] } ?? established[nextEstablished]))
    var cumulative = 0.0
    var drawn: Slate.Entry?
    func add(_ entry: Slate.Entry, matching: Double) {
      let propensity = table.propensity(matching: matching)
      menu.append(Slate.Choice(Self.with(propensity, entry), matching: matching))
      cumulative += propensity
      if drawn == nil && draw < cumulative { drawn = Self.with(propensity, entry) }
    }
    for place in cold.indices where place != incumbentCold {
      add(cold[place], matching: probabilities[place])
    }
    for place in spares { add(established[place], matching: 0) }
    // At weight 1 nothing may be left, and rounding takes a little more.
    menu[0].propensity = max(0, 1 - cumulative)
    if let drawn { return (drawn, true) }
    return (Self.with(1 - cumulative, takeBest()), false)
  }

  /// The probability of each cold product to be the best of the last slot; 0 for the one that is
  /// believed to be.
  private mutating func fillProbabilities(
    _ settings: ExplorationSettings, _ incumbentCold: Int?
  ) {
    means.removeAll(keepingCapacity: true)
    for place in cold.indices {
      means.append(cold[place].logit)
      deviations[place] *= settings.deviationScale
    }
    // With no established product left there is nothing to beat but one another.
    let threshold =
      nextEstablished < established.count
      ? established[nextEstablished].logit : -Double.greatestFiniteMagnitude
    matching.fill(
      means: means, deviations: deviations, threshold: threshold, into: &probabilities)
    if let incumbentCold { probabilities[incumbentCold] = 0 }
  }

  private static func with(_ propensity: Double, _ entry: Slate.Entry) -> Slate.Entry {
    var entry = entry
    entry.propensity = propensity
    return entry
  }
}
