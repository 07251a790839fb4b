/// Where a customer's events have led a network without a panel: what it takes to predict the next
/// one, and to go on by one more without reading the others again.
///
/// It holds twice as many numbers as the layers have units, and the ten newest items.
public struct EventState: Sendable, Equatable {
  /// The session layer's state; empty before the first event. `[units]`
  var session: [Float] = []
  /// The user layer's state. `[units]`
  var user: [Float] = []
  /// The newest events' items, newest first.
  var recent: [UInt32] = []
  /// The newest event's time.
  var timestamp: Int64?

  /// The state of a customer without events.
  public init() {}
}
