internal import Foundation
internal import TestSupport
internal import Testing

/// Measuring against what a generated bank says will happen, from outside.
struct KnownHazardsTests {
  private let bank = Result { try Self.workspace() }

  private static func workspace() throws -> EvaluationWorkspace {
    let workspace = try EvaluationWorkspace()
    try workspace.run(
      "generate", "--customers", "3000", "--months", "14", "--seed", "5", "--out",
      workspace.folder.file("bank.csv"), "--hazards", workspace.folder.file("hazards.csv"))
    try workspace.run("import", "santander", workspace.folder.file("bank.csv"))
    try workspace.run("train", "popularity")
    return workspace
  }

  private static let protocolName = ["evaluate", "--protocol", "known-hazards"]

  @Test func theHazardsThemselvesAreTheBest() throws {
    let bank = try bank.get()
    let hazards = bank.folder.file("hazards.csv")
    let run = try bank.run(
      Self.protocolName + ["--hazards", hazards, "--scores", "copy=\(hazards)", "--yardsticks"])
    let models = run.json.models
    let oracle = try #require(models["hazards"])
    #expect(oracle["gap"] == 1)
    #expect(oracle["relative_calibration_error"] == 0)
    #expect(models["copy"] == oracle)
    #expect(models["popularity-last-month"]?["gap"] == 0)
    #expect(models.count == 10)
    for (name, figures) in models where name != "copy" && name != "hazards" {
      #expect(try #require(figures["map_at_7"]) < #require(oracle["map_at_7"]), "\(name)")
      if let loss = figures["log_loss"] { #expect(try loss > #require(oracle["log_loss"])) }
    }
    #expect(try #require(models["popularity"]?["log_loss"]) > 0)
    #expect(run.json["target_month"] as? String == "2016-03")
    let text = try bank.run(Self.protocolName + ["--hazards", hazards]).output
    #expect(text.contains("known hazards, 2016-03"))
    #expect(text.contains("popularity-last-month"))
  }

  @Test func otherProgramsStandBesideModelsInEveryProtocol() throws {
    let bank = try bank.get()
    let lines = try String(contentsOfFile: bank.folder.file("hazards.csv"), encoding: .utf8)
      .split(separator: "\n")
    // The same for everyone: the later column, the better.
    let fixed = (1...24).map { "\($0)" }.joined(separator: ",")
    let rows = lines.dropFirst().map { $0.prefix { $0 != "," } + "," + fixed }
    let file = try bank.write("fixed.csv", ([String(lines[0])] + rows).joined(separator: "\n"))
    let run = try bank.run(
      "evaluate", "--scores", "fixed=\(file)", "--bootstrap", "100", "--against", "fixed")
    let own = try #require(run.json.models["fixed"]?["map_at_7"])
    let other = try #require(run.json.models["popularity"]?["map_at_7"])
    #expect(own > 0)
    // Numbers above 1 are no probabilities.
    #expect(run.json.object("calibration")["fixed"] == nil)
    let difference = run.json.object("differences")["popularity"] as? [String: Any] ?? [:]
    let map = difference.object("map_at_7")["difference"] as? Double
    #expect(abs(try #require(map) - (other - own)) < 1e-12)
  }

  @Test func whatIsMissingOrWrongIsSaid() throws {
    let bank = try bank.get()
    let hazards = bank.folder.file("hazards.csv")
    for (arguments, code, text) in [
      (Self.protocolName, 64, "--hazards is not given, it must be a file for known-hazards"),
      (["evaluate", "--hazards", hazards], 64, "it must be left out with --protocol next-month"),
      (
        Self.protocolName + ["--hazards", hazards, "--html", "x.html"], 64,
        "--html is x.html, it must be left out"
      ),
      (
        Self.protocolName + ["--hazards", hazards, "--scores", "trees"], 64,
        "--scores is trees, it must be NAME=FILE"
      ),
      (
        Self.protocolName + ["--hazards", hazards, "--scores", "popularity=\(hazards)"], 64,
        "--scores is popularity, it must be named unlike every other model"
      ),
      (Self.protocolName + ["--hazards", "/nowhere/june.csv"], 66, "/nowhere/june.csv"),
    ] as [([String], Int32, String)] {
      let run = try bank.attempt(arguments)
      #expect(run.exitCode == code, "\(arguments): \(run.errors)")
      #expect(run.errors.contains(text), "\(run.errors)")
      #expect(run.errors.split(separator: "\n").count == 1)
    }
  }
}
