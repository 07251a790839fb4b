internal import Foundation
internal import TestSupport
internal import Testing

/// A running server that trains anew, in a process of its own, on what was fed back.
struct RetrainingTests {
  private let folder: TemporaryFolder
  private let workspace: String
  private static let item = "ind_recibo_ult1"

  init() throws {
    folder = try TemporaryFolder()
    workspace = folder.file("workspace")
    try teller(
      "generate", "--customers", "150", "--months", "4", "--seed", "3", "--out",
      folder.file("bank.csv"))
    try teller("import", "santander", folder.file("bank.csv"))
    try teller("train", "popularity")
    try teller(
      "train", "hrnn", "--epochs", "1", "--hidden-dimension", "32", "--seed", "5", "--threads", "1")
  }

  private func teller(_ arguments: String...) throws {
    let run = try CommandRun.run(arguments + ["--workspace", workspace])
    try #require(run.exitCode == 0, "\(arguments): \(run.errors)")
  }

  private func manifest(_ version: String) throws -> [String: Any] {
    let path = "\(workspace)/models/\(version)/manifest.json"
    let object = try JSONSerialization.jsonObject(
      with: Data(contentsOf: URL(fileURLWithPath: path)))
    return try #require(object as? [String: Any])
  }

  private func customers() throws -> [String] {
    let text = try String(contentsOfFile: folder.file("bank.csv"), encoding: .utf8)
    let column = text.split(separator: "\n").dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false)[1]
        .trimmingCharacters(in: .whitespaces)
    }
    return Set(column).sorted()
  }

  private func feedback(_ server: ServerRun, _ type: String, _ users: [String]) throws {
    for user in users {
      let run = try CommandRun.run([
        "feedback", "--server", server.address, "--user", user, "--item", Self.item, "--type",
        type,
      ])
      #expect(run.exitCode == 0, "\(run.errors)")
    }
  }

  @Test(.timeLimit(.minutes(5))) func feedbackIsTrainedOnAndTheOldModelIsKept() throws {
    let server = try ServerRun(
      workspace: workspace, options: ["--log-level", "info", "--exploration-weight", "0"])
    let users = try customers()
    #expect(try server.call("status")["model_version"] as? String == "hrnn-0001")
    // What was only looked at is nothing to train on.
    try feedback(server, "shown", Array(users.prefix(2)))
    try feedback(server, "accepted", Array(users.prefix(30)))
    server.signal(SIGUSR1)
    let log = server.log(until: "reload: hrnn-0002 in place of hrnn-0001")
    #expect(log.contains("in place of hrnn-0001"), "\(log)")
    #expect(try server.call("status")["model_version"] as? String == "hrnn-0002")
    #expect(try manifest("hrnn-0001")["events_through"] == nil)
    #expect(try manifest("hrnn-0002")["events_through"] as? Int == 32)
    for field in ["dataset_checksum", "seed", "trained_through"] {
      let (old, new) = (try manifest("hrnn-0001")[field], try manifest("hrnn-0002")[field])
      #expect("\(old ?? "")" == "\(new ?? "")", "\(field)")
    }
    // It has learned something else.
    #expect(
      try manifest("hrnn-0001")["tensors_checksum"] as? String
        != manifest("hrnn-0002")["tensors_checksum"] as? String)
    // The child's model is what the command makes of the same log and seed, to the byte.
    try teller(
      "train", "hrnn", "--feedback", "--epochs", "1", "--hidden-dimension", "32", "--seed", "5")
    #expect(
      try manifest("hrnn-0003")["tensors_checksum"] as? String
        == manifest("hrnn-0002")["tensors_checksum"] as? String)
    // What was accepted stays known to the new model, and to the old one that comes back.
    let answer = try server.call("recommend", "--user", users[0], "--k", "24")
    #expect((answer["item_ids"] as? [String])?.contains(Self.item) == false)
    let back = try server.call("models", "rollback")
    #expect(back["model_version"] as? String == "hrnn-0001")
    let old = try server.call("recommend", "--user", users[0], "--k", "24")
    #expect((old["item_ids"] as? [String])?.contains(Self.item) == false)
    #expect(server.stop() == 0)
  }

  @Test(.timeLimit(.minutes(5))) func withoutNewFeedbackNothingIsTrained() throws {
    let server = try ServerRun(
      workspace: workspace, options: ["--log-level", "info", "--exploration-weight", "0"])
    try feedback(server, "accepted", Array(try customers().prefix(3)))
    server.signal(SIGUSR1)
    _ = server.log(until: "reload: hrnn-0002 in place of hrnn-0001")
    try feedback(server, "clicked", Array(try customers().prefix(3)))
    server.signal(SIGUSR1)
    let log = server.log(until: "nothing to train")
    #expect(log.contains("nothing to train"), "\(log)")
    #expect(server.stop() == 0)
    let versions = try FileManager.default.contentsOfDirectory(atPath: "\(workspace)/models")
    #expect(versions.filter { $0.hasPrefix("hrnn") }.sorted() == ["hrnn-0001", "hrnn-0002"])
  }

  @Test func whatFeedbackDoesNotGoWithIsRefused() throws {
    for arguments in [
      ["train", "all", "--feedback"], ["train", "sims", "--feedback"],
      ["train", "hrnn", "--feedback", "--resume"],
      ["train", "hrnn", "--feedback", "--until", "2015-02"],
    ] {
      let run = try CommandRun.run(arguments + ["--workspace", workspace])
      #expect(run.exitCode == 64, "\(arguments)")
    }
    let run = try CommandRun.run(["train", "hrnn", "--feedback", "--workspace", workspace])
    #expect(run.exitCode == 66, "\(run.errors)")
    let tells = run.errors.contains("events.sqlite: the event log cannot be read: there is none")
    #expect(tells, "\(run.errors)")
  }
}
