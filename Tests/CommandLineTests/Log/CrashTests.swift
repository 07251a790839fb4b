internal import Foundation
internal import TestSupport
internal import Testing

/// Servers that are killed, and disks that refuse.
struct CrashTests {
  @Test func nothingAcknowledgedIsLostWhenServersAreKilled() throws {
    let workspace = try LogWorkspace()
    let run = try workspace.teller(
      "bench", "crash", "--kills", "50", "--lifetime-ms", "150", "--seed", "7", "--json")
    #expect(run.exitCode == 0, "\(run.errors)")
    #expect(run.json["kills"] as? Int == 50 && run.json["faults"] as? Int == 0)
    let acknowledged = try #require(run.json["acknowledged"] as? Int)
    #expect(acknowledged > 0)
    #expect(try #require(run.json["logged"] as? Int) > 0)
  }

  /// A server over files that may not be written refuses to start, in one line.
  @Test func aDamagedLogIsToldAtTheStart() throws {
    let workspace = try LogWorkspace()
    try Data(repeating: 0x41, count: 8192).write(
      to: URL(fileURLWithPath: "\(workspace.path)/events.sqlite"))
    let run = try workspace.teller("serve", "--listen", "127.0.0.1:0")
    #expect(run.exitCode == 66, "\(run.errors)")
    let tells = run.errors.contains("events.sqlite: the event log cannot be opened")
    #expect(tells, "\(run.errors)")
  }

  /// Feedback is refused while the disk is full, Recommend goes on, and nothing is lost: whether the
  /// server is killed then, stopped, or given room again.
  @Test func aFullDiskRefusesFeedbackOnly() throws {
    let workspace = try LogWorkspace()
    let run = try workspace.teller(
      "bench", "full-disk", "--rounds", "8", "--lifetime-ms", "100", "--seed", "7", "--folder",
      workspace.folder.file("full-disk"), "--json")
    #expect(run.exitCode == 0, "\(run.errors)")
    #expect(run.json["full_disks"] as? Int == 8 && run.json["faults"] as? Int == 0)
    // Three refusals of each round are waited for, and an answer while the disk is full.
    for (name, least) in [("refusals", 24), ("answers_while_full", 8), ("acknowledged", 1)] {
      let count = try #require(run.json[name] as? Int)
      #expect(count >= least, "\(name): \(count)")
    }
    #expect(!FileManager.default.fileExists(atPath: workspace.folder.file("full-disk")))
  }

  /// What is in a folder already is not removed for the sake of a trial.
  @Test(arguments: ["crash", "full-disk", "tamper"]) func noFolderIsLost(_ trial: String) throws {
    let workspace = try LogWorkspace()
    let run = try workspace.teller("bench", trial, "--folder", workspace.path)
    #expect(run.exitCode == 73, "\(run.errors)")
    #expect(
      run.errors
        == "teller: \(workspace.path) is there already; name a folder that is not, or remove it\n")
    #expect(FileManager.default.fileExists(atPath: "\(workspace.path)/dataset"))
  }

  /// A server over files that may not grow refuses feedback in one line, by a code that says to try
  /// again.
  @Test func aRefusalIsOneLine() throws {
    let workspace = try LogWorkspace()
    let user = try #require(try workspace.customers(1).first)
    // The files are made by a server that may write them.
    #expect(try ServerRun(workspace: workspace.path).stop() == 0)
    let server = try ServerRun(workspace: workspace.path, fileBlockLimit: 256)
    func feedback() throws -> CommandRun {
      try CommandRun.run([
        "feedback", "--server", server.address, "--user", user, "--item", "ind_tjcr_fin_ult1",
        "--type", "shown", "--channel", String(repeating: "x", count: 250),
      ])
    }
    var refusal: CommandRun?
    for _ in 0..<200 where refusal == nil {
      let run = try feedback()
      if run.exitCode != 0 { refusal = run }
    }
    let refused = try #require(refusal, "the disk never was full")
    #expect(refused.exitCode == 69, "\(refused.errors)")
    #expect(refused.errors.split(separator: "\n").count == 1, "\(refused.errors)")
    _ = server.stop(SIGKILL)
  }
}
