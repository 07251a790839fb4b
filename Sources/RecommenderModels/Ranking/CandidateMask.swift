public import InteractionData

/// The rule of what may be recommended at all: nothing the customer holds.
///
/// On a panel that is what the last row holds, so an item that was given up may be offered again.
/// Without a panel it is every item of a positive interaction.
public enum CandidateMask {
  /// Sets the scores of items that may not be recommended to minus infinity.
  ///
  /// - Parameters:
  ///   - scores: the scores of one customer. `[items]`
  ///   - history: the customer.
  ///   - hasPanel: whether the dataset has a panel.
  ///   - positiveEventTypes: for each event type code, whether it speaks for the item.
  public static func apply(
    to scores: UnsafeMutableBufferPointer<Float>, history: CustomerHistory, hasPanel: Bool,
    positiveEventTypes: [Bool]
  ) {
    if hasPanel {
      apply(to: scores, held: history.currentHoldings)
      return
    }
    for position in 0..<history.itemIndexes.count
    where positiveEventTypes[Int(history.eventTypes[position])] {
      scores[Int(history.itemIndexes[position])] = -.infinity
    }
  }

  /// Sets the scores of held items to minus infinity.
  ///
  /// - Parameters:
  ///   - scores: the scores of one customer. `[items]`
  ///   - held: bit `i` is set when item `i` is held.
  public static func apply(to scores: UnsafeMutableBufferPointer<Float>, held: UInt64) {
    var held = held
    while held != 0 {
      scores[held.trailingZeroBitCount] = -.infinity
      held &= held - 1
    }
  }
}
