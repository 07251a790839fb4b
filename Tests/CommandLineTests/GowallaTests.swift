internal import Foundation
internal import TestSupport
internal import Testing

/// Real data that may not be passed on; where it does not lie beside the project, this test says so
/// and is skipped.
private let gowalla = CommandRun.package.deletingLastPathComponent()
  .appendingPathComponent("shared/data/gowalla").path

@Suite(
  .enabled(
    if: FileManager.default.fileExists(atPath: gowalla),
    "the Gowalla split is not in ../shared/data/gowalla"))
struct GowallaTests {
  /// Every thirtieth user, so that an unoptimised program can do it; `teller bench sims` without
  /// this choice gives the figure of all users.
  @Test(arguments: [
    (
      ["--popularity-discount-factor", "0.4", "--history-length-discount", "0.5"], 0.17419, 0.13212
    ),
    (["--target-normalization", "1"], 0.16772, 0.12510),
  ])
  func knownQualityIsReached(settings: [String], recall: Double, gain: Double) throws {
    let folder = try TemporaryFolder()
    let lines = try String(contentsOfFile: "\(gowalla)/test.txt", encoding: .utf8)
      .split(separator: "\n")
    let some = lines.enumerated().filter { $0.offset % 30 == 0 }.map { $0.element + "\n" }
    try some.joined().write(
      toFile: folder.file("test.txt"), atomically: true, encoding: .utf8)
    let run = try CommandRun.run(
      [
        "bench", "sims", "--train", "\(gowalla)/train.txt", "--test", folder.file("test.txt"),
        "--rounds", "1", "--min-cointeraction-count", "1", "--json",
      ] + settings)
    #expect(run.exitCode == 0, "\(run.errors)")
    #expect(run.json["users"] as? Int == 996)
    #expect(abs((run.json["recall_at_20"] as? Double ?? 0) - recall) < 5e-4)
    #expect(abs((run.json["ndcg_at_20"] as? Double ?? 0) - gain) < 5e-4)
  }
}
