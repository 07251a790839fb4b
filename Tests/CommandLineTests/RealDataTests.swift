internal import Foundation
internal import TestSupport
internal import Testing

/// Real data that may not be passed on; where it does not lie beside the project, these tests say
/// so and are skipped.
private let realData = CommandRun.package.deletingLastPathComponent()
  .appendingPathComponent("shared/data/santander").path

@Suite(
  .enabled(
    if: FileManager.default.fileExists(atPath: realData),
    "the real Santander files are not in ../shared/data/santander"))
struct RealDataTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func teller(_ arguments: String...) throws -> CommandRun {
    let run = try CommandRun.run(
      arguments + ["--workspace", folder.file("workspace"), "--json"])
    #expect(run.exitCode == 0, "\(arguments): \(run.errors)")
    return run
  }

  @Test func everyRawRowIsRead() throws {
    let report = try teller("import", "santander", "\(realData)/raw_train_head.csv").json
    #expect(report["rows"] as? Int == 999)
    #expect(report["rejected_rows"] as? Int == 0)
  }

  @Test func realAcquisitionsGoTheWholeWay() throws {
    let report = try teller(
      "import", "interactions", "--interactions", "\(realData)/seed_interactions.csv"
    ).json
    #expect(report["interactions"] as? Int == 32_312)
    #expect(report["customers"] as? Int == 9_426)
    _ = try teller("train", "popularity")
    _ = try teller("train", "sims")
    _ = try teller("train", "hrnn", "--epochs", "2", "--hidden-dimension", "32")
    let evaluation = try teller("evaluate").json
    let models = try #require(evaluation["models"] as? [String: [String: Double]])
    #expect(models["hrnn"] != nil)
    #expect(models.values.allSatisfy { ($0["map_at_7"] ?? 0) > 0 })
    let server = try ServerRun(workspace: folder.file("workspace"))
    let answer = try server.call("recommend", "--user", "15889", "--k", "3")
    #expect((answer["item_ids"] as? [String])?.count == 3)
    #expect(server.stop() == 0)
  }
}
