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
    var tally = Tally(metricCount: metrics.count)
    tally.customers = customers.count
    for adder in adderPositions.indices { tally.add(row(adder)) }
    let itemCount = customersWithItem.count
    let shown = (0..<itemCount).map { item in
      (0..<groupCount).reduce(0) { $0 + exposures[$1 * itemCount + item] }
    }
    var figures = figures(tally, shown: shown)
    figures.calibration = calibrationCounter?.table
    return figures
  }

  /// The figures over each group's customers, without calibration.
  public var groupFigures: [EvaluationFigures] {
    var tallies = [Tally](repeating: Tally(metricCount: metrics.count), count: groupCount)
    if groups.isEmpty { tallies[0].customers = customers.count }
    for group in groups { tallies[Int(group)].customers += 1 }
    for (adder, position) in adderPositions.enumerated() {
      tallies[groups.isEmpty ? 0 : Int(groups[position])].add(row(adder))
    }
    return tallies.enumerated().map { group, tally in
      figures(tally, shown: Array(exposures(ofGroup: group)))
    }
  }

  /// Sums in customer order: sums of doubles depend on the order they are added in.
  private struct Tally {
    var customers = 0
    var adders = 0
    var sums: [Double]

    init(metricCount: Int) { sums = [Double](repeating: 0, count: metricCount) }

    mutating func add(_ row: ArraySlice<Double>) {
      adders += 1
      for (metric, value) in row.enumerated() { sums[metric] += value }
    }
  }

  private func row(_ adder: Int) -> ArraySlice<Double> {
    rows[adder * metrics.count..<(adder + 1) * metrics.count]
  }

  private func figures(_ tally: Tally, shown: [Int]) -> EvaluationFigures {
    var figures = EvaluationFigures()
    figures.customers = tally.customers
    figures.adders = tally.adders
    for (index, metric) in metrics.enumerated() {
      let denominator =
        metric.kind == .meanAveragePrecision ? figures.customers : figures.adders
      figures.means[metric] = tally.sums[index] / Double(max(denominator, 1))
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
