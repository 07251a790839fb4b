internal import Foundation
internal import TestSupport
internal import Testing

/// `teller tune` from outside, on a tiny bank.
struct TuneTests {
  private let folder: TemporaryFolder
  private let workspace: String

  init() throws {
    folder = try TemporaryFolder()
    workspace = folder.file("workspace")
    let bank = folder.file("bank.csv")
    let made = try CommandRun.run([
      "generate", "--customers", "200", "--months", "5", "--seed", "6", "--out", bank,
    ])
    #expect(made.exitCode == 0, "\(made.errors)")
    #expect(try teller("import", "santander", bank).exitCode == 0)
  }

  private func teller(_ arguments: String...) throws -> CommandRun {
    try CommandRun.run(arguments + ["--workspace", workspace])
  }

  private func log(_ recipe: String) throws -> [[String: Any]] {
    try String(contentsOfFile: "\(workspace)/tuning/\(recipe).jsonl", encoding: .utf8)
      .split(separator: "\n").map {
        try #require(
          try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any], "\($0)")
      }
  }

  private func scores(_ trials: [[String: Any]]) -> [Double?] {
    trials.map { $0["score"] as? Double }
  }

  @Test func theBestOfSimilaritysTrialsIsTrained() throws {
    let run = try teller("tune", "sims", "--trials", "6", "--seed", "3", "--json")
    #expect(run.exitCode == 0, "\(run.errors)")
    let trials = try log("sims")
    #expect(trials.map { $0["trial"] as? Int } == [0, 1, 2, 3, 4, 5])
    let report = run.json
    let best = try #require(report["score"] as? Double)
    #expect(best == scores(trials).compactMap { $0 }.max())
    let place = try #require(report["best_trial"] as? Int)
    #expect(trials[place]["score"] as? Double == best)
    #expect(report["metric"] as? String == "map_at_7")
    // What the best trial had is what the model has, and it says where that comes from.
    let manifest = try #require(
      try JSONSerialization.jsonObject(
        with: Data(
          contentsOf: URL(fileURLWithPath: "\(workspace)/models/sims-0001/manifest.json")))
        as? [String: Any])
    let note = try #require(manifest["note"] as? String)
    #expect(note.contains("best of 6 trials by map_at_7 on next-month-"))
    let settings = try #require(manifest["configuration"] as? [String: Any])
    for (name, value) in try #require(trials[place]["settings"] as? [String: Double]) {
      #expect(settings[name] as? Double == value, "\(name)")
    }
    // The figure is the one that 'evaluate' gives for these settings.
    let evaluated = try teller("evaluate", "--model", "sims", "--json").json
    let models = try #require(evaluated["models"] as? [String: [String: Any]])
    #expect(models["sims"]?["map_at_7"] as? Double ?? -1 == best, "\(models.keys)")
  }

  @Test func aSearchGoesOnWithItsTrials() throws {
    let fixed = [
      "--hidden-dimension", "32", "--session-hidden-dimension", "8", "--embedding-dimension", "8",
      "--epochs", "1", "--bptt", "4", "--json", "--workspace", workspace,
    ]
    let first = try CommandRun.run(["tune", "hrnn", "--trials", "2"] + fixed)
    #expect(first.exitCode == 0, "\(first.errors)")
    let two = try log("hrnn")
    #expect(two.count == 2)
    // A line that a crash has cut short, and one of another search.
    let path = "\(workspace)/tuning/hrnn.jsonl"
    let handle = try #require(FileHandle(forUpdatingAtPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(#"{"search":"00"#.utf8))
    try handle.close()
    let second = try CommandRun.run(
      ["tune", "hrnn", "--trials", "4", "--threads", "1"] + fixed)
    #expect(second.exitCode == 0, "\(second.errors)")
    #expect(second.json["version"] as? String == "hrnn-0002")
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 5)
    // The same search in one go, elsewhere: the same trials.
    try FileManager.default.moveItem(atPath: path, toPath: path + ".kept")
    let whole = try CommandRun.run(["tune", "hrnn", "--trials", "4"] + fixed)
    #expect(whole.exitCode == 0, "\(whole.errors)")
    let four = try log("hrnn")
    #expect(scores(four).count == 4)
    #expect(scores(Array(four[..<2])) == scores(two))
    #expect(whole.json["score"] as? Double == second.json["score"] as? Double)
    #expect(whole.json["best_trial"] as? Int == second.json["best_trial"] as? Int)
    let searched = try #require(four[1]["settings"] as? [String: Any])
    #expect(searched["learning_rate"] != nil && searched["bptt"] as? Int == 4)
  }

  @Test func wrongUseIsExplained() throws {
    for arguments in [
      ["all"], ["sims", "--trials", "0"], ["sims", "--trials", "10001"],
      ["sims", "--minutes", "0"], ["sims", "--epochs", "3"],
      ["sims", "--popularity-discount-factor", "2"],
    ] {
      let run = try CommandRun.run(["tune"] + arguments + ["--workspace", workspace])
      #expect(run.exitCode == 64, "\(arguments): \(run.errors)")
    }
    let help = try CommandRun.run(["tune", "--help"])
    #expect(help.output.contains("--popularity-discount-factor"))
  }
}
