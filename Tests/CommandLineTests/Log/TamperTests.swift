internal import Foundation
internal import TestSupport
internal import Testing

/// Records of answers that were changed behind the program's back.
struct TamperTests {
  @Test func noChangeIsMissed() throws {
    let workspace = try LogWorkspace()
    let run = try workspace.teller(
      "bench", "tamper", "--changes", "36", "--answers", "1000", "--seed", "11", "--folder",
      workspace.folder.file("tamper"), "--json")
    #expect(run.exitCode == 0, "\(run.errors)")
    #expect(run.json["changes"] as? Int == 36 && run.json["missed"] as? Int == 0)
    let noticed = try #require(run.json["noticed"] as? Int)
    let noted = try #require(run.json["noticed_by_anchor"] as? Int)
    #expect(noticed + noted == 36 && noticed > noted && noted > 0, "\(run.output)")
    #expect(!FileManager.default.fileExists(atPath: workspace.folder.file("tamper")))
    for file in ["recommendations.sqlite", "events.sqlite"] {
      #expect(!FileManager.default.fileExists(atPath: "\(workspace.path)/\(file)"))
    }
  }

  /// What a server leaves that is stopped in good order is one file, and a file of nothing is none.
  @Test func aStoppedServersRecordIsOneFile() throws {
    let workspace = try LogWorkspace()
    let user = try #require(try workspace.customers(1).first)
    let server = try ServerRun(workspace: workspace.path)
    _ = try server.call("recommend", "--user", user)
    #expect(server.stop() == 0)
    let path = "\(workspace.path)/recommendations.sqlite"
    let log = try? FileManager.default.attributesOfItem(atPath: "\(path)-wal")[.size] as? Int
    #expect((log ?? 0) == 0)
    #expect(try workspace.teller("audit", "verify", "--first-block", "1").exitCode == 0)
    #expect(try workspace.teller("audit", "verify", "--first-block", "0").exitCode == 65)
    try Data().write(to: URL(fileURLWithPath: path))
    let empty = try workspace.teller("audit", "verify")
    #expect(empty.exitCode == 66 && empty.errors.contains("the file is empty"), "\(empty.errors)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)).isEmpty)
  }
}
