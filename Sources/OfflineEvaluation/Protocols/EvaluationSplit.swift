public import InteractionData

/// A dataset split for evaluation: what may be seen, and what is to be found.
public struct EvaluationSplit: Sendable {
  /// What a model may be trained on and see of each customer.
  public let training: Dataset
  /// The month to predict.
  public let targetMonth: Month
  /// The customers to evaluate.
  public let customers: [UInt32]
  /// Where each evaluated customer's relevant items start. `[customers + 1]`
  public let relevantOffsets: [Int]
  /// The relevant items, grouped by customer.
  public let relevantItems: [UInt32]

  /// The last month a model may have seen to be evaluated on this split as it is; nil when every
  /// model must be trained on ``training``.
  public let trainedThrough: Month?

  /// The number of customers with something to find.
  public var adderCount: Int {
    (0..<customers.count).count { relevantOffsets[$0] < relevantOffsets[$0 + 1] }
  }

  init(
    training: Dataset, targetMonth: Month, trainedThrough: Month?,
    relevant: [(customer: UInt32, items: [UInt32])]
  ) {
    self.training = training
    self.targetMonth = targetMonth
    self.trainedThrough = trainedThrough
    customers = relevant.map(\.customer)
    var offsets = [0]
    for entry in relevant { offsets.append(offsets[offsets.count - 1] + entry.items.count) }
    relevantOffsets = offsets
    relevantItems = relevant.flatMap(\.items)
  }
}
