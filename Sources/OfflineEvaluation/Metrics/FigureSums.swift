/// Sums that become ``EvaluationFigures``; sums of parts are added in a fixed order.
struct FigureSums: Sendable {
  private var figures = EvaluationFigures()
  private var recommended: [Bool]
  private let k: Int

  init(itemCount: Int, k: Int) {
    recommended = [Bool](repeating: false, count: itemCount)
    self.k = k
  }

  mutating func add(
    ranked: UnsafeBufferPointer<UInt32>, relevant: UnsafeBufferPointer<UInt32>
  ) {
    figures.customers += 1
    for item in ranked.prefix(k) { recommended[Int(item)] = true }
    guard !relevant.isEmpty else { return }
    figures.adders += 1
    typealias M = RankingMetrics
    figures.meanAveragePrecision += M.averagePrecision(ranked: ranked, relevant: relevant, k: k)
    figures.recallAt1 += M.recall(ranked: ranked, relevant: relevant, k: 1)
    figures.recallAt5 += M.recall(ranked: ranked, relevant: relevant, k: 5)
    figures.recallAt10 += M.recall(ranked: ranked, relevant: relevant, k: 10)
    figures.ndcgAt10 += M.normalizedDiscountedCumulativeGain(
      ranked: ranked, relevant: relevant, k: 10)
    figures.precisionAt5 += M.precision(ranked: ranked, relevant: relevant, k: 5)
    figures.mrrAt25 += M.reciprocalRank(ranked: ranked, relevant: relevant, k: 25)
  }

  /// The means. Without customers, or without adders, the means over them are 0.
  var means: EvaluationFigures {
    var means = figures
    let customers = Double(max(figures.customers, 1))
    let adders = Double(max(figures.adders, 1))
    means.meanAveragePrecision = figures.meanAveragePrecision / customers
    means.addersMeanAveragePrecision = figures.meanAveragePrecision / adders
    means.recallAt1 /= adders
    means.recallAt5 /= adders
    means.recallAt10 /= adders
    means.ndcgAt10 /= adders
    means.precisionAt5 /= adders
    means.mrrAt25 /= adders
    means.coverage =
      Double(recommended.count { $0 }) / Double(max(recommended.count, 1))
    return means
  }
}
