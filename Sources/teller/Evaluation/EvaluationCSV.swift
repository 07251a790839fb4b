internal import OfflineEvaluation
internal import TensorFiles

/// A report as CSV: a line a model, group and metric.
struct EvaluationCSV {
  private let report: EvaluationReport

  init(_ report: EvaluationReport) { self.report = report }

  func write(to path: String) throws { try AtomicFile.write(path: path, text: text) }

  private var text: String {
    var lines = ["model,group,metric,value,low,high"]
    for (index, model) in report.models.enumerated() {
      let metrics = Dictionary(uniqueKeysWithValues: report.metrics.map { ($0.name, $0) })
      for (name, value) in model.figures.json.sorted(by: { $0.key < $1.key }) {
        let interval = metrics[name].flatMap {
          report.intervals?.interval(model: index, metric: $0)
        }
        let ends = interval.map { "\($0.low),\($0.high)" } ?? ","
        lines.append("\(Self.field(model.name)),,\(name),\(value),\(ends)")
      }
      if let table = model.figures.calibration {
        lines.append("\(Self.field(model.name)),,log_loss,\(table.logLoss),,")
        lines.append(
          "\(Self.field(model.name)),,expected_calibration_error,"
            + "\(table.expectedCalibrationError),,")
      }
      for (month, figures) in report.monthly.map({ ($0.month, $0.figures[index]) }) {
        lines += self.lines(model.name, group: "target_month=\(month)", figures)
      }
      guard let groups = report.groups else { continue }
      for group in report.groupIndexes {
        lines += self.lines(
          model.name, group: "\(groups.attribute)=\(groups.names[group])",
          model.figures(of: group))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func lines(_ model: String, group: String, _ figures: EvaluationFigures) -> [String] {
    let sizes = [("customers", Double(figures.customers)), ("adders", Double(figures.adders))]
    let values = sizes + figures.json.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    return values.map { name, value in
      "\(Self.field(model)),\(Self.field(group)),\(name),\(value),,"
    }
  }

  private static func field(_ text: String) -> String {
    text.contains { ",\"\n".contains($0) }
      ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
  }
}
