internal import Foundation
internal import TestSupport
internal import Testing

/// What a server recorded, evaluated where it lies: served, simulated, and no file in between.
struct WorkspaceLogTests {
  private let folder: TemporaryFolder
  private let truth: String
  private var workspace: String { folder.file("workspace") }

  init() throws {
    folder = try TemporaryFolder()
    truth = folder.file("truth.csv")
    let bank = folder.file("bank.csv")
    for arguments in [
      [
        "generate", "--customers", "1000", "--months", "5", "--seed", "4", "--out", bank,
        "--truth", truth,
      ],
      ["import", "santander", bank], ["train", "popularity"],
    ] {
      let run = try CommandRun.run(arguments + ["--workspace", folder.file("workspace")])
      try #require(run.exitCode == 0, "\(arguments): \(run.errors)")
    }
  }

  /// Serves customers of known preferences, two new products among what they are shown.
  private func serve(options: [String], requests: Int = 3000) throws {
    let server = try ServerRun(
      workspace: workspace, model: "popularity",
      options: ["--response-window", "30", "--instance", "5"] + options)
    let run = try CommandRun.run([
      "simulate", "--server", server.address, "--truth", truth, "--requests", "\(requests)",
      "--product", "good=0.2", "--product", "bad=0.0",
    ])
    #expect(run.exitCode == 0, "\(run.errors)")
    #expect(server.stop() == 0)
  }

  private func evaluate(_ arguments: [String]) throws -> [String: Any] {
    let run = try CommandRun.run(
      ["evaluate", "--workspace", workspace, "--json", "--bootstrap", "100", "--off-policy"]
        + arguments)
    #expect(run.exitCode == 0, "\(run.errors)")
    return run.json
  }

  private func policies(_ report: [String: Any]) throws -> [String: [String: Any]] {
    try #require(report["policies"] as? [String: [String: Any]])
  }

  private func write(_ name: String, _ command: String) throws -> String {
    let run = try CommandRun.run([command, "export", "--workspace", workspace])
    #expect(run.exitCode == 0, "\(run.errors)")
    let path = folder.file(name)
    try run.output.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  @Test func otherWeightsAndModelsAreEvaluatedFromTheRecord() throws {
    try serve(options: ["--exploration-weight", "0.5"])
    let options = ["--weights", "0,.1,.5,1", "--model", "popularity"]
    let report = try evaluate(options)
    #expect(report["answers"] as? Int == 3000 && report["answers_left_out"] as? Int == 0)
    #expect(report["events_without_answer"] as? Int == 0)
    let policies = try policies(report)
    #expect(policies.count == 7, "\(policies.keys)")
    let served = try #require(report["served"] as? [String: Double])
    let value = try #require(served["value"])
    #expect(value > 0)
    for weight in ["0", "0.1", "0.5", "1"] {
      let policy = try #require(policies["weight \(weight)"])
      #expect(policy["refused"] as? Bool == false && policy["unsupported_share"] as? Double == 0)
      // What was drawn is what was recorded.
      #expect(abs(try #require(policy["mean_weight_deviations"] as? Double)) < 4, "\(policy)")
      for estimate in ["ips", "snips", "dm", "dr"] {
        let interval = try #require(policy[estimate] as? [String: Double])
        #expect(interval["low"] ?? 1 <= interval["high"] ?? 0, "\(interval)")
      }
    }
    let same = try #require(policies["weight 0.5"]?["ips"] as? [String: Double])
    #expect(abs(try #require(same["value"]) - value) < 1e-12)
    #expect(try #require(policies["weight 0"]?["effective_answers"] as? Double) < 3000)

    // The same from files.
    let (answers, events) = (
      try write("answers.jsonl", "recommendations"), try write("events.jsonl", "events")
    )
    let other = try evaluate([answers, "--events", events] + options)
    for (name, policy) in try self.policies(other) {
      for estimate in ["ips", "snips", "dm", "dr"] {
        let value = (policy[estimate] as? [String: Double])?["value"]
        let expected = (policies[name]?[estimate] as? [String: Double])?["value"]
        #expect(
          (value == nil) == (expected == nil) && abs((value ?? 0) - (expected ?? 0)) < 1e-6,
          "\(name) \(estimate)")
      }
    }
  }

