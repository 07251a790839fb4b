internal import Foundation
internal import Testing

/// Servers that are started again over a log, with a checkpoint of it and without.
struct RestartTests {
  private let workspace: LogWorkspace
  private let users: [String]

  init() throws {
    workspace = try LogWorkspace()
    users = try workspace.customers(20) + (0..<5).map { "new customer \($0)" }
  }

  private var checkpoint: String { "\(workspace.path)/events.checkpoint" }

  private func start(_ options: String...) throws -> ServerRun {
    try ServerRun(
      workspace: workspace.path,
      options: ["--exploration-weight", "0", "--log-level", "info"] + options)
  }

  private func feedback(_ server: ServerRun, _ ids: Range<Int>) throws {
    for id in ids {
      let run = try CommandRun.run([
        "feedback", "--server", server.address, "--user", users[id % users.count], "--item",
        id % 2 == 0 ? "ind_tjcr_fin_ult1" : "ind_reca_fin_ult1", "--type", "accepted",
        "--event-id", "\(id)",
      ])
      #expect(run.exitCode == 0, "\(run.errors)")
    }
  }

  private func answers(_ server: ServerRun) throws -> [String] {
    try users.map { user in
      var answer = try server.call("recommend", "--user", user, "--k", "24")
      answer["recommendation_id"] = nil
      return String(
        decoding: try JSONSerialization.data(withJSONObject: answer, options: .sortedKeys),
        as: UTF8.self)
    }
  }

  private func replayed(_ server: ServerRun) throws -> Double {
    let metrics = try #require(try server.call("status")["metrics"] as? [[String: Any]])
    let metric = metrics.first { $0["name"] as? String == "teller_replayed_events" }
    return try #require(metric?["value"] as? Double)
  }

  @Test func aRestartReplaysWhatCameAfterTheCheckpoint() throws {
    let first = try start()
    try feedback(first, 0..<12)
    let expected = try answers(first)
    #expect(first.stop() == 0)
    #expect(FileManager.default.fileExists(atPath: checkpoint))
    // Stopped in good order: nothing is left to replay.
    let second = try start()
    #expect(try replayed(second) == 0)
    #expect(try answers(second) == expected)
    try feedback(second, 12..<15)
    let grown = try answers(second)
    #expect(grown != expected)
    // Killed: what came since the checkpoint is.
    _ = second.stop(SIGKILL)
    // As if it had been writing one.
    let leftover = "\(checkpoint).partial-4711"
    try Data(count: 100).write(to: URL(fileURLWithPath: leftover))
    let third = try start()
    #expect(!FileManager.default.fileExists(atPath: leftover))
    #expect(try replayed(third) == 3)
    #expect(try answers(third) == grown)
    _ = third.stop(SIGKILL)
    // Without one everything is.
    let plain = try start("--checkpoint-events", "0")
    #expect(try replayed(plain) == 15)
    #expect(try answers(plain) == grown)
    #expect(plain.stop() == 0)
  }

  @Test func aCheckpointThatCannotBeUsedIsToldAndReplaced() throws {
    let first = try start()
    try feedback(first, 0..<6)
    let expected = try answers(first)
    #expect(first.stop() == 0)
    let sound = try Data(contentsOf: URL(fileURLWithPath: checkpoint))
    var damaged = sound
    damaged[damaged.count / 2] ^= 1
    let cases: [(Data?, String, [String])] = [
      (damaged, "the checkpoint is damaged", []),
      (sound.dropLast(100), "the checkpoint is damaged", []),
      (Data(), "the checkpoint is damaged", []),
      (nil, "there is no checkpoint of it", []),
      (
        sound, "the checkpoint is of other models, settings or another version",
        ["--response-window", "7"]
      ),
    ]
    for (content, reason, options) in cases {
      try? FileManager.default.removeItem(atPath: checkpoint)
      try content?.write(to: URL(fileURLWithPath: checkpoint))
      let server = try ServerRun(
        workspace: workspace.path, options: ["--exploration-weight", "0"] + options)
      #expect(try replayed(server) == 6, "\(reason)")
      #expect(try answers(server) == expected, "\(reason)")
      let log = server.logAtEnd()
      let lines = log.split(separator: "\n").filter { $0.contains("the whole event log") }
      #expect(lines.count == 1, "\(log)")
      let tells = lines.first?.contains("was replayed, 6 events: \(reason)") == true
      #expect(tells, "\(reason): \(log)")
    }
    // It was replaced at the end of each.
    let server = try start("--response-window", "7")
    #expect(try replayed(server) == 0)
    #expect(server.stop() == 0)
  }

  /// A checkpoint that cannot be written costs time at the next start, and nothing else.
  @Test func aCheckpointThatCannotBeWrittenIsTold() throws {
    try FileManager.default.createDirectory(
      atPath: "\(checkpoint)/taken", withIntermediateDirectories: true)
    let server = try start()
    try feedback(server, 0..<3)
    let expected = try answers(server)
    #expect(server.stop() == 0)
    let tells = server.log().contains("the checkpoint of the event log is not renewed")
    #expect(tells, "\(server.log())")
    try FileManager.default.removeItem(atPath: checkpoint)
    let next = try start()
    #expect(try answers(next) == expected)
    #expect(next.stop() == 0)
  }

  /// A compaction leaves no checkpoint of use.
  @Test func aCompactedLogIsReplayed() throws {
    let first = try start()
    try feedback(first, 0..<4)
    let old = try CommandRun.run([
      "feedback", "--server", first.address, "--user", users[0], "--item", "ind_tjcr_fin_ult1",
      "--type", "shown", "--event-id", "old", "--time-ms", "1000",
    ])
    #expect(old.exitCode == 0, "\(old.errors)")
    let expected = try answers(first)
    #expect(first.stop() == 0)
    let run = try workspace.teller("events", "compact", "--older-than", "400", "--json")
    #expect(run.json["removed"] as? Int == 1, "\(run.errors)")
    let second = try start()
    #expect(try replayed(second) == 4)
    #expect(try answers(second) == expected)
    let tells = second.logAtEnd().contains("or events were removed since")
    #expect(tells)
  }
}
