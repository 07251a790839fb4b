internal import InteractionData
public import RecommenderModels

/// Simple recommenders that a model must beat; they are counted anew for each split and never
/// stored.
public enum Yardstick: String, CaseIterable, Sendable {
  /// A number drawn for each customer and item.
  case random
  /// Item-to-item similarity with its default settings (the cosine of items' customers).
  case itemNeighbours = "item-knn"
  /// First-order Markov chain: what followed the items of the customer's last session.
  case markov
  /// Naive Bayes: the probability of taking an item, given each product held. Needs a panel.
  case naiveBayes = "naive-bayes"
  /// The share of customers who have the item.
  case heldPopularity = "popularity-held"
  /// How many took the item in the last month of training.
  case lastMonthPopularity = "popularity-last-month"
  /// How many took the item in earlier months of the target's name, then how many ever.
  case calendarPopularity = "popularity-calendar-month"

  /// Yardsticks that stand beside every model.
  public static let baselines: [Yardstick] = [.random, .itemNeighbours]

  /// Whether it counts monthly holdings.
  public var needsPanel: Bool { self == .naiveBayes }

  /// Counts the split's training part.
  ///
  /// - Parameters:
  ///   - split: the split.
  ///   - seed: where random numbers come from.
  ///   - threadCount: the threads to use.
  /// - Returns: a scorer of the split's customers.
  /// - Throws: ``EvaluationError/needsPanel(yardstick:)``, ``EvaluationError/nobodyToEvaluate``
  ///   when there is nothing to count.
  public func scorer(
    for split: EvaluationSplit, seed: UInt64, threadCount: Int
  ) throws(EvaluationError) -> any Scorer {
    let training = split.training
    switch self {
    case .random: return RandomScorer(seed: seed, itemCount: training.items.count)
    case .itemNeighbours:
      do {
        return try ItemCooccurrenceRecommender(trainedOn: training, threadCount: threadCount)
          .scorer(for: split.visible, targetMonth: split.targetMonth)
      } catch {
        throw .nobodyToEvaluate(reason: "\(error)")
      }
    case .markov: return MarkovScorer(training)
    case .naiveBayes:
      guard !needsPanel || training.panel != nil else { throw .needsPanel(yardstick: rawValue) }
      return NaiveBayesScorer(training)
    case .heldPopularity:
      return FixedScorer(scores: ItemCounts.customersWithItem(training).map { Float($0) })
    case .lastMonthPopularity:
      let last = training.lastMonth
      return FixedScorer(
        scores: ItemCounts.acquisitions(training) { $0 == last }.map { Float($0) })
    case .calendarPopularity:
      let name = split.targetMonth.monthOfYear
      let season = ItemCounts.acquisitions(training) { $0.monthOfYear == name }
      let all = ItemCounts.acquisitions(training) { _ in true }
      let scale = Double(max(all.max() ?? 0, 1) + 1)
      return FixedScorer(scores: zip(season, all).map { Float(Double($0) + Double($1) / scale) })
    }
  }
}
