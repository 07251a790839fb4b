internal import Foundation
internal import TestSupport
internal import Testing

/// The built program, driven as a user would: from a CSV to recommendations that feedback changes.
struct WholeWayTests {
  private let folder: TemporaryFolder
  private let workspace: String

  init() throws {
    folder = try TemporaryFolder()
    workspace = folder.file("workspace")
  }

  @discardableResult
  private func teller(_ arguments: String...) throws -> CommandRun {
    let run = try CommandRun.run(arguments + ["--workspace", workspace, "--json"])
    #expect(run.exitCode == 0, "\(arguments): \(run.errors)")
    return run
  }

  private func makeBank(customers: Int = 600, months: Int = 5) throws -> String {
    let path = folder.file("bank.csv")
    let report = try teller(
      "generate", "--customers", "\(customers)", "--months", "\(months)", "--seed", "3", "--out",
      path, "--truth", folder.file("truth.csv")
    ).json
    let rows = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").count - 1
    #expect(report["rows"] as? Int == rows)
    return path
  }

  private static let quickNetwork = [
    "--epochs", "1", "--hidden-dimension", "32", "--session-hidden-dimension", "8",
    "--embedding-dimension", "8",
  ]

  @Test func fromAFileToAnAnswerThatFeedbackChanges() throws {
    let imported = try teller("import", "santander", try makeBank()).json
    #expect(imported["rejected_rows"] as? Int == 0)
    #expect(imported["items"] as? Int == 24)
    #expect(imported["months"] as? Int == 5)
    let trained = try CommandRun.run(
      ["train", "all", "--workspace", workspace, "--json"] + Self.quickNetwork)
    #expect(trained.exitCode == 0, "\(trained.errors)")
    let models = trained.json["models"] as? [[String: Any]] ?? []
    #expect(
      models.compactMap { $0["version"] as? String } == [
        "popularity-0001", "sims-0001", "hrnn-0001",
      ])
    for key in ["parameters", "epochs", "seconds", "customer_months_per_second", "validation"] {
      #expect(models.allSatisfy { $0[key] != nil }, "\(key)")
    }

    let server = try ServerRun(workspace: workspace)
    let customer = try #require(try customers().first)
    let before = try server.call("recommend", "--user", customer, "--k", "3")
    let items = try #require(before["item_ids"] as? [String])
    #expect(items.count == 3)
    #expect(before["source"] as? String == "MODEL")
    #expect(before["model_version"] as? String == "hrnn-0001")
    let outcome = try server.call(
      "feedback", "--user", customer, "--item", items[0], "--type", "accepted", "--event-id", "a")
    #expect(outcome["outcomes"] as? [String] == ["ACCEPTED"])
    let after = try server.call("recommend", "--user", customer, "--k", "24")
    let rest = try #require(after["item_ids"] as? [String])
    #expect(!rest.contains(items[0]))
    #expect(server.stop() == 0)

