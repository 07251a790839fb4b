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
    /// The figures of each group, in the order of the groups; empty without groups.
    let groupFigures: [EvaluationFigures]
  }

  let protocolName: EvaluationProtocol
  let k: Int
  /// The months held out, newest first.
  let months: [Month]
  /// The customers left out, and why, over all months.
  let exclusions: [Exclusion]
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

  /// The metrics that are plotted and for which differences are shown.
  var comparedMetrics: [RankingMetric] {
    [
      RankingMetric(.meanAveragePrecision, at: k),
      RankingMetric(.addersMeanAveragePrecision, at: k), RankingMetric(.recall, at: 10),
      RankingMetric(.normalizedDiscountedCumulativeGain, at: 10),
    ]
  }

  /// The groups that have customers.
  var groupIndexes: [Int] {
    models.first?.groupFigures.indices.filter { models[0].groupFigures[$0].customers > 0 } ?? []
  }

  /// The models whose scores are probabilities.
  var calibrated: [(name: String, table: CalibrationTable)] {
    models.compactMap { model in model.figures.calibration.map { (model.name, $0) } }
  }
}

extension BootstrapIntervals.Interval {
  /// What a difference says.
  var verdict: String { sign > 0 ? "better" : sign < 0 ? "worse" : "undecided" }
}

extension RankingMetric {
  /// The name people know it by, such as `NDCG@10`.
  var title: String {
    let name =
      switch kind {
      case .meanAveragePrecision: "MAP"
      case .addersMeanAveragePrecision: "adders MAP"
      case .recall: "recall"
      case .precision: "precision"
      case .hitRate: "hit rate"
      case .normalizedDiscountedCumulativeGain: "NDCG"
      case .meanReciprocalRank: "MRR"
      }
    return "\(name)@\(k)"
  }
}
