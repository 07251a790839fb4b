internal import InteractionData
public import RecommenderModels

/// Ranks a split's customers by a model and measures the lists.
public struct Evaluator: Sendable {
  /// The longest list any metric looks at.
  public static let listLength = 25
  /// The largest k of MAP.
  public static let kLimit = 25

  private let split: EvaluationSplit
  private let k: Int
  private let threadCount: Int

  /// Makes an evaluator.
  ///
  /// - Parameters:
  ///   - split: the split.
  ///   - k: the places MAP and coverage look at, 1 to ``kLimit``.
  ///   - threadCount: the threads to use; the figures are the same for any number.
  /// - Throws: ``EvaluationError/invalidK(value:limit:)``.
  public init(split: EvaluationSplit, k: Int = 7, threadCount: Int) throws(EvaluationError) {
    guard (1...Self.kLimit).contains(k) else { throw .invalidK(value: k, limit: Self.kLimit) }
    self.split = split
    self.k = k
    self.threadCount = threadCount
  }

  /// Measures a model, which must not have seen more than the split's training part.
  public func figures(of recommender: any Recommender) -> EvaluationFigures {
    let scorer = recommender.scorer(for: split.training, targetMonth: split.targetMonth)
    let ranking = CustomerRanking(dataset: split.training, scorer: scorer)
    let lists = ranking.topItems(
      customers: split.customers, count: min(Self.listLength, split.training.items.count),
      threadCount: threadCount)
    // One pass in customer order: sums of doubles depend on the order they are added in.
    var sums = FigureSums(itemCount: split.training.items.count, k: k)
    split.relevantItems.withUnsafeBufferPointer { items in
      for position in 0..<split.customers.count {
        let range = split.relevantOffsets[position]..<split.relevantOffsets[position + 1]
        sums.add(ranked: lists[position], relevant: .init(rebasing: items[range]))
      }
    }
    return sums.means
  }
}
