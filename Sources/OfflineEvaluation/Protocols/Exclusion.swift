/// Customers a protocol leaves out of the evaluation.
public struct Exclusion: Sendable, Equatable {
  /// Why customers are left out.
  public enum Reason: String, CaseIterable, Sendable {
    /// They have no row in both the held-out month and the one before, or without a panel nothing
    /// before the month.
    case notSeenBefore = "not_seen_before"
    /// They have fewer than two interactions, or items, so that nothing can be held out.
    case tooLittleHistory = "too_little_history"
    /// They had every held-out item before: it would be left out of the ranking.
    case hadBefore = "had_before"
    /// The negatives file has no line for them.
    case noNegatives = "no_negatives"

    /// What follows "customers" in a sentence.
    public var text: String {
      switch self {
      case .notSeenBefore: "not seen both in the month and before it"
      case .tooLittleHistory: "with too little history to hold any of it out"
      case .hadBefore: "who had everything held out before"
      case .noNegatives: "without a line in the negatives file"
      }
    }
  }

  /// Why.
  public let reason: Reason
  /// How many customers, at least 1.
  public let count: Int

  /// Makes an exclusion.
  public init(reason: Reason, count: Int) {
    self.reason = reason
    self.count = count
  }

  /// The exclusions of several splits together.
  public static func sum(_ splits: [[Exclusion]]) -> [Exclusion] {
    var counts: [Reason: Int] = [:]
    for exclusion in splits.joined() { counts[exclusion.reason, default: 0] += exclusion.count }
    return list(counts)
  }

  /// The exclusions that concern anybody.
  static func list(_ counts: [Reason: Int]) -> [Exclusion] {
    Reason.allCases.compactMap { reason in
      let count = counts[reason] ?? 0
      return count > 0 ? Exclusion(reason: reason, count: count) : nil
    }
  }
}
