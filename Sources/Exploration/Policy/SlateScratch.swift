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
  /// The table: each cold product has the probability of being the best of the slot, scaled so that
  /// all together have at most the exploration weight; what is believed best has the rest. A floor,
  /// spread evenly, is mixed in for all alternatives, some established ones among them.
  ///
  /// - Parameters:
  ///   - settings: how to explore.
  ///   - draw: a number in [0, 1).
  /// - Returns: the product, with its propensity, and whether it is not what is believed best.
  mutating func takeExploring(
    _ settings: ExplorationSettings, draw: Double
  ) -> (entry: Slate.Entry, isExploring: Bool) {
    let incumbentCold = bestCold.flatMap { place in
      nextEstablished == established.count
        || cold[place].logit > established[nextEstablished].logit ? place : nil
    }
    let firstSpare = nextEstablished + (incumbentCold == nil ? 1 : 0)
    let spareCount = min(
      SlatePolicy.establishedAlternatives, max(0, established.count - firstSpare))
    let alternativeCount = cold.count - (incumbentCold == nil ? 0 : 1) + spareCount
    guard settings.explorationWeight > 0, alternativeCount > 0 else {
      return (takeBest(), false)
    }
    fillProbabilities(settings, incumbentCold)
    let even = settings.floor / Double(alternativeCount)
    var cumulative = 0.0
    for place in cold.indices where place != incumbentCold {
      let propensity = (1 - settings.floor) * probabilities[place] + even
      cumulative += propensity
      if draw < cumulative { return (Self.with(propensity, takeCold(place)), true) }
    }
    for place in firstSpare..<firstSpare + spareCount {
      cumulative += even
      if draw < cumulative { return (Self.with(even, established[place]), true) }
    }
    return (Self.with(1 - cumulative, takeBest()), false)
  }

  /// The probability of each cold product to be the best of the last slot, capped; 0 for the one
  /// that is believed to be.
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
    let total = probabilities.reduce(0, +)
    if total > settings.explorationWeight {
      for place in probabilities.indices {
        probabilities[place] *= settings.explorationWeight / total
      }
    }
  }

  private static func with(_ propensity: Double, _ entry: Slate.Entry) -> Slate.Entry {
    var entry = entry
    entry.propensity = propensity
    return entry
  }
}
