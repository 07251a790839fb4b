internal import Foundation
internal import InteractionData
internal import TestSupport
internal import Testing

/// `teller experiments` on logs with a planted difference.
struct ExperimentsCommandTests {
  private let folder: TemporaryFolder
  private let experiment: String
  private static let customerCount = 1200

  init() throws {
    folder = try TemporaryFolder()
    experiment = folder.file("less.json")
    try """
    {"name": "explore-less", "start_ms": 1000, "end_ms": 2000, "arms": [
      {"name": "as-ever", "share": 1}, {"name": "less", "share": 2, "exploration_weight": 0.1}]}
    """.write(toFile: experiment, atomically: true, encoding: .utf8)
  }

  private func run(_ arguments: [String]) throws -> CommandRun {
    try CommandRun.run(["experiments"] + arguments + ["--experiment", experiment, "--json"])
  }

  /// The arms of all customers, as the program tells them.
  private func arms() throws -> [String: String] {
    let users = (0..<Self.customerCount).flatMap { ["--user", "u\($0)"] }
    let run = try run(["assign"] + users)
    #expect(run.exitCode == 0, "\(run.errors)")
    #expect(run.output.hasPrefix("u0  "))
    return try #require(run.json["arms"] as? [String: String])
  }

  /// Two answers a customer, the second outside the experiment for every tenth; 30 % take something
  /// in one arm, 50 % in the other.
  private func log(leavingOut isLeftOut: (Int, String) -> Bool = { _, _ in false }) throws -> String
  {
    var generator = SeededGenerator(seed: 31)
    var lines: [String] = []
    let arms = try arms()
    for user in 0..<Self.customerCount {
      let arm = try #require(arms["u\(user)"])
      for answer in 0..<2 {
        let isAccepted = generator.nextUnitDouble() < (arm == "less" ? 0.5 : 0.3)
        if isLeftOut(user, arm) { continue }
        let time = answer == 1 && user % 10 == 0 ? 2000 : 1000 + user % 1000
        lines.append(
          #"{"recommendation_id":"\#(user)-\#(answer)","user_id":"u\#(user)","time_ms":\#(time),"#
            + #""item_ids":["p"],"exploration_weight":\#(arm == "less" ? 0.1 : 0.3),"#
            + #""arm":"\#(arm)","events":[{"item_id":"p","type":"\#(isAccepted ? "accepted" : "shown")"}]}"#
        )
      }
    }
    let path = folder.file("log.jsonl")
    try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  private func reported(_ run: CommandRun) throws -> [[String: Any]] {
    #expect(run.exitCode == 0, "\(run.errors)")
    return try #require(run.json["arms"] as? [[String: Any]])
  }

  /// Acceptances over answers within the experiment, counted in the file.
  private func counted(_ arm: String, in path: String) throws -> Double {
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      .filter { $0.contains("\"arm\":\"\(arm)\"") && !$0.contains("\"time_ms\":2000") }
    return Double(lines.count { $0.contains("\"accepted\"") }) / Double(lines.count)
  }

  @Test func aPlantedDifferenceIsFound() throws {
    let path = try log()
    let run = try run(["--log", path])
    let arms = try reported(run)
    #expect(arms.map { $0["name"] as? String } == ["as-ever", "less"])
    #expect(
      arms.reduce(0) { $0 + ($1["customers"] as? Int ?? 0) } == Self.customerCount)
    // A tenth of the customers had their second answer after the end.
    #expect(
      arms.reduce(0) { $0 + ($1["answers"] as? Int ?? 0) } == 2 * Self.customerCount - 120)
    let differences = arms[1].object("differences")
    let difference = differences.object("reward_per_answer")
    let low = try #require(difference["low"] as? Double)
    let high = try #require(difference["high"] as? Double)
    let found = try #require(difference["value"] as? Double)
    // .5 against .3, within four standard errors.
    #expect(abs(found - 0.2) < 4 * (high - low) / 3.92, "\(difference), seed 31")
    #expect(low < found && found < high && low > 0.1)
    #expect(try #require(difference["p_value"] as? Double) < 1e-6)
    let lift = try #require(difference["lift"] as? Double)
    let value = try #require(arms[0].object("reward_per_answer")["value"] as? Double)
    let other = try #require(arms[1].object("reward_per_answer")["value"] as? Double)
    #expect(abs(lift - (other / value - 1)) < 1e-12)
    #expect(abs(value - (try counted("as-ever", in: path))) < 1e-12)
    #expect(abs(other - (try counted("less", in: path))) < 1e-12)
    #expect(arms[0]["differences"] == nil)
    #expect(run.json["sample_ratio_mismatch"] as? Bool == false)
    #expect(run.json["answers_of_another_arm"] as? Int == 0)
    #expect(run.json["answers_of_another_weight"] as? Int == 0)
    for word in ["explore-less", "as-ever", "reward per customer", "conversion", "as drawn"] {
      #expect(run.output.contains(word))
    }
  }

  @Test func customersThatAreMissingAreNoticed() throws {
    let run = try run(["--log", try log { $1 == "less" && $0 % 2 == 0 }])
    _ = try reported(run)
    #expect(run.json["sample_ratio_mismatch"] as? Bool == true)
    #expect(run.output.contains("lifts are not to be trusted"))
  }

  @Test func answersServedOtherwiseThanTheirArmAreCounted() throws {
    let path = try log()
    let changed = try String(contentsOfFile: path, encoding: .utf8)
      .replacingOccurrences(of: #""arm":"less""#, with: #""arm":"as-ever""#)
      .replacingOccurrences(of: #""exploration_weight":0.1"#, with: #""exploration_weight":0.2"#)
    try changed.write(toFile: path, atomically: true, encoding: .utf8)
    let run = try run(["--log", path])
    let answers = try #require(try reported(run)[1]["answers"] as? Int)
    #expect(run.json["answers_of_another_arm"] as? Int == answers)
    #expect(run.json["answers_of_another_weight"] as? Int == answers)
    #expect(run.output.contains("answers were logged with another arm"))
  }

  /// A log of answers to some of the customers, of which some take what they are shown.
  private func log(
    of users: [String], accepting isAccepted: (String) -> Bool
  ) throws -> String {
    let lines = users.map { user in
      #"{"recommendation_id":"\#(user)","user_id":"\#(user)","time_ms":1000,"item_ids":["p"],"#
        + #""events":[\#(isAccepted(user) ? #"{"item_id":"p","type":"accepted"}"# : "")]}"#
    }
    let path = folder.file("few.jsonl")
    try lines.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  private func lines(_ path: String) throws -> [String] {
    let run = try run(["--log", path])
    #expect(run.exitCode == 0, "\(run.errors)")
    #expect(!run.output.lowercased().contains("nan") && !run.output.contains("inf"))
    let lines = run.output.split(separator: "\n").map(String.init)
    #expect((run.json["notes"] as? [String])?.allSatisfy(lines.contains) == true)
    return lines
  }

  /// Where there is nothing to compare, the report says why in a line and has no empty table.
  @Test func whatCannotBeComparedIsSaid() throws {
    let arms = try arms()
    let (first, second) = (
      arms.keys.filter { arms[$0] == "as-ever" }.sorted().prefix(20),
      arms.keys.filter { arms[$0] == "less" }.sorted().prefix(30)
    )
    // The second arm has no answers.
    var found = try lines(try log(of: Array(first)) { $0 == first[0] })
    #expect(found.contains("nothing to compare: no arm but as-ever has 2 customers"), "\(found)")
    #expect(found.contains("less: no answers in the log"))
    #expect(!found.contains { $0.contains("against") })
    // The first arm, which the others are compared with, has none.
    found = try lines(try log(of: Array(second)) { $0 == second[0] })
    #expect(
      found.contains(
        "nothing to compare: as-ever, which the others are compared with, has no customers"))
    #expect(found.contains("as-ever: no answers in the log"))
    // A customer each.
    found = try lines(try log(of: [first[0], second[0]]) { _ in true })
    #expect(
      found.contains(
        "nothing to compare: as-ever, which the others are compared with, has 1 customer"))
    for name in ["as-ever", "less"] {
      #expect(found.contains("\(name): figures need 2 customers, the log has 1 customer"))
    }
  }

  /// 1 - .05^(1/20) = 13.91 %, 1 - .05^(1/30) = 9.50 %.
  @Test func rewardsThatNeverCameAreNoCertainty() throws {
    let arms = try arms()
    let (first, second) = (
      Array(arms.keys.filter { arms[$0] == "as-ever" }.sorted().prefix(20)),
      Array(arms.keys.filter { arms[$0] == "less" }.sorted().prefix(30))
    )
    let nothing =
      "as-ever: 20 customers brought nothing, which gives intervals no width; up to 13.91 % might "
      + "bring something (95 %)"
    var found = try lines(try log(of: first + second) { _ in false })
    #expect(found.contains("nothing to compare: no arm brought anything"), "\(found)")
    #expect(found.contains(nothing))
    #expect(found.contains { $0.hasPrefix("less: 30 customers brought nothing") })
    #expect(found.contains { $0.contains("up to 9.50 %") })
    // One arm alone without a reward is compared, and its zeros are explained.
    found = try lines(try log(of: first + second) { second.contains($0) })
    #expect(found.contains { $0.hasPrefix("against as-ever") })
    #expect(found.contains(nothing))
    #expect(!found.contains { $0.hasPrefix("less: ") || $0.hasPrefix("nothing to compare") })
  }

  /// Served with an experiment, customers of one arm get slates that were drawn, the others do not.
  @Test func theServerServesEachCustomerItsArm() throws {
    let bank = try EvaluationWorkspace.bank(customers: 100, months: 3)
    let path = try bank.write(
      "served.json",
      """
      {"name": "served", "arms": [{"name": "none", "share": 1, "exploration_weight": 0},
        {"name": "all", "share": 1, "exploration_weight": 1}]}
      """)
    let server = try ServerRun(
      workspace: bank.folder.file("workspace"), model: "popularity",
      options: ["--experiment", path])
    _ = try server.call("items", "put", "--item", "new")
    let users = (0..<24).map { "someone-\($0)" }
    let assigned = try CommandRun.run(
      ["experiments", "assign", "--experiment", path, "--json"] + users.flatMap { ["--user", $0] })
    let arms = try #require(assigned.json["arms"] as? [String: String])
    #expect(Set(arms.values).count == 2)
    for user in users {
      let answer = try server.call("recommend", "--user", user, "--k", "3")
      #expect((answer["item_ids"] as? [String])?.count == 3, "\(answer)")
      #expect((answer["propensities"] != nil) == (arms[user] == "all"), "\(user)")
      // A request's own weight comes first.
      let own = try server.call(
        "recommend", "--user", user, "--k", "3", "--exploration-weight", "0.5")
      #expect(own["propensities"] != nil)
    }
    #expect(server.stop() == 0)
    // The log knows both arms' weights; the requests with one of their own are told apart.
    let exported = try bank.attempt(["recommendations", "export"])
    let log = try bank.write("answers.jsonl", exported.output)
    let report = try CommandRun.run(["experiments", "--experiment", path, "--log", log, "--json"])
    let customers = try reported(report).map { $0["customers"] as? Int }
    #expect(customers == ["none", "all"].map { arm in arms.values.count { $0 == arm } })
    #expect(report.json["answers_of_another_weight"] as? Int == users.count)
    let served = try CommandRun.run(
      ["evaluate", "--off-policy", log, "--bootstrap", "100", "--json"])
    #expect(served.json["answers"] as? Int == 2 * users.count, "\(served.errors)")
    let broken = try bank.attempt(["serve", "--experiment", bank.folder.file("none")])
    #expect(broken.exitCode == 66 && broken.errors.contains("none: cannot be read"))
  }

  @Test func whatIsWrongIsSaidInOneLine() throws {
    let before = folder.file("before.jsonl")
    try #"{"recommendation_id":"r","user_id":"u","time_ms":999,"item_ids":["a"]}"#
      .write(toFile: before, atomically: true, encoding: .utf8)
    let bad = folder.file("bad.json")
    try #"{"name": "x", "arms": []}"#.write(toFile: bad, atomically: true, encoding: .utf8)
    let single = folder.file("single.json")
    try #"{"name": "x", "arms": [{"name": "a", "share": 1}]}"#
      .write(toFile: single, atomically: true, encoding: .utf8)
    for (arguments, code, message) in [
      (["--experiment", experiment, "--log", before], 65, "no answer of the log lies within it"),
      (["--experiment", bad, "--log", before], 65, "bad.json: 0 arms; an experiment has 2 to 16"),
      (
        ["--experiment", single, "--log", before], 65,
        "single.json: 1 arms; an experiment has 2 to 16"
      ),
      (["--experiment", folder.file("none"), "--log", before], 66, "none: cannot be read"),
      (["--experiment", experiment, "--log", folder.file("none")], 66, "none: cannot be read"),
    ] as [([String], Int32, String)] {
      let run = try CommandRun.run(["experiments"] + arguments)
      #expect(run.exitCode == code, "\(run.errors)")
      #expect(run.errors.contains(message), "\(run.errors)")
      #expect(run.errors.split(separator: "\n").count == 1)
      #expect(run.output.isEmpty)
    }
  }
}
