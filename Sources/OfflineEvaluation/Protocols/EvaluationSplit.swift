public import InteractionData

/// A dataset split for evaluation: what may be learned from, what is seen, what is to be found.
public struct EvaluationSplit: Sendable {
  /// Which models may be measured on a split without a twin.
  public enum Eligibility: Sendable, Equatable {
    /// Models that have seen nothing after this month.
    case trainedThrough(Month)
    /// Models trained on the dataset as it stands: what is held out was never in it.
    case wholeDataset
    /// None: every model must be trained on ``EvaluationSplit/training``.
    case twinsOnly
  }

  /// What tells this split from every other of the same dataset; names its twins.
  public let name: String
  /// What a model may be trained on.
  public let training: Dataset
  /// What a model sees of the customers it ranks for; ``customers`` are indexes of it.
  public let visible: Dataset
  /// The month to predict.
  public let targetMonth: Month
  /// Which models need no twin.
  public let eligibility: Eligibility
  /// Whether items a customer already has are left out of the ranking.
  public let leavesOutSeenItems: Bool
  /// The customers to evaluate.
  public let customers: [UInt32]
  /// Where each evaluated customer's relevant items start. `[customers + 1]`
  public let relevantOffsets: [Int]
  /// The relevant items, grouped by customer, none twice for a customer.
  public let relevantItems: [UInt32]
  /// The items to rank, one list for each evaluated customer; nil ranks the whole catalogue.
  public let candidates: [[UInt32]]?
  /// The customers left out, and why.
  public let exclusions: [Exclusion]

  /// The last month a model may have seen to be evaluated on this split as it is; nil where the
  /// month does not decide it.
  public var trainedThrough: Month? {
    if case .trainedThrough(let month) = eligibility { month } else { nil }
  }

  /// The number of customers with something to find.
  public var adderCount: Int {
    (0..<customers.count).count { relevantOffsets[$0] < relevantOffsets[$0 + 1] }
  }

  init(
    name: String, training: Dataset, visible: Dataset? = nil, targetMonth: Month,
    eligibility: Eligibility, leavesOutSeenItems: Bool = true,
    relevant: [(customer: UInt32, items: [UInt32])], candidates: [[UInt32]]? = nil,
    leftOut: [Exclusion.Reason: Int] = [:]
  ) {
    self.name = name
    self.training = training
    self.visible = visible ?? training
    self.targetMonth = targetMonth
    self.eligibility = eligibility
    self.leavesOutSeenItems = leavesOutSeenItems
    self.candidates = candidates
    exclusions = Exclusion.list(leftOut)
    customers = relevant.map(\.customer)
    var offsets = [0]
    offsets.reserveCapacity(relevant.count + 1)
    var items: [UInt32] = []
    for entry in relevant {
      items += entry.items
      offsets.append(items.count)
    }
    relevantOffsets = offsets
    relevantItems = items
  }
}
