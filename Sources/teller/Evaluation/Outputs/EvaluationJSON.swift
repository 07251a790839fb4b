internal import InteractionData
internal import OfflineEvaluation

/// A report as one JSON object, under the names scripts know.
struct EvaluationJSON {
  private let report: EvaluationReport

  init(_ report: EvaluationReport) { self.report = report }

  var object: [String: Any] {
    var object: [String: Any] = [
      "protocol": report.protocolName.rawValue, "customers": report.customers,
      "adders": report.adders, "k": report.k,
      "target_month": report.months.first?.description ?? "",
      "models": byModel { $0.figures.json },
      "left_out": Dictionary(
        uniqueKeysWithValues: report.exclusions.map { ($0.reason.rawValue, $0.count) }),
    ]
    if !report.monthly.isEmpty {
      object["months"] = Dictionary(
        uniqueKeysWithValues: report.monthly.map { entry in
          let figures = zip(report.models, entry.figures).map { ($0.name, $1.json) }
          return (entry.month.description, Dictionary(uniqueKeysWithValues: figures))
        })
    }
    if !report.calibrated.isEmpty {
      object["calibration"] = Dictionary(
        uniqueKeysWithValues: report.calibrated.map { ($0.name, $0.table.json) })
    }
    if let intervals = report.intervals { add(intervals, to: &object) }
    if let groups = report.groups { object["slices"] = [groups.attribute: slices(groups)] }
    return object
  }

  private func byModel(_ value: (EvaluationReport.Model) -> Any) -> [String: Any] {
    Dictionary(uniqueKeysWithValues: report.models.map { ($0.name, value($0)) })
  }

  private func add(_ intervals: BootstrapIntervals, to object: inout [String: Any]) {
    var own: [String: Any] = [:]
    var differences: [String: Any] = [:]
    for (index, model) in report.models.enumerated() {
      own[model.name] = entries(report.metrics) { intervals.interval(model: index, metric: $0) }
        .mapValues { [$0.low, $0.high] }
      guard let against = report.against, against != index else { continue }
      differences[model.name] = entries(report.comparedMetrics) {
        intervals.difference(model: index, from: against, metric: $0)
      }.mapValues { interval -> [String: Any] in
        [
          "difference": interval.estimate, "low": interval.low, "high": interval.high,
          "sign": interval.sign,
        ]
      }
    }
    object["confidence_intervals"] = own
    if let against = report.against {
      object["compared_with"] = report.models[against].name
      object["differences"] = differences
    }
  }

  private func entries(
    _ metrics: [RankingMetric], _ interval: (RankingMetric) -> BootstrapIntervals.Interval?
  ) -> [String: BootstrapIntervals.Interval] {
    Dictionary(
      uniqueKeysWithValues: metrics.compactMap { metric in
        interval(metric).map { (metric.name, $0) }
      })
  }

  private func slices(_ groups: CustomerGroups) -> [String: Any] {
    var slices: [String: Any] = [:]
    for group in report.groupIndexes {
      let models = byModel { model -> [String: Any] in
        var figures: [String: Any] = model.groupFigures[group].json
        figures["exposure"] = Dictionary(
          uniqueKeysWithValues: report.exposure(of: model, group: group).map { ($0.item, $0.share) }
        )
        return figures
      }
      let first = report.models.first?.groupFigures[group]
      slices[groups.names[group]] =
        [
          "customers": first?.customers ?? 0, "adders": first?.adders ?? 0, "models": models,
        ] as [String: Any]
    }
    return slices
  }
}

extension EvaluationReport {
  /// The most items of which exposure is told.
  static let exposureLimit = 64

  /// Of the places shown to a group, the share of each item that has any; the most shown first, at
  /// most ``exposureLimit``.
  func exposure(of model: Model, group: Int) -> [(item: String, share: Double)] {
    let shown = Array(model.result.exposures(ofGroup: group))
    let total = Double(max(shown.reduce(0, +), 1))
    return shown.indices.filter { shown[$0] > 0 }
      .sorted { (shown[$1], $0) < (shown[$0], $1) }.prefix(Self.exposureLimit)
      .map { (itemIdentifiers[$0], Double(shown[$0]) / total) }
  }
}

extension EvaluationFigures {
  /// The figures under the names scripts know.
  var json: [String: Double] {
    var figures = ["coverage": coverage, "gini": gini, "novelty": novelty]
    for (metric, value) in means { figures[metric.name] = value }
    return figures
  }
}

extension CalibrationTable {
  /// The figures under the names scripts know; nil is not defined.
  var values: [(name: String, value: Double?)] {
    [
      ("log_loss", logLoss), ("constant_log_loss", constantLogLoss),
      ("expected_calibration_error", expectedCalibrationError),
      ("relative_calibration_error", relativeCalibrationError),
      ("mean_predicted", meanPredicted), ("mean_observed", meanObserved),
    ]
  }

  var json: [String: Any] {
    var object: [String: Any] = [
      "pairs": count,
      "bins": bins.map { bin -> [String: Any] in
        ["count": bin.count, "predicted": bin.predicted, "observed": bin.observed]
      },
    ]
    for (name, value) in values { object[name] = value ?? Double.nan }
    return object
  }
}
