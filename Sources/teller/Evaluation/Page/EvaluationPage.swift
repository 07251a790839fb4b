internal import InteractionData
internal import OfflineEvaluation
internal import TensorFiles

/// A report as one HTML file with inline SVG: nothing in it is fetched from elsewhere.
struct EvaluationPage {
  private typealias Out = CommandOutput
  private let report: EvaluationReport

  init(_ report: EvaluationReport) { self.report = report }

  func write(to path: String) throws { try AtomicFile.write(path: path, text: text) }

  private var names: [String] { report.models.map(\.name) }

  private var text: String {
    let months = report.months.map(\.description).joined(separator: ", ")
    let heading = "\(report.protocolName.rawValue), \(months)"
    var parts = [
      "<!DOCTYPE html>", "<html lang=\"en\"><head><meta charset=\"utf-8\">",
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
      "<title>Evaluation: \(heading)</title>", PageStyle.element, "</head><body><main>",
      "<h1>Evaluation: \(heading)</h1>", summary,
    ]
    parts += report.comparedMetrics.map { comparison($0) }
    if report.monthly.count > 1 { parts.append(overMonths) }
    for (index, model) in report.models.enumerated() {
      if let table = model.figures.calibration {
        parts.append(reliability(model.name, index, table))
      }
    }
    if let groups = report.groups { parts.append(slices(groups)) }
    parts += [allFigures, "</main></body></html>"]
    return parts.joined(separator: "\n") + "\n"
  }

  private var summary: String {
    var sentences = [
      "\(Out.grouped(report.customers)) customers, \(Out.grouped(report.adders)) of them with "
        + "something to find."
    ]
    if !report.exclusions.isEmpty {
      let reasons = report.exclusions.map { "\(Out.grouped($0.count)) customers \($0.reason.text)" }
      sentences.append("Left out: \(reasons.joined(separator: ", ")).")
    }
    if report.intervals != nil {
      sentences.append(
        "Lines on bars are intervals of 95 % over the choice of customers. Whether two models "
          + "differ is told by the interval of their difference, not by whether bars overlap.")
    }
    return "<p>\(sentences.joined(separator: " "))</p>"
  }

  /// A bar for each model, and the differences.
  private func comparison(_ metric: RankingMetric) -> String {
    let overAll = metric.kind == .meanAveragePrecision
    let plot = BarPlot(
      title: metric.title,
      axisLabel:
        "\(metric.title), mean over \(overAll ? "all customers" : "customers with something to find")",
      names: names, values: report.models.map { $0.figures.means[metric] ?? 0 },
      intervals: names.indices.map { report.intervals?.interval(model: $0, metric: metric) })
    return section(metric.title, plot.svg, differences(metric))
  }

  private func differences(_ metric: RankingMetric) -> String {
    guard let intervals = report.intervals, let against = report.against else { return "" }
    var rows = [["minus \(names[against])", "difference", "95 %", ""]]
    for index in names.indices where index != against {
      guard let difference = intervals.difference(model: index, from: against, metric: metric)
      else { continue }
      rows.append([
        names[index], Out.fixed(difference.estimate, 5),
        "\(Out.fixed(difference.low, 5)) to \(Out.fixed(difference.high, 5))", difference.verdict,
      ])
    }
    return Self.table(rows)
  }

  private var overMonths: String {
    let months = report.monthly.reversed()
    let title = "MAP@\(report.k) month by month"
    let plot = LinePlot(
      title: title, axisLabel: "MAP@\(report.k)", places: months.map(\.month.description),
      names: names,
      values: names.indices.map { index in
        months.map { $0.figures[index][.meanAveragePrecision, report.k] }
      })
    return section(
      title, plot.svg,
      "<p>Every month is predicted by models that have seen neither it nor any later one.</p>")
  }

  private func reliability(_ name: String, _ index: Int, _ table: CalibrationTable) -> String {
    let ratio = table.relativeCalibrationError.map { "\(Out.fixed(100 * $0, 1)) %" } ?? "nothing"
    let text =
      "<p>Scores of \(SVGPlot.escaped(name)) as probabilities, over \(Out.grouped(table.count)) "
      + "pairs of a customer and an item: ECE \(Out.fixed(table.expectedCalibrationError, 6)), "
      + "which is \(ratio) of the mean hazard \(Out.fixed(table.meanObserved, 6)); log-loss "
      + "\(Out.fixed(table.logLoss, 6)), that of the best constant "
      + "\(Out.fixed(table.constantLogLoss, 6)). On the dashed line predictions come true as often "
      + "as they say; strokes are 95 % of a share of so many pairs; a hollow point never came "
      + "true.</p>"
    let rows = table.bins.enumerated().map { number, bin in
      [
        "\(number + 1)", Out.grouped(bin.count), Out.significant(bin.predicted),
        Out.significant(bin.observed),
      ]
    }
    let plot = ReliabilityPlot(name: name, model: index, table: table)
    return section(
      "Calibration of \(name)", plot.svg,
      text
        + Self.details(
          "Bins", Self.table([["bin", "pairs", "predicted", "observed"]] + rows)))
  }

  private func slices(_ groups: CustomerGroups) -> String {
    let title = "MAP@\(report.k) by \(groups.attribute)"
    let plot = GroupPlot(
      title: title, axisLabel: "MAP@\(report.k), mean over all customers of a group",
      groups: report.groupIndexes.map { groups.names[$0] }, names: names,
      values: report.models.map { model in
        report.groupIndexes.map { model.groupFigures[$0][.meanAveragePrecision, report.k] }
      })
    var rows = [
      [
        groups.attribute, "customers", "with something to find", "model", "MAP@\(report.k)",
        "recall@10", "coverage", "Gini", "most shown", "share of places",
      ]
    ]
    for group in report.groupIndexes {
      for model in report.models {
        let figures = model.groupFigures[group]
        let most = report.exposure(of: model, group: group).first
        rows.append([
          groups.names[group], Out.grouped(figures.customers), Out.grouped(figures.adders),
          model.name, Out.fixed(figures[.meanAveragePrecision, report.k], 5),
          Out.fixed(figures[.recall, 10], 4), Out.fixed(figures.coverage, 3),
          Out.fixed(figures.gini, 3), most?.item ?? "", most.map { Out.fixed($0.share, 3) } ?? "",
        ])
      }
    }
    return section(title, plot.svg, Self.details("Quality and exposure", Self.table(rows)))
  }

  private var allFigures: String {
    let keys = report.models.first.map { $0.figures.json.keys.sorted() } ?? []
    let rows = keys.map { name in
      [name] + report.models.map { Out.fixed($0.figures.json[name] ?? 0, 5) }
    }
    return Self.details("All figures", Self.table([["metric"] + names] + rows))
  }

  /// A section has one plot.
  private func section(_ title: String, _ plot: String, _ rest: String) -> String {
    "<section>\n<h2>\(SVGPlot.escaped(title))</h2>\n<figure>\(plot)</figure>\n\(rest)\n</section>"
  }

  private static func details(_ title: String, _ content: String) -> String {
    "<details><summary>\(title)</summary>\n\(content)\n</details>"
  }

  private static func table(_ rows: [[String]]) -> String {
    let lines = rows.enumerated().map { index, cells in
      let tag = index == 0 ? "th" : "td"
      return "<tr>" + cells.map { "<\(tag)>\(SVGPlot.escaped($0))</\(tag)>" }.joined() + "</tr>"
    }
    return "<div class=\"table\"><table>\n" + lines.joined(separator: "\n") + "\n</table></div>"
  }
}
