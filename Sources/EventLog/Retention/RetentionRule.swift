/// Which events a compaction removes.
///
/// An event goes when it is older than the cut and no model needs it. Needed are acceptances and
/// drops that the dataset does not tell of: a restarted server replays them to know what customers
/// hold. What exploration has learnt rests on the showings that are kept: choose a cut that is far
/// behind the age at which a product stops being cold.
///
/// An identifier is remembered as long as its event: one that is sent again after its event was
/// removed is appended anew, like any late event.
public struct RetentionRule: Sendable, Equatable {
  /// Events of before this time may go, in milliseconds since 1970.
  public var cutMilliseconds: Int64
  /// The end of what the dataset tells of, in milliseconds since 1970: acceptances and drops of
  /// after it stay, however old.
  public var datasetEndMilliseconds: Int64

  /// Makes a rule.
  public init(cutMilliseconds: Int64, datasetEndMilliseconds: Int64) {
    self.cutMilliseconds = cutMilliseconds
    self.datasetEndMilliseconds = datasetEndMilliseconds
  }

  /// Whether an event goes.
  public func removes(_ event: Event) -> Bool {
    guard event.timeMilliseconds < cutMilliseconds else { return false }
    switch event.kind {
    case .accepted, .dropped: return event.timeMilliseconds <= datasetEndMilliseconds
    case .shown, .clicked, .dismissed: return true
    }
  }
}
