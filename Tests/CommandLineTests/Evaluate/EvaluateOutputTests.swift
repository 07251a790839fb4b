internal import Foundation
internal import TestSupport
internal import Testing

/// Every output of `teller evaluate` tells the same, and the rankings it dumps give the figures
/// again.
struct EvaluateOutputTests {
  private let bank: EvaluationWorkspace

  init() throws { bank = try .bank() }

  @Test func theDumpGivesTheFiguresAgain() throws {
    let csv = bank.folder.file("figures.csv")
    let (report, lines) = try bank.evaluate(
      "--cutoffs", "3,24", "--csv", csv, "--bootstrap", "200", "--yardsticks")
    #expect(
      Set(report.models.keys) == [
        "popularity", "sims", "random", "item-knn", "markov", "naive-bayes", "popularity-held",
        "popularity-last-month", "popularity-calendar-month",
      ])
    for (model, figures) in report.models {
      let own = lines.filter { $0.model == model }
      #expect(own.count == report["customers"] as? Int)
      #expect(own.count { !$0.relevant.isEmpty } == report["adders"] as? Int)
      // 7 kinds at 3 and 24, and the 12 that are always measured.
      expectRecomputed(figures, from: own, atLeast: 26)
      let recomputed = RecomputedFigures(own)
      #expect(figures["coverage"] == recomputed.coverage(k: 7, catalogue: 24))
      // Nobody is offered what is held, and every list is as long as what is left.
      #expect(own.allSatisfy { Set($0.items).count == $0.items.count && $0.items.count <= 24 })
      #expect(own.allSatisfy { Set($0.items).isSuperset(of: $0.relevant) })
    }
    try expectCSV(csv, tells: report)
  }

  private func expectCSV(_ path: String, tells report: [String: Any]) throws {
    let rows = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    #expect(rows.first == "model,group,metric,value,low,high")
    var compared = 0
    for row in rows.dropFirst() {
      let fields = row.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      #expect(fields.count == 6, "\(row)")
      guard fields[1].isEmpty, let value = report.models[fields[0]]?[fields[2]] else { continue }
      compared += 1
      #expect(isSame(Double(fields[3]), value), "\(row)")
      let ends =
        report.object("confidence_intervals").object(fields[0])[fields[2]] as? [Double] ?? []
      #expect(fields[4].isEmpty == ends.isEmpty, "\(row)")
      for (field, end) in zip(fields[4...], ends) { #expect(isSame(Double(field), end), "\(row)") }
    }
    #expect(compared == report.models.values.reduce(0) { $0 + $1.count })
    let calibration = report.object("calibration").object("popularity")
    let bins = calibration["bins"] as? [[String: Double]] ?? []
    #expect(!bins.isEmpty)
    for (number, bin) in bins.enumerated() {
      for (name, key) in [("pairs", "count"), ("predicted", "predicted"), ("observed", "observed")]
      {
        let start = "popularity,calibration_bin=\(number + 1),\(name),"
        let row = try #require(rows.first { $0.hasPrefix(start) })
        #expect(isSame(Double(row.dropFirst(start.count).dropLast(2)), bin[key]), "\(row)")
      }
    }
  }

  /// Whether numbers are the same but for the last digit, which JSON's reader may change.
  private func isSame(_ number: Double?, _ other: Double?) -> Bool {
    guard let number, let other else { return false }
    return abs(number - other) <= 1e-14 * max(abs(number), abs(other))
  }

  @Test func calibrationIsToldRelativeToTheMeanHazard() throws {
    let run = try bank.run("evaluate", "--bootstrap", "0")
    let table = run.json.object("calibration").object("popularity")
    func number(_ name: String) throws -> Double { try #require(table[name] as? Double, "\(name)") }
    let bins = try #require(table["bins"] as? [[String: Double]])
    let pairs = try number("pairs")
    func sum(_ value: (Double, Double, Double) -> Double) -> Double {
      bins.reduce(0) { $0 + value($1["count"] ?? 0, $1["predicted"] ?? 0, $1["observed"] ?? 0) }
    }
    #expect(sum { count, _, _ in count } == pairs)
    let error = sum { $0 * abs($1 - $2) } / pairs
    let hazard = sum { $0 * $2 } / pairs
    #expect(abs(try number("expected_calibration_error") / error - 1) < 1e-12)
    #expect(abs(try number("mean_observed") / hazard - 1) < 1e-12)
    #expect(
      abs(
        try number("mean_predicted") / (sum { count, predicted, _ in count * predicted } / pairs)
          - 1) < 1e-12)
    #expect(abs(try number("relative_calibration_error") * hazard / error - 1) < 1e-12)
    let constant = -hazard * log(hazard) - (1 - hazard) * log(1 - hazard)
    #expect(abs(try number("constant_log_loss") / constant - 1) < 1e-12)
    #expect(try number("log_loss") > 0)
    // What scripts and people read is the same ratio.
    let ratio = String(format: "%.1f %%", 100 * error / hazard)
    #expect(run.output.contains("ECE / mean hazard"))
    #expect(run.output.contains(ratio), "\(run.output)")
  }

  @Test func monthsAreMeasuredOneByOneAndTogether() throws {
    let (report, lines) = try bank.evaluate("--months", "3", "--bootstrap", "100")
    let months = report["months"] as? [String: [String: [String: Double]]] ?? [:]
    #expect(months.keys.sorted() == ["2015-03", "2015-04", "2015-05"])
    for (month, models) in months {
      for (model, figures) in models {
        let own = lines.filter { $0.model == model && $0.targetMonth == month }
        expectRecomputed(figures, from: own, atLeast: 12)
      }
    }
    for (model, figures) in report.models {
      let own = lines.filter { $0.model == model }
      #expect(own.count == report["customers"] as? Int)
      expectRecomputed(figures, from: own, atLeast: 12)
    }
    // An earlier month alone gives what it gave among three.
    let alone = try bank.evaluate("--months", "1").report
    let newest = try #require(months["2015-05"])
    for (model, figures) in newest { #expect(figures == alone.models[model]) }
  }

  @Test(arguments: ["popularity", "sims", "sims-0001", "random"])
  func modelsAreComparedWithTheOneThatIsNamed(reference: String) throws {
    let report = try bank.run(
      "evaluate", "--against", reference, "--bootstrap", "200", "--model", "sims"
    ).json
    let name = reference == "sims-0001" ? "sims" : reference
    #expect(report["compared_with"] as? String == name)
    let differences = report.object("differences")
    #expect(Set(differences.keys) == Set(report.models.keys).subtracting([name]))
    for model in differences.keys {
      for metric in ["map_at_7", "adders_map_at_7", "recall_at_10", "ndcg_at_10"] {
        let entry = differences.object(model).object(metric)
        let difference = try #require(entry["difference"] as? Double)
        let (own, other) = (report.models[model]?[metric], report.models[name]?[metric])
        #expect(abs(difference - (try #require(own) - #require(other))) < 1e-12)
        let low = try #require(entry["low"] as? Double)
        let high = try #require(entry["high"] as? Double)
        #expect(low <= high)
        #expect(entry["sign"] as? Int == (low > 0 ? 1 : high < 0 ? -1 : 0))
      }
    }
  }

  @Test func theNumberOfThreadsChangesNoByte() throws {
    var outputs: [[String]] = []
    for threads in ["1", "3"] {
      let paths = ["csv", "html", "dump"].map { bank.folder.file("\(threads).\($0)") }
      let run = try bank.run(
        "evaluate", "--threads", threads, "--months", "2", "--slice", "segmento", "--csv",
        paths[0], "--html", paths[1], "--dump", paths[2], "--bootstrap", "150")
      outputs.append(
        [run.output] + (try paths.map { try String(contentsOfFile: $0, encoding: .utf8) }))
    }
    #expect(outputs[0] == outputs[1])
  }

  @Test func aModelNamedTwiceIsMeasuredOnce() throws {
    let report = try bank.run("evaluate", "--model", "sims", "--model", "sims-0001").json
    #expect(Set(report.models.keys) == ["sims", "popularity", "random", "item-knn"])
  }
}
