internal import InteractionData
internal import OfflineEvaluation

/// Models measured against hazards that are known: `--protocol known-hazards`.
struct HazardReport {
  private typealias Out = CommandOutput
  private let k: Int
  private let month: Month
  private let customers: Int
  private let models: [(name: String, figures: HazardFigures)]
  private let oracle: HazardFigures
  private let floor: HazardFigures

  static let oracleName = "hazards"

  /// Measures all models, yardsticks and foreign scores.
  init(command: EvaluateCommand, opened: DatasetFile.Opened) throws {
    try command.check(itemCount: opened.dataset.items.count)
    let hazards = try CustomerItemTable(
      path: command.hazards ?? "", dataset: opened.dataset, range: .probability)
    k = command.k ?? 7
    let evaluator = try HazardEvaluator(
      dataset: opened.dataset, hazards: hazards, k: k, threadCount: command.threads.count)
    let compared = try EvaluatedModels(command: command, opened: opened)
    let figures = try compared.map(on: evaluator.split) { _, scorer, isProbability in
      evaluator.figures(of: scorer, isProbability: isProbability)
    }
    models = Array(zip(compared.names(on: evaluator.split), figures))
    oracle = evaluator.oracle()
    month = evaluator.split.targetMonth
    customers = hazards.customers.count
    let lowest = Yardstick.lastMonthPopularity.rawValue
    floor = models.first { $0.name == lowest }?.figures ?? oracle
  }

  func print() {
    Out.line(
      "known hazards, \(month): \(Out.grouped(customers)) customers, expected figures")
    var table = Table(header: [
      "model", "MAP@\(k)", "gap", "log-loss", "ECE / mean", "predicted", "mean hazard",
    ])
    for (name, figures) in [(Self.oracleName, oracle)] + models {
      let calibration = figures.calibration
      table.add([
        name, Out.fixed(figures.meanAveragePrecision, 5),
        figures.gap(from: floor, to: oracle).map { Out.fixed($0, 4) } ?? "",
        calibration.map { Out.fixed($0.logLoss, 5) } ?? "",
        calibration.map { "\(Out.fixed(100 * $0.relativeCalibrationError, 1)) %" } ?? "",
        calibration.map { Out.fixed($0.meanPredicted, 6) } ?? "",
        calibration.map { Out.fixed($0.meanHazard, 6) } ?? "",
      ])
    }
    for line in table.lines { Out.line(line) }
  }

  /// The figures under the names scripts know.
  var object: [String: Any] {
    var figures: [String: Any] = [:]
    for (name, model) in [(Self.oracleName, oracle)] + models {
      var values: [String: Double] = ["map_at_\(k)": model.meanAveragePrecision]
      values["gap"] = model.gap(from: floor, to: oracle)
      values["log_loss"] = model.calibration?.logLoss
      values["relative_calibration_error"] = model.calibration?.relativeCalibrationError
      values["mean_predicted"] = model.calibration?.meanPredicted
      values["mean_hazard"] = model.calibration?.meanHazard
      figures[name] = values
    }
    return [
      "protocol": EvaluationProtocol.knownHazards.rawValue, "k": k, "customers": customers,
      "target_month": month.description, "models": figures,
    ]
  }
}
