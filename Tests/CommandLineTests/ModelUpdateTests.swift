internal import Foundation
internal import TestSupport
internal import Testing

/// Newer models that come in force while a server runs.
struct ModelUpdateTests {
  private let folder: TemporaryFolder
  private let workspace: String

  init() throws {
    folder = try TemporaryFolder()
    workspace = folder.file("workspace")
    try teller(
      "generate", "--customers", "200", "--months", "4", "--seed", "3", "--out",
      folder.file("bank.csv"))
    try teller("import", "santander", folder.file("bank.csv"))
    try teller("train", "popularity")
  }

  private func teller(_ arguments: String...) throws {
    let run = try CommandRun.run(arguments + ["--workspace", workspace])
    #expect(run.exitCode == 0, "\(arguments): \(run.errors)")
  }

  private func versions(_ answer: [String: Any]) -> [String?] {
    [answer["model_version"] as? String, answer["previous_model_version"] as? String]
  }

  /// Asks until the server says what is expected; the test's own time limit ends it otherwise.
  private func wait(for version: String, _ server: ServerRun) throws {
    while try server.call("status")["model_version"] as? String != version {
      Thread.sleep(forTimeInterval: 0.1)
    }
  }

  @Test(.timeLimit(.minutes(5))) func reloadAndRollbackChangeWhoAnswers() throws {
    let server = try ServerRun(workspace: workspace)
    #expect(
      versions(try server.call("models", "reload")) == ["popularity-0001", "popularity-0001"])
    let none = try CommandRun.run(["models", "rollback", "--server", server.address])
    #expect(none.exitCode == 70)
    #expect(none.errors.contains("no other models were in force before these"), "\(none.errors)")
    _ = try server.call(
      "feedback", "--user", "new", "--item", "ind_recibo_ult1", "--type", "accepted")
    try teller("train", "popularity", "--recent-months", "1")
    #expect(
      versions(try server.call("models", "reload")) == ["popularity-0002", "popularity-0001"])
    let answer = try server.call("recommend", "--user", "new", "--k", "24")
    #expect(answer["model_version"] as? String == "popularity-0002")
    #expect((answer["item_ids"] as? [String])?.contains("ind_recibo_ult1") == false)
    #expect(
      versions(try server.call("models", "rollback")) == ["popularity-0001", "popularity-0002"])
    server.signal(SIGHUP)
    try wait(for: "popularity-0002", server)
    // A damaged newer version: the old one goes on.
    try teller("train", "popularity")
    try Data("{}".utf8).write(
      to: URL(fileURLWithPath: "\(workspace)/models/popularity-0003/manifest.json"))
    let damaged = try CommandRun.run(["models", "reload", "--server", server.address])
    #expect(damaged.exitCode == 70)
    #expect(damaged.errors.contains("the models stay as they are"), "\(damaged.errors)")
    #expect(try server.call("status")["model_version"] as? String == "popularity-0002")
    let metrics = try #require(try server.call("status")["metrics"] as? [[String: Any]])
    let infos = metrics.filter { $0["name"] as? String == "teller_model_info" }
    #expect(
      infos.compactMap { ($0["labels"] as? [String: String])?["version"] } == ["popularity-0002"])
    #expect(server.stop() == 0)
    #expect(server.log().contains("reload: popularity-0002 in place of popularity-0001"))
  }

  @Test(.timeLimit(.minutes(5))) func aServerThatWatchesFindsNewModelsByItself() throws {
    let server = try ServerRun(workspace: workspace, options: ["--watch-models"])
    try teller("train", "popularity", "--recent-months", "2")
    try wait(for: "popularity-0002", server)
    #expect(server.stop() == 0)
  }

  /// What was rolled back is not put back by watching, also when something else is new; a newer
  /// version is.
  @Test(.timeLimit(.minutes(5))) func whatWasRolledBackDoesNotComeBackByItself() throws {
    let server = try ServerRun(
      workspace: workspace, model: "popularity", options: ["--watch-models"])
    try teller("train", "popularity", "--recent-months", "2")
    // By hand, so that those who watch see the new version only after it was rolled back.
    _ = try server.call("models", "reload")
    #expect(
      versions(try server.call("models", "rollback")) == ["popularity-0001", "popularity-0002"])
    try teller("train", "sims")
    var inForce: [String] = []
    while !inForce.contains("sims-0001") {
      Thread.sleep(forTimeInterval: 0.1)
      let models = try server.call("status")["models"] as? [[String: Any]] ?? []
      inForce = models.compactMap { $0["version"] as? String }
      #expect(!inForce.contains("popularity-0002"))
    }
    #expect(inForce.contains("popularity-0001"))
    try teller("train", "popularity", "--recent-months", "3")
    try wait(for: "popularity-0003", server)
    // Who asks gets what was rolled back.
    #expect(
      versions(try server.call("models", "rollback")) == ["popularity-0001", "popularity-0003"])
    #expect(
      versions(try server.call("models", "reload")) == ["popularity-0003", "popularity-0001"])
    #expect(server.stop() == 0)
  }

  @Test func hoursOfRetrainingHaveTheirRange() throws {
    for hours in ["0.9", "8761", "-1"] {
      let run = try CommandRun.run(
        ["serve", "--workspace", workspace, "--retrain-every=\(hours)"])
      #expect(run.exitCode == 64, "\(hours)")
    }
    let server = try ServerRun(workspace: workspace, options: ["--retrain-every", "8760"])
    #expect(server.stop() == 0)
  }
}
