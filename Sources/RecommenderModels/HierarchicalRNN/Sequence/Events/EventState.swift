/// Where a customer's events have led a model without a panel: what it takes to predict the next
/// one, and to go on by one more without reading the others again.
///
/// Of each network it holds twice as many numbers as the layers have units; of all, the ten newest
/// items.
public struct EventState: Sendable, Equatable {
  /// Where one network's layers are.
  struct Layers: Sendable, Equatable {
    /// The session layer's state; empty before the first event. `[units]`
    var session: [Float] = []
    /// The user layer's state. `[units]`
    var user: [Float] = []
  }

  /// The row of the customer's attributes; nil for a customer the dataset does not know.
  let attributeIndex: Int?
  /// Of each network; empty before the first event.
  var networks: [Layers] = []
  /// The newest events' items, newest first.
  private(set) var recent: [UInt32] = []
  /// The newest event's time.
  private(set) var timestamp: Int64?

  /// The state of a customer without events.
  ///
  /// - Parameter attributeIndex: the row of the customer's attributes; nil for a customer the
  ///   dataset does not know.
  public init(attributeIndex: Int? = nil) { self.attributeIndex = attributeIndex }

  /// Notes the newest event.
  mutating func note(_ item: UInt32, _ timestamp: Int64) {
    self.timestamp = timestamp
    recent.insert(item, at: 0)
    if recent.count > TransitionMixture.recentLimit { recent.removeLast() }
  }
}
