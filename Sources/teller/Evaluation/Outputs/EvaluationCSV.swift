internal import OfflineEvaluation
internal import TensorFiles

/// A report as CSV: a line a model, group and metric.
///
/// The group is empty for all customers, else `ATTRIBUTE=VALUE`, `target_month=MONTH` or
/// `calibration_bin=NUMBER`. Numbers are written in full; what is not defined is left empty.
struct EvaluationCSV {
  private let report: EvaluationReport

  init(_ report: EvaluationReport) { self.report = report }

  func write(to path: String) throws { try AtomicFile.write(path: path, text: text) }

  private var text: String {
    var lines = ["model,group,metric,value,low,high"]
    for index in report.models.indices { lines += self.lines(of: index) }
    return lines.joined(separator: "\n") + "\n"
  }

  private func lines(of index: Int) -> [String] {
    let model = report.models[index]
    let metrics = Dictionary(uniqueKeysWithValues: report.metrics.map { ($0.name, $0) })
    var lines: [String] = []
    for (name, value) in Self.values(model.figures) {
      let interval = metrics[name].flatMap {
        report.intervals?.interval(model: index, metric: $0)
      }
      lines.append(Self.line(model.name, "", name, value, interval))
    }
    if let table = model.figures.calibration { lines += self.lines(model.name, table) }
    for (month, figures) in report.monthly.map({ ($0.month, $0.figures[index]) }) {
      lines += Self.values(figures).map {
        Self.line(model.name, "target_month=\(month)", $0.name, $0.value)
      }
    }
    guard let groups = report.groups else { return lines }
    for group in report.groupIndexes {
      let name = "\(groups.attribute)=\(groups.names[group])"
      lines += Self.values(model.groupFigures[group]).map {
        Self.line(model.name, name, $0.name, $0.value)
      }
      for (item, share) in report.exposure(of: model, group: group) {
        lines.append(Self.line(model.name, name, "exposure_share_of_\(item)", share))
      }
    }
    return lines
  }

  private func lines(_ model: String, _ table: CalibrationTable) -> [String] {
    var lines = table.values.map { Self.line(model, "", $0.name, $0.value) }
    for (number, bin) in table.bins.enumerated() {
      let group = "calibration_bin=\(number + 1)"
      lines.append(Self.line(model, group, "pairs", Double(bin.count)))
      lines.append(Self.line(model, group, "predicted", bin.predicted))
      lines.append(Self.line(model, group, "observed", bin.observed))
    }
    return lines
  }

  private static func values(_ figures: EvaluationFigures) -> [(name: String, value: Double)] {
    let sizes = [("customers", Double(figures.customers)), ("adders", Double(figures.adders))]
    return sizes + figures.json.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  private static func line(
    _ model: String, _ group: String, _ metric: String, _ value: Double?,
    _ interval: BootstrapIntervals.Interval? = nil
  ) -> String {
    let numbers = [value, interval?.low, interval?.high].map { $0.map { "\($0)" } ?? "" }
    return ([field(model), field(group), field(metric)] + numbers).joined(separator: ",")
  }

  private static func field(_ text: String) -> String {
    text.contains { ",\"\n\r".contains($0) }
      ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
  }
}
