extension SlatePolicy {
  /// All that a policy has learned, to be kept and taken up again by a policy of the same schema and
  /// settings.
  public struct Learned: Sendable, Codable {
    let cold: ColdProducts
    let established: EstablishedScores
    let dismissalRate: DismissalRate
  }

  /// What it has learned so far.
  public var learned: Learned {
    Learned(cold: cold, established: established, dismissalRate: dismissalRate)
  }

  /// Takes up what was learned; everything else that was learned is forgotten.
  ///
  /// - Parameters:
  ///   - learned: of a policy of the same schema and settings.
  ///   - itemCount: the size of the catalogue.
  /// - Throws: ``ExplorationError/unusableBeliefs`` when it is of another schema, speaks of products
  ///   past the catalogue, or does not hold together.
  public mutating func takeUp(_ learned: Learned, itemCount: Int) throws(ExplorationError) {
    guard
      learned.cold.holdsTogether(
        featureCount: schema.featureCount, itemCount: itemCount, limit: Self.coldItemLimit),
      learned.established.holdsTogether(
        featureCount: schema.featureCount, itemCount: itemCount),
      (0...1).contains(learned.dismissalRate.share)
    else { throw .unusableBeliefs }
    cold = learned.cold
    established = learned.established
    dismissalRate = learned.dismissalRate
  }
}
