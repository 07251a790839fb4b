internal import InteractionData
internal import OfflineEvaluation
internal import TensorFiles

/// A report as one HTML file with inline SVG: nothing in it is fetched from elsewhere.
struct EvaluationPage {
  private typealias Out = CommandOutput
  private let report: EvaluationReport

  init(_ report: EvaluationReport) { self.report = report }

  func write(to path: String) throws { try AtomicFile.write(path: path, text: text) }

  var text: String {
    let months = report.months.map(\.description).joined(separator: ", ")
    var parts = [
      "<!DOCTYPE html>", "<html lang=\"en\"><head><meta charset=\"utf-8\">",
      "<title>Teller: evaluation</title>", Self.style, "</head><body>",
      "<h1>\(report.protocolName.rawValue), \(months)</h1>",
      "<p>\(Out.grouped(report.customers)) customers, \(Out.grouped(report.adders)) of them with "
        + "something to find. Lines show intervals of 95 %.</p>",
    ]
    for metric in report.comparedMetrics { parts.append(bars(metric)) }
    parts.append(figuresTable)
    if report.monthly.count > 1 { parts.append(monthsPlot) }
    for model in report.models {
      if let table = model.figures.calibration { parts.append(reliability(model.name, table)) }
    }
    parts.append(slicesTable)
    parts.append("</body></html>")
    return parts.joined(separator: "\n") + "\n"
  }

  private static let style = """
    <style>
    body { font: 15px/1.4 system-ui, sans-serif; margin: 2em auto; max-width: 60em; color: #222 }
    table { border-collapse: collapse; margin: 1em 0; display: block; overflow-x: auto }
    td, th { padding: .2em .7em; text-align: right; border-bottom: 1px solid #ddd }
    td:first-child, th:first-child { text-align: left }
    svg text { font: 12px system-ui, sans-serif; fill: #222 }
    </style>
    """

  /// A bar for each model with its interval.
  private func bars(_ metric: RankingMetric) -> String {
    let intervals = report.models.indices.map {
      report.intervals?.interval(model: $0, metric: metric)
    }
    let values = report.models.map { $0.figures.means[metric] ?? 0 }
    let largest = max((values + intervals.compactMap { $0?.high }).max() ?? 0, 1e-12)
    var plot = SVGPlot(
      width: 640, height: 30 + 24 * values.count, title: metric.name.replacing("_", with: " "))
    for (index, model) in report.models.enumerated() {
      let y = 30 + 24 * Double(index)
      let scale = 380 / largest
      plot.text(model.name, x: 0, y: y + 12)
      plot.rectangle(x: 170, y: y, width: values[index] * scale, height: 16, color: "#7aa6d8")
      if let interval = intervals[index] {
        plot.line(
          (170 + interval.low * scale, y + 8), (170 + interval.high * scale, y + 8),
          color: "#222")
      }
      plot.text(Out.fixed(values[index], 5), x: 560, y: y + 12)
    }
    return plot.svg
  }

  private var figuresTable: String {
    let names = report.models.first.map { $0.figures.json.keys.sorted() } ?? []
    let rows = names.map { name in
      [name] + report.models.map { Out.fixed($0.figures.json[name] ?? 0, 5) }
    }
    return Self.table([["metric"] + report.models.map(\.name)] + rows)
  }

  /// MAP month by month, a line a model.
  private var monthsPlot: String {
    let months = report.monthly.reversed()
    let values = report.models.indices.map { index in
      months.map { $0.figures[index][.meanAveragePrecision, report.k] }
    }
    let largest = max(values.flatMap { $0 }.max() ?? 0, 1e-12)
    var plot = SVGPlot(width: 760, height: 260, title: "MAP@\(report.k) by month")
    let step = 520 / Double(max(months.count - 1, 1))
    for (place, entry) in months.enumerated() {
      plot.text(entry.month.description, x: 20 + step * Double(place), y: 250)
    }
    for (index, line) in values.enumerated() {
      let color = Self.colors[index % Self.colors.count]
      let points = line.enumerated().map { place, value in
        (20 + step * Double(place), 230 - 190 * value / largest)
      }
      for (from, to) in zip(points, points.dropFirst()) { plot.line(from, to, color: color) }
      plot.rectangle(x: 600, y: 30 + 18 * Double(index), width: 10, height: 10, color: color)
      plot.text(report.models[index].name, x: 616, y: 40 + 18 * Double(index))
    }
    return plot.svg
  }

  private static let colors = [
    "#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#8c564b", "#e377c2",
    "#7f7f7f", "#bcbd22",
  ]

  /// Observed over predicted shares on logarithmic axes; the diagonal is perfect.
  private func reliability(_ name: String, _ table: CalibrationTable) -> String {
    var plot = SVGPlot(
      width: 420, height: 400,
      title: "\(name): observed over predicted, ECE \(Out.fixed(table.expectedCalibrationError, 6))"
    )
    let least = 1e-7
    func place(_ share: Double) -> Double {
      320 * (1 - SVGPlot.log10(max(share, least)) / SVGPlot.log10(least))
    }
    plot.line((40, 360), (360, 40), color: "#bbb")
    for power in -7...0 {
      let at = place(SVGPlot.power10(power))
      plot.text("1e\(power)", x: 30 + at, y: 380)
      plot.text("1e\(power)", x: 0, y: 364 - at)
    }
    for bin in table.bins {
      plot.rectangle(
        x: 37 + place(bin.predicted), y: 357 - place(bin.observed), width: 6, height: 6,
        color: "#1f77b4")
    }
    return plot.svg
  }

  private var slicesTable: String {
    guard let groups = report.groups else { return "" }
    var rows = [
      [groups.attribute, "customers", "adders"]
        + report.models.flatMap { ["\($0.name) MAP@\(report.k)", "coverage", "most shown"] }
    ]
    for group in report.groupIndexes {
      let figures = report.models.map { $0.figures(of: group) }
      rows.append(
        [
          groups.names[group], Out.grouped(figures.first?.customers ?? 0),
          Out.grouped(figures.first?.adders ?? 0),
        ]
          + zip(report.models, figures).flatMap { model, figures in
            let shown = model.result.exposures(ofGroup: group)
            let most = shown.indices.max { (shown[$0], $1) < (shown[$1], $0) }
            return [
              Out.fixed(figures[.meanAveragePrecision, report.k], 5),
              Out.fixed(figures.coverage, 3),
              most.map { report.itemIdentifiers[$0 - shown.startIndex] } ?? "",
            ]
          })
    }
    return "<h2>By \(SVGPlot.escaped(groups.attribute))</h2>\n" + Self.table(rows)
  }

  private static func table(_ rows: [[String]]) -> String {
    let lines = rows.enumerated().map { index, cells in
      let tag = index == 0 ? "th" : "td"
      return "<tr>" + cells.map { "<\(tag)>\(SVGPlot.escaped($0))</\(tag)>" }.joined() + "</tr>"
    }
    return "<table>\n" + lines.joined(separator: "\n") + "\n</table>"
  }
}
