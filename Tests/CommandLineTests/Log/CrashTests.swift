internal import Foundation
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

  /// The disk is full (the process may not write longer files): feedback is refused, Recommend goes
  /// on, and what was acknowledged before is there after a restart.
  @Test func aFullDiskRefusesFeedbackOnly() throws {
    let workspace = try LogWorkspace()
    let user = try #require(try workspace.customers(1).first)
    func feedback(_ server: ServerRun, _ id: String) throws -> CommandRun {
      try CommandRun.run([
        "feedback", "--server", server.address, "--user", user, "--item", "ind_tjcr_fin_ult1",
        "--type", "shown", "--event-id", id, "--channel", String(repeating: "x", count: 250),
      ])
    }
    let first = try ServerRun(workspace: workspace.path)
    #expect(try feedback(first, "before").exitCode == 0)
    #expect(first.stop() == 0)
    // 256 blocks of 1024 bytes: a few transactions fit into the write-ahead log, not many.
    let limited = try ServerRun(workspace: workspace.path, fileBlockLimit: 256)
    var acknowledged: [String] = []
    var refusal: CommandRun?
    for number in 0..<200 where refusal == nil {
      let run = try feedback(limited, "limited \(number)")
      if run.exitCode == 0 { acknowledged.append("limited \(number)") } else { refusal = run }
    }
    let refused = try #require(refusal, "the disk never was full")
    #expect(refused.exitCode == 69, "\(refused.errors)")
    #expect(try limited.call("recommend", "--user", user)["item_ids"] != nil)
    _ = limited.stop(SIGKILL)
    let export = try workspace.teller("events", "export")
    for id in ["before"] + acknowledged {
      let isThere = export.output.contains("\"event_id\":\"\(id)\"")
      #expect(isThere, "\(id)")
    }
  }
}
