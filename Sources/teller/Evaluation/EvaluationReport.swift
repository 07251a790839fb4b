internal import InteractionData
internal import OfflineEvaluation

/// All that an evaluation found, for every form of output.
struct EvaluationReport {
  struct Model {
    /// The name scripts know it by: the recipe's or yardstick's, or the version's where two
    /// versions of a recipe are measured.
    let name: String
    let result: EvaluationResult
    let figures: EvaluationFigures
  }

  let protocolName: EvaluationProtocol
  let k: Int
  /// The months held out, newest first.
  let months: [Month]
  let models: [Model]
  /// The figures of each month, by model; empty for one month.
  let monthly: [(month: Month, figures: [EvaluationFigures])]
  let intervals: BootstrapIntervals?
  /// Which model the others are compared with.
  let against: Int?
  let groups: CustomerGroups?
  let itemIdentifiers: [String]

  var customers: Int { models.first?.figures.customers ?? 0 }
  var adders: Int { models.first?.figures.adders ?? 0 }
  var metrics: [RankingMetric] { models.first?.result.metrics ?? [] }

  /// The metrics for which differences are shown.
  var comparedMetrics: [RankingMetric] {
    [
      RankingMetric(.meanAveragePrecision, at: k),
      RankingMetric(.addersMeanAveragePrecision, at: k), RankingMetric(.recall, at: 10),
      RankingMetric(.normalizedDiscountedCumulativeGain, at: 10),
    ]
  }

  /// The groups that have customers.
  var groupIndexes: [Int] {
    guard let groups, let result = models.first?.result else { return [] }
    return groups.names.indices.filter { group in result.groups.contains { Int($0) == group } }
  }
}