  @Test func theRecordOfAnAnswerTellsItsMenu() throws {
    let server = try ServerRun(
      workspace: workspace, model: "popularity", options: ["--exploration-weight", "0.5"])
    _ = try server.call("items", "put", "--item", "new")
    func recorded(_ options: String...) throws -> [String: Any] {
      let answer = try server.call(["recommend", "--user", "someone", "--k", "3"] + options)
      let id = try #require(answer["recommendation_id"] as? String)
      return try server.call("recommendations", "get", "--id", id)
    }
    let record = try recorded()
    let menu = try #require(record["candidates"] as? [[String: Any]])
    // What is believed best, the new product, and two established ones.
    #expect(menu.count == 4)
    #expect(menu.contains { $0["item_id"] as? String == "new" })
    #expect(menu[0]["matching_probability"] == nil)
    let sum = try menu.reduce(0) { try $0 + #require($1["propensity"] as? Double) }
    #expect(abs(sum - 1) < 1e-6)
    let last = try #require((record["item_ids"] as? [String])?.last)
    #expect(
      menu.first { $0["item_id"] as? String == last }?["propensity"] as? Double
        == (record["propensities"] as? [Double])?.last)
    #expect(record["candidate_count"] as? Int == 24)
    let plain = try recorded("--exploration-weight", "0")
    #expect(plain["candidates"] == nil && plain["propensities"] as? [Double] == [])
    let listed = try #require(
      try server.call("recommendations", "list", "--user", "someone")["recommendations"]
        as? [[String: Any]])
    #expect(listed.count == 2)
    #expect(listed.allSatisfy { $0["candidates"] == nil && $0["candidate_count"] != nil })
    #expect(server.stop() == 0)
    // Answers that did not explore are left out, and counted.
    let report = try evaluate(["--weights", "0,1"])
    #expect(report["answers"] as? Int == 1 && report["answers_left_out"] as? Int == 1)
  }

  @Test func armsAreRecordedAndReported() throws {
    let path = folder.file("arms.json")
    let text = """
      {"name": "weights", "arms": [{"name": "some", "share": 1, "exploration_weight": 0.2},
        {"name": "all", "share": 1, "exploration_weight": 1}]}
      """
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    try serve(options: ["--experiment", path], requests: 1500)
    func report(_ arguments: String...) throws -> [String: Any] {
      let run = try CommandRun.run(
        ["experiments", "--workspace", workspace, "--experiment", path, "--json"] + arguments)
      #expect(run.exitCode == 0, "\(run.errors)")
      return run.json
    }
    let direct = try report()
    let arms = try #require(direct["arms"] as? [[String: Any]])
    #expect(arms.map { $0["name"] as? String } == ["some", "all"])
    #expect(arms.reduce(0) { $0 + ($1["answers"] as? Int ?? 0) } == 1500)
    #expect(direct["answers_of_another_arm"] as? Int == 0)
    #expect(arms[1]["differences"] is [String: Any])
    let files = try report(
      "--log", try write("answers.jsonl", "recommendations"), "--events",
      try write("events.jsonl", "events"))
    #expect(files as NSDictionary == direct as NSDictionary)
    let one = try evaluate(["--arm", "all"])
    #expect(one["answers"] as? Int == arms[1]["answers"] as? Int)

    // Who was served by which arm is what was recorded, whatever the shares say later.
    try text.replacingOccurrences(
      of: #""share": 1, "exploration_weight": 1}"#,
      with: #""share": 9, "exploration_weight": 1}"#
    )
    .write(toFile: path, atomically: true, encoding: .utf8)
    let later = try #require(try report()["arms"] as? [[String: Any]])
    #expect(later.map { $0["answers"] as? Int } == arms.map { $0["answers"] as? Int })
    // Answers of another experiment are none of this one.
    try text.replacingOccurrences(of: "weights\"", with: "other\"")
      .write(toFile: path, atomically: true, encoding: .utf8)
    let none = try CommandRun.run([
      "experiments", "--workspace", workspace, "--experiment", path,
    ])
    #expect(none.exitCode == 65 && none.errors.contains("no answer of the log lies within it"))
  }

  @Test func aWorkspaceWithoutARecordIsTold() throws {
    let none = try CommandRun.run(["evaluate", "--workspace", workspace, "--off-policy"])
    #expect(none.exitCode != 0 && none.errors.contains("recommendations.sqlite"), "\(none.errors)")
    let server = try ServerRun(
      workspace: workspace, model: "popularity", options: ["--exploration-weight", "0"])
    _ = try server.call("recommend", "--user", "someone")
    #expect(server.stop() == 0)
    let plain = try CommandRun.run(["evaluate", "--workspace", workspace, "--off-policy"])
    #expect(plain.exitCode == 65 && plain.errors.contains("none of 1 answers tells"))
    #expect(plain.errors.split(separator: "\n").count == 1)
    let both = try CommandRun.run([
      "evaluate", "--workspace", workspace, "--off-policy", "--events", "e.jsonl",
    ])
    #expect(both.exitCode == 64 && both.errors.contains("left out with the workspace's own log"))
  }
}
