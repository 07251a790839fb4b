/// What the evaluation of one model leaves: a row of metrics for each adder, and exposures.
public struct EvaluationResult: Sendable {
  /// The metrics measured, the columns of ``rows``.
  public let metrics: [RankingMetric]
  /// The customers of the split, in its order; those of several splits one after another.
  public internal(set) var customers: [UInt32]
  /// For each adder, its place in ``customers``.
  public internal(set) var adderPositions: [Int]
  /// Metrics of the adders. `[adders, metrics]`, row-major
  public internal(set) var rows: [Double]
  /// How often each item stands in the first k places. `[groups, items]`, row-major
  public internal(set) var exposures: [Int]
  /// The group of each customer; empty when there is only one.
  public internal(set) var groups: [UInt16]
  /// The number of groups.
  public let groupCount: Int
  /// Of how many customers each item was, in training.
  let customersWithItem: [Int]
  let trainingCustomerCount: Int
  var calibrationCounter: CalibrationCounter?

  /// How often each item stands in the first k places of a group's customers. `[items]`
  public func exposures(ofGroup group: Int) -> ArraySlice<Int> {
    let itemCount = customersWithItem.count
    return exposures[group * itemCount..<(group + 1) * itemCount]
  }

  /// The figures over all customers.
  public var figures: EvaluationFigures {
    var figures = figures(of: nil)
    figures.calibration = calibrationCounter?.table
    return figures
  }

  /// The figures over one group's customers, or over all.
  public func figures(of group: Int?) -> EvaluationFigures {
    var figures = EvaluationFigures()
    var sums = [Double](repeating: 0, count: metrics.count)
    figures.customers = group.map { g in groups.count { Int($0) == g } } ?? customers.count
    // One pass in customer order: sums of doubles depend on the order they are added in.
    for (adder, position) in adderPositions.enumerated() {
      if let group, Int(groups[position]) != group { continue }
      figures.adders += 1
      for metric in metrics.indices { sums[metric] += rows[adder * metrics.count + metric] }
    }
    for (index, metric) in metrics.enumerated() {
      let denominator =
        metric.kind == .meanAveragePrecision ? figures.customers : figures.adders
      figures.means[metric] = sums[index] / Double(max(denominator, 1))
    }
    let itemCount = customersWithItem.count
    let shown = (0..<itemCount).map { item in
      group.map { exposures[$0 * itemCount + item] }
        ?? (0..<groupCount).reduce(0) { $0 + exposures[$1 * itemCount + item] }
    }
    figures.coverage = ExposureMetrics.coverage(shown)
    figures.gini = ExposureMetrics.gini(shown)
    figures.novelty = ExposureMetrics.novelty(
      shown, customersWithItem: customersWithItem, customerCount: trainingCustomerCount)
    return figures
  }

  /// Adds the result of the same recipe on another split of the same dataset.
  ///
  /// A customer of both is evaluated twice; novelty is by the first split's training part.
  public mutating func append(_ other: EvaluationResult) {
    precondition(
      metrics == other.metrics && exposures.count == other.exposures.count,
      "results of \(metrics.count) and \(other.metrics.count) metrics")
    adderPositions += other.adderPositions.map { $0 + customers.count }
    customers += other.customers
    groups += other.groups
    rows += other.rows
    for index in exposures.indices { exposures[index] += other.exposures[index] }
    if let counter = other.calibrationCounter { calibrationCounter?.add(counter) }
  }
}
