public import InteractionData
internal import TensorFiles

extension EvaluationSplit {
  /// Holds out each customer's newest positive interaction; all items are ranked, those the
  /// customer had before are left out.
  ///
  /// - Parameter dataset: the dataset to split.
  /// - Returns: the split; every model must be trained on its ``training``.
  /// - Throws: ``EvaluationError/nobodyToEvaluate(reason:)``.
  public static func leaveLastOut(
    of dataset: Dataset
  ) throws(EvaluationError) -> EvaluationSplit {
    let (remaining, heldOut) = dataset.leavingLastOut()
    let positive = dataset.interactions.positiveEventTypes
    var relevant: [(customer: UInt32, items: [UInt32])] = []
    for (customer, item) in heldOut.enumerated() {
      guard let item else { continue }
      // An item the customer had before would be left out of the ranking: nothing to find.
      let seenBefore = remaining.interactions.rows(of: customer).contains {
        remaining.interactions.itemIndexes[$0] == item
          && positive[Int(remaining.interactions.eventTypes[$0])]
      }
      if !seenBefore { relevant.append((UInt32(customer), [item])) }
    }
    guard !relevant.isEmpty, let last = dataset.lastMonth else {
      throw .nobodyToEvaluate(reason: "no customer has two different items")
    }
    return EvaluationSplit(
      training: remaining, targetMonth: last, trainedThrough: nil, relevant: relevant)
  }
}
