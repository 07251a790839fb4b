extension SlatePolicy {
  /// All that a policy has learned, to be kept and taken up again by a policy of the same schema and
  /// settings.
  public struct Learned: Sendable, Codable {
    let cold: ColdProducts
    let established: EstablishedScores
    let dismissalRate: DismissalRate
  }

  /// What it has learned so far. Setting it forgets everything else that was learned.
  public var learned: Learned {
    get { Learned(cold: cold, established: established, dismissalRate: dismissalRate) }
    set {
      cold = newValue.cold
      established = newValue.established
      dismissalRate = newValue.dismissalRate
    }
  }
}
