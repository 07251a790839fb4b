internal import Foundation
internal import Testing

/// Events and answers on record, through the program.
struct AuditTests {
  @Test func answersAreFoundAgainAndTamperingShows() throws {
    let workspace = try LogWorkspace()
    let user = try #require(try workspace.customers(1).first)
    let server = try ServerRun(workspace: workspace.path)
    let answer = try server.call("recommend", "--user", user, "--k", "3")
    let id = try #require(answer["recommendation_id"] as? String)
    let record = try server.call("recommendations", "get", "--id", id)
    #expect(record["item_ids"] as? [String] == answer["item_ids"] as? [String])
    #expect(record["scores"] as? [Double] == answer["scores"] as? [Double])
    #expect(record["user_id"] as? String == user)
    let list = try server.call("recommendations", "list", "--user", user)
    #expect((list["recommendations"] as? [[String: Any]])?.count == 1)
    let status = try server.call("status")
    #expect(status["recommendations_recorded"] as? Int == 1)
    #expect(status["recommendations_dropped"] as? Int == 0)
    let missing = try CommandRun.run([
      "recommendations", "get", "--id", "00", "--server", server.address,
    ])
    #expect(missing.exitCode != 0)
    #expect(server.stop() == 0)

    let intact = try workspace.teller("audit", "verify", "--json")
    #expect(intact.exitCode == 0, "\(intact.errors)")
    #expect(intact.json["answers"] as? Int == 1 && intact.json["intact"] as? Bool == true)
    let head = try #require(intact.json["head"] as? String)
    #expect(try workspace.teller("audit", "verify", "--head", head).exitCode == 0)
    let other = String(head.reversed())
    #expect(try workspace.teller("audit", "verify", "--head", other).exitCode == 65)

    // One digit of the customer's name, where it stands in the file.
    let file = URL(fileURLWithPath: "\(workspace.path)/recommendations.sqlite")
    var bytes = try Data(contentsOf: file)
    let place = try #require(bytes.range(of: Data(user.utf8)))
    bytes[place.lowerBound] ^= 1
    try bytes.write(to: file)
    let altered = try workspace.teller("audit", "verify")
    #expect(altered.exitCode == 65)
    let tells = altered.errors.contains("block 1")
    #expect(tells, "\(altered.errors)")
  }

  @Test func withoutALogThereIsNothingToVerify() throws {
    let workspace = try LogWorkspace()
    #expect(try workspace.teller("audit", "verify").exitCode == 66)
    #expect(try workspace.teller("events", "export").exitCode == 66)
  }

  @Test func eventsAreExportedAndCompacted() throws {
    let workspace = try LogWorkspace()
    let server = try ServerRun(workspace: workspace.path)
    let user = try #require(try workspace.customers(1).first)
    for (id, type, time) in [
      ("old", "shown", "1000"), ("kept", "accepted", "0"), ("new", "shown", "0"),
      ("told", "accepted", "2000"),
    ] {
      let answer = try server.call(
        "feedback", "--user", user, "--item", "ind_tjcr_fin_ult1", "--type", type,
        "--event-id", id, "--time-ms", time)
      #expect(answer["outcomes"] as? [String] == ["ACCEPTED"])
    }
    let busy = try workspace.teller("events", "compact", "--older-than", "1")
    #expect(busy.exitCode == 73, "\(busy.errors)")
    let export = try workspace.teller("events", "export", "--json")
    let lines = export.output.split(separator: "\n").map(String.init)
    #expect(lines.count == 5)
    #expect(lines[0].contains(#""event_id":"old""#), "\(lines[0])")
    #expect(export.json["events"] as? Int == 4)
    let rest = try workspace.teller("events", "export", "--after", "3")
    #expect(rest.output.split(separator: "\n").count == 1)
    #expect(server.stop() == 0)

    let compacted = try workspace.teller("events", "compact", "--older-than", "1", "--json")
    #expect(compacted.json["removed"] as? Int == 2 && compacted.json["kept"] as? Int == 2)
    #expect(try workspace.teller("events", "compact", "--older-than", "-1").exitCode == 64)
    #expect(try workspace.teller("events", "compact", "--older-than", "36501").exitCode == 64)
  }
}