    // What was acknowledged is known after a restart, and counts once.
    let again = try ServerRun(workspace: workspace)
    let remembered = try again.call("recommend", "--user", customer, "--k", "24")
    #expect(remembered["item_ids"] as? [String] == rest)
    #expect(remembered["scores"] as? [Double] == after["scores"] as? [Double])
    let repeated = try again.call(
      "feedback", "--user", customer, "--item", items[1], "--type", "accepted", "--event-id", "a")
    #expect(repeated["outcomes"] as? [String] == ["DUPLICATE"])
    #expect(again.stop(SIGINT) == 0)
  }

  @Test func anAcknowledgedEventSurvivesAKill() throws {
    try teller("import", "santander", try makeBank(customers: 50, months: 3))
    try teller("train", "popularity")
    let customer = try #require(try customers().first)
    let server = try ServerRun(workspace: workspace)
    let items = try #require(
      try server.call("recommend", "--user", customer)["item_ids"] as? [String])
    let outcome = try server.call(
      "feedback", "--user", customer, "--item", items[0], "--type", "accepted")
    #expect(outcome["outcomes"] as? [String] == ["ACCEPTED"])
    #expect(server.stop(SIGKILL) == SIGKILL)
    let again = try ServerRun(workspace: workspace)
    let rest = try #require(
      try again.call("recommend", "--user", customer, "--k", "24")["item_ids"] as? [String])
    #expect(!rest.contains(items[0]))
    #expect(again.stop() == 0)
  }

  @Test func batchWritesEveryCustomerAndNothingHeld() throws {
    let bank = try makeBank()
    try teller("import", "santander", bank)
    try teller("train", "popularity")
    let out = folder.file("out.csv")
    let report = try teller("batch", "--k", "7", "--out", out).json
    let lines = try String(contentsOfFile: out, encoding: .utf8).split(separator: "\n")
    #expect(lines[0] == "ncodpers,added_products")
    let customers = try customers()
    #expect(lines.count == customers.count + 1)
    #expect(report["customers"] as? Int == customers.count)
    // The last row of each customer in the file says what it holds.
    var held: [Substring: Set<String>] = [:]
    let rows = try String(contentsOfFile: bank, encoding: .utf8).split(separator: "\n")
    let names = rows[0].split(separator: ",").suffix(24).map {
      $0.trimmingCharacters(in: ["\""])
    }
    for row in rows.dropFirst() {
      let fields = row.split(separator: ",", omittingEmptySubsequences: false)
      let products = fields.suffix(24).map { $0.trimmingCharacters(in: [" "]) }
      held[fields[1]] = Set(zip(names, products).filter { $0.1 == "1" }.map(\.0))
    }
    for line in lines.dropFirst() {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      let offered = fields[1].split(separator: " ").map(String.init)
      let holdings = try #require(held[fields[0]])
      #expect(offered.count == min(7, 24 - holdings.count))
      #expect(holdings.isDisjoint(with: offered))
      #expect(Set(offered).count == offered.count)
    }
  }

  @Test func evaluationNamesEveryFigure() throws {
    try teller("import", "santander", try makeBank())
    try teller("train", "popularity")
    try teller("train", "sims", "--popularity-discount-factor", "0.3")
    let report = try teller("evaluate").json
    #expect(report["protocol"] as? String == "next-month")
    let models = try #require(report["models"] as? [String: [String: Double]])
    #expect(models.keys.sorted() == ["item-knn", "popularity", "random", "sims"])
    for figures in models.values {
      for name in [
        "adders_map_at_7", "coverage", "map_at_7", "mrr_at_25", "ndcg_at_10", "precision_at_5",
        "recall_at_1", "recall_at_10", "recall_at_5", "gini", "hit_rate_at_10",
      ] {
        let value = try #require(figures[name], "\(name)")
        #expect((0...1).contains(value), "\(name)")
      }
    }
    let popularity = try #require(models["popularity"]?["map_at_7"])
    #expect(popularity > 0)
  }

  @Test func equalSeedsGiveEqualFilesAtAnyThreadCount() throws {
    let bank = try makeBank()
    var files: [[Data]] = []
    for threads in ["1", "2"] {
      let other = folder.file("workspace-\(threads)")
      let shared = ["--workspace", other, "--threads", threads]
      #expect(try CommandRun.run(["import", "santander", bank] + shared).exitCode == 0)
      let train = ["train", "all", "--seed", "9"] + shared + Self.quickNetwork
      #expect(try CommandRun.run(train).exitCode == 0)
      files.append(
        try ["popularity", "sims", "hrnn"].flatMap { kind in
          try ["manifest.json", "model.safetensors"].map { name in
            try Data(contentsOf: URL(fileURLWithPath: "\(other)/models/\(kind)-0001/\(name)"))
          }
        })
    }
    #expect(files[0] == files[1])
  }

  private func customers() throws -> [String] {
    let text = try String(contentsOfFile: folder.file("bank.csv"), encoding: .utf8)
    return Set(
      text.split(separator: "\n").dropFirst().map { row in
        row.split(separator: ",", omittingEmptySubsequences: false)[1]
          .trimmingCharacters(in: [" "])
      }
    ).sorted()
  }
}
