internal import Foundation
internal import TestSupport
internal import Testing

/// `teller evaluate --off-policy` on logs of a world whose appeals are known.
struct OffPolicyTests {
  private let folder: TemporaryFolder
  private static let world = SimulatedAnswers(seed: 21, weight: 0.3)

  init() throws { folder = try TemporaryFolder() }

  private func write(_ name: String, _ text: String) throws -> String {
    let path = folder.file(name)
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  private func line(_ object: [String: Any]) throws -> String {
    String(
      decoding: try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys]),
      as: UTF8.self)
  }

  /// A log, and the events in a file of their own.
  private func log(
    _ answers: [SimulatedAnswers.Answer], withMatching: Bool = true
  ) throws -> (log: String, events: String) {
    var lines: [String] = []
    var events: [String] = []
    for (number, answer) in answers.enumerated() {
      let menu = answer.menu.map { choice -> [String: Any] in
        var object: [String: Any] = [
          "item_id": "p\(choice.item)", "propensity": choice.probability, "score": choice.score,
        ]
        if withMatching { object["matching_probability"] = choice.matching }
        return object
      }
      lines.append(
        try line([
          "recommendation_id": "r\(number)", "user_id": "u\(answer.customer)", "time_ms": number,
          "model_version": "hrnn-0001", "item_ids": answer.slate.map { "p\($0)" },
          "propensities": answer.propensities, "exploration_weight": 0.3,
          "explored": answer.slate.last != answer.menu[0].item, "candidates": menu,
          "arm": answer.customer % 2 == 0 ? "even" : "odd",
        ]))
      for (item, isAccepted) in zip(answer.slate, answer.isAccepted) where isAccepted {
        events.append(
          try line([
            "event_id": "\(number)-\(item)", "recommendation_id": "r\(number)",
            "user_id": "u\(answer.customer)", "item_id": "p\(item)", "type": "accepted",
            "time_ms": number,
          ]))
      }
    }
    return (
      try write("log.jsonl", lines.joined(separator: "\n")),
      try write("events.jsonl", events.joined(separator: "\n"))
    )
  }

  private func evaluate(_ arguments: [String]) throws -> CommandRun {
    try CommandRun.run(
      ["evaluate", "--workspace", folder.file("workspace"), "--json", "--off-policy"] + arguments)
  }

  private func policies(_ run: CommandRun) throws -> [String: [String: Any]] {
    #expect(run.exitCode == 0, "\(run.errors)")
    return try #require(run.json["policies"] as? [String: [String: Any]])
  }

  private func interval(
    _ policy: [String: Any]?, _ name: String
  ) throws -> (value: Double, low: Double, high: Double) {
    let object = try #require(policy?[name] as? [String: Double])
    return (
      try #require(object["value"]), try #require(object["low"]), try #require(object["high"])
    )
  }

  /// The log needs no workspace; the intervals hold what the world knows.
  @Test func theLogTellsOtherWeightsAndAnEvenDraw() throws {
    let answers = Self.world.answers(count: 1000, customers: 300, seed: 8)
    let files = try log(answers)
    let run = try evaluate([files.log, "--events", files.events])
    let policies = try policies(run)
    #expect(Set(policies.keys) == ["weight 0", "weight 0.1", "weight 0.3", "weight 1", "uniform"])
    let served = try interval(run.json, "served")
    let rewards = answers.reduce(0) { $0 + $1.isAccepted.count { $0 } }
    #expect(abs(served.value - Double(rewards) / 1000) < 1e-9)
    func value(_ chances: (SimulatedAnswers.Answer) -> [Double]) -> Double {
      answers.reduce(0) { $0 + Self.world.value(of: $1, last: chances($1)) } / 1000
    }
    var values = [0, 0.1, 1].map { weight in
      (
        "weight \(weight == 0.1 ? "0.1" : "\(Int(weight))")",
        value {
          SimulatedAnswers.probabilities(
            matching: $0.menu.dropFirst().map { $0.matching ?? .nan }, weight: weight)
        }
      )
    }
    values.append(("uniform", value { [Double](repeating: 1.0 / 7, count: $0.menu.count) }))
    for (name, value) in values {
      for estimator in ["ips", "snips", "dr"] {
        let found = try interval(policies[name], estimator)
        #expect(found.low < value && value < found.high, "\(name) \(estimator): \(found)")
      }
      #expect(policies[name]?["unsupported_share"] as? Double == 0)
    }
    let same = try #require(policies["weight 0.3"])
    #expect(abs(try interval(same, "ips").value - served.value) < 1e-12)
    #expect(abs(try interval(same, "dr").value - served.value) < 1e-9)
    #expect(same["verdict"] as? String == "undecided")
    #expect(same["effective_answers"] as? Double == 1000)
    #expect(run.output.contains("1,000 answers to "))
    // The same again, to the byte.
    let again = try evaluate([files.log, "--events", files.events, "--threads", "1"])
    #expect(again.output == run.output)
  }

  @Test func scoresOfAnotherModelAreEvaluatedWhereTheLogSupportsThem() throws {
    let answers = Self.world.answers(count: 1500, customers: 60, seed: 9)
    let files = try log(answers)
    let items = (0..<SimulatedAnswers.itemCount).map { "p\($0)" }
    // Interactions only give the customers and items their names; the last is a stranger.
    let interactions =
      (0..<59).flatMap { user in
        items.indices.map { "u\(user),p\($0),\(1000 + $0)" }
      }
    try run(
      "import", "interactions", "--interactions",
      try write(
        "events.csv", "USER_ID,ITEM_ID,TIMESTAMP\n" + interactions.joined(separator: "\n") + "\n"))
    func scores(_ name: String, _ score: (Int, Int) -> Double) throws -> String {
      let rows = (0..<59).map { user in
        "u\(user)," + items.indices.map { "\(score(user, $0))" }.joined(separator: ",")
      }
      return try write(
        name, "user,\(items.joined(separator: ","))\n" + rows.joined(separator: "\n") + "\n")
    }
    let known = try scores("known.csv") { Self.world.chance(kind: $0 % 4, item: $1, slot: 0) }
    let run = try evaluate([
      files.log, "--events", files.events, "--scores", "truth=\(known)", "--exploration-weights",
      "0.1",
    ])
    let policies = try policies(run)
    #expect(Set(policies.keys) == ["weight 0.1", "uniform", "truth", "truth last"])
    let total = answers.reduce(0.0) { sum, answer in
      let chances = answer.menu.map {
        Self.world.chance(kind: answer.kind, item: $0.item, slot: 0)
      }
      let best = chances.max() ?? 0
      return sum
        + Self.world.value(
          of: answer,
          last: answer.customer == 59
            ? answer.menu.map(\.probability) : chances.map { $0 == best ? 1 : 0 })
    }
    let value = total / 1500
    let found = try interval(policies["truth last"], "dr")
    #expect(found.low < value && value < found.high, "\(found), \(value)")
    // Some cold products are worth more than the two on top: the log never shows them there.
    let whole = try #require(policies["truth"])
    #expect(whole["refused"] as? Bool == true && whole["dr"] == nil)
    let share = try #require(whole["unsupported_share"] as? Double)
    #expect(share > 0.05 && share <= 1)
    let bounds = try #require(whole["bounds"] as? [String: Double])
    #expect(try #require(bounds["low"]) < #require(bounds["high"]))
    #expect(run.output.contains("truth: refused, the log could not have shown "))
    #expect(run.output.contains("does not know 1 of 60 customers; their answers stay as served"))
  }

  private func run(_ arguments: String...) throws {
    let run = try CommandRun.run(arguments + ["--workspace", folder.file("workspace")])
    #expect(run.exitCode == 0, "\(run.errors)")
  }

  @Test func oneArmCanBeTakenAlone() throws {
    let answers = Self.world.answers(count: 200, customers: 20, seed: 3)
    let files = try log(answers)
    let run = try evaluate([files.log, "--arm", "even", "--bootstrap", "100"])
    #expect(run.json["answers"] as? Int == answers.count { $0.customer % 2 == 0 })
    let none = try evaluate([files.log, "--arm", "third"])
    #expect(none.exitCode == 65)
    #expect(none.errors.contains("log.jsonl: no answers of arm \"third\""))
  }

  @Test func whatIsNotLoggedIsSaid() throws {
    let files = try log(
      Self.world.answers(count: 100, customers: 20, seed: 3), withMatching: false)
    let policies = try policies(try evaluate([files.log, "--bootstrap", "100"]))
    // Smaller weights follow from the propensities, larger ones only where nothing was cut.
    #expect(policies["weight 0.1"]?["refused"] as? Bool == false)
    #expect(policies["weight 1"]?["refused"] as? Bool == true)
    #expect(try #require(policies["weight 1"]?["unknown_answers"] as? Int) > 0)
  }

  @Test func whatIsWrongIsSaidInOneLine() throws {
    let good = #"{"recommendation_id":"r","user_id":"u","time_ms":1,"item_ids":["a"]}"#
    let log = try write("good.jsonl", good)
    let bad = try write(
      "bad.jsonl",
      good + "\n"
        + #"{"recommendation_id":"s","user_id":"u","time_ms":1,"item_ids":["a"],"propensities":[0]}"#
    )
    let empty = try write(
      "menu.jsonl",
      #"{"recommendation_id":"r","user_id":"u","time_ms":1,"item_ids":["a"],"propensities":[0.5],"#
        + #""exploration_weight":0.3,"candidates":[]}"#)
    let cases: [([String], Int32, String)] = [
      (
        ["--off-policy", empty], 65,
        "menu.jsonl:1: candidates is empty, but what stands in the last slot was drawn: its "
          + "propensity is 0.5"
      ),
      (
        ["--off-policy", bad], 65, "bad.jsonl:2: propensities.0 is 0.0; what was shown had a chance"
      ),
      (["--off-policy", try write("empty.jsonl", "")], 65, "empty.jsonl: no answers"),
      (["--off-policy", folder.file("absent")], 66, "absent: cannot be read"),
      (["--off-policy", log, "--events", folder.file("none")], 66, "none: cannot be read"),
      (["--off-policy", log, "--clip", "0.5"], 64, "--clip is 0.5, it must be 1 or more"),
      (["--off-policy", log, "--bootstrap", "99"], 64, "--bootstrap is 99"),
      (
        ["--off-policy", log, "--exploration-weights", "0,2"], 64,
        "--weights is 0,2, it must be numbers from 0 to 1"
      ),
      (["--off-policy", log, "--k", "3"], 64, "--k is 3, it must be left out with --off-policy"),
      (["--off-policy", log, "--model", "hrnn"], 66, "dataset"),
    ]
    for (arguments, code, message) in cases {
      let run = try CommandRun.run(
        ["evaluate", "--workspace", folder.file("workspace")] + arguments)
      #expect(run.exitCode == code, "\(arguments): \(run.errors)")
      #expect(run.errors.contains(message), "\(run.errors)")
      #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
    }
    // A single answer is evaluated, and what stands in the table are numbers.
    let run = try evaluate([log])
    #expect(run.exitCode == 0, "\(run.errors)")
    #expect(!run.output.lowercased().contains("nan"))
  }

  @Test func optionsOfALogAreRefusedWithoutOne() throws {
    let shop = try EvaluationWorkspace.shop()
    for (name, value) in [
      ("events", "e.jsonl"), ("reward", "clicked"), ("weights", "1"), ("clip", "2.0"),
      ("arm", "a"),
    ] {
      let run = try shop.attempt(["evaluate", "--\(name)", value])
      #expect(run.exitCode == 64)
      #expect(
        run.errors.contains("--\(name) is \(value), it must be left out without --off-policy"),
        "\(run.errors)")
    }
  }
}
