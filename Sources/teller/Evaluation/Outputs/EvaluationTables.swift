internal import InteractionData
internal import OfflineEvaluation

/// A report as tables of text.
struct EvaluationTables {
  private typealias Out = CommandOutput
  private let report: EvaluationReport

  init(_ report: EvaluationReport) { self.report = report }

  func print() {
    let months = report.months.map(\.description).joined(separator: " ")
    Out.line(
      "\(report.protocolName.rawValue), \(months): \(Out.grouped(report.customers)) "
        + "customers, \(Out.grouped(report.adders)) of them with something to find")
    if !report.exclusions.isEmpty {
      Out.line(
        "left out: "
          + report.exclusions.map { "\(Out.grouped($0.count)) customers \($0.reason.text)" }
          .joined(separator: ", "))
    }
    printFigures()
    printDifferences()
    printCalibration()
    printSlices()
  }

  private func printFigures() {
    let k = report.k
    var table = Table(header: [
      "model", "MAP@\(k)", "95 %", "adders MAP@\(k)", "recall@1", "recall@5", "recall@10",
      "NDCG@10", "MRR@25", "coverage", "Gini", "novelty",
    ])
    for (index, model) in report.models.enumerated() {
      let figures = model.figures
      let map = RankingMetric(.meanAveragePrecision, at: k)
      let interval = report.intervals?.interval(model: index, metric: map)
      table.add([
        model.name, Out.fixed(figures[.meanAveragePrecision, k], 5),
        interval.map { "\(Out.fixed($0.low, 5)) to \(Out.fixed($0.high, 5))" } ?? "",
        Out.fixed(figures[.addersMeanAveragePrecision, k], 4), Out.fixed(figures[.recall, 1], 4),
        Out.fixed(figures[.recall, 5], 4), Out.fixed(figures[.recall, 10], 4),
        Out.fixed(figures[.normalizedDiscountedCumulativeGain, 10], 4),
        Out.fixed(figures[.meanReciprocalRank, 25], 4), Out.fixed(figures.coverage, 3),
        Out.fixed(figures.gini, 3), Out.fixed(figures.novelty, 2),
      ])
    }
    for line in table.lines { Out.line(line) }
  }

  private func printDifferences() {
    guard let intervals = report.intervals, let against = report.against else { return }
    let metric = RankingMetric(.meanAveragePrecision, at: report.k)
    Out.line()
    Out.line("MAP@\(report.k) minus that of \(report.models[against].name), same customers drawn")
    var table = Table(header: ["model", "difference", "95 %", "verdict"])
    for (index, model) in report.models.enumerated() where index != against {
      guard let difference = intervals.difference(model: index, from: against, metric: metric)
      else { continue }
      table.add([
        model.name, Out.fixed(difference.estimate, 5),
        "\(Out.fixed(difference.low, 5)) to \(Out.fixed(difference.high, 5))", difference.verdict,
      ])
    }
    for line in table.lines { Out.line(line) }
  }

  private func printCalibration() {
    guard let pairs = report.calibrated.first?.table.count else { return }
    Out.line()
    Out.line("as probabilities, over \(Out.grouped(pairs)) pairs of a customer and an item")
    var table = Table(header: [
      "model", "log-loss", "of the best constant", "ECE", "ECE / mean hazard", "mean predicted",
      "mean hazard",
    ])
    for (name, calibration) in report.calibrated {
      table.add([
        name, Out.fixed(calibration.logLoss, 6), Out.fixed(calibration.constantLogLoss, 6),
        Out.fixed(calibration.expectedCalibrationError, 6),
        calibration.relativeCalibrationError.map { "\(Out.fixed(100 * $0, 1)) %" } ?? "nothing",
        Out.fixed(calibration.meanPredicted, 6), Out.fixed(calibration.meanObserved, 6),
      ])
    }
    for line in table.lines { Out.line(line) }
    printReliability()
  }

  /// The reliability table with few bins: the others are in the files.
  private func printReliability() {
    for (name, calibration) in report.calibrated {
      Out.line()
      var table = Table(header: ["\(name), least to most probable", "predicted", "observed"])
      for bin in calibration.coarseBins(factor: Self.binsPutTogether) {
        table.add([
          "\(Out.grouped(bin.count)) pairs", Out.significant(bin.predicted),
          Out.significant(bin.observed),
        ])
      }
      for line in table.lines { Out.line(line) }
    }
  }

  private static let binsPutTogether = 4

  private func printSlices() {
    guard let groups = report.groups else { return }
    Out.line()
    Out.line("MAP@\(report.k) by \(groups.attribute)")
    var table = Table(
      header: [groups.attribute, "customers", "adders"] + report.models.map(\.name))
    for group in report.groupIndexes {
      let figures = report.models.map { $0.groupFigures[group] }
      table.add(
        [
          groups.names[group], Out.grouped(figures.first?.customers ?? 0),
          Out.grouped(figures.first?.adders ?? 0),
        ] + figures.map { Out.fixed($0[.meanAveragePrecision, report.k], 5) })
    }
    for line in table.lines { Out.line(line) }
  }
}
