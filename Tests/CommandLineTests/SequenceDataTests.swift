internal import Foundation
internal import TestSupport
internal import Testing

/// Public sequences that may not be passed on; where they do not lie beside the project, these
/// tests say so and are skipped.
private let sequences = CommandRun.package.deletingLastPathComponent()
  .appendingPathComponent("shared/data/sequences/LastFM.txt").path

@Suite(
  .enabled(
    if: FileManager.default.fileExists(atPath: sequences),
    "the public sequences are not in ../shared/data/sequences"))
struct SequenceDataTests {
  /// One pass over the events is enough to leave popularity behind.
  @Test func theNextItemIsFoundInTheWholeCatalogue() throws {
    let folder = try TemporaryFolder()
    var lines = ["USER_ID,ITEM_ID,TIMESTAMP"]
    for line in try String(contentsOfFile: sequences, encoding: .utf8).split(separator: "\n") {
      let words = line.split(separator: " ")
      for (place, item) in words.dropFirst().enumerated() {
        lines.append("\(words[0]),\(item),\(place)")
      }
    }
    try lines.joined(separator: "\n").write(
      toFile: folder.file("events.csv"), atomically: true, encoding: .utf8)
    func teller(_ arguments: String...) throws -> CommandRun {
      let run = try CommandRun.run(
        arguments + ["--workspace", folder.file("workspace"), "--json"])
      #expect(run.exitCode == 0, "\(arguments): \(run.errors)")
      return run
    }
    let report = try teller("import", "interactions", "--interactions", folder.file("events.csv"))
    #expect(report.json["interactions"] as? Int == 52_551)
    _ = try teller("train", "hrnn", "--epochs", "1", "--hidden-dimension", "32")
    let evaluation = try teller(
      "evaluate", "--model", "hrnn", "--protocol", "leave-last-out", "--bootstrap", "0"
    ).json
    let models = try #require(evaluation["models"] as? [String: [String: Double]])
    let found = try #require(models["hrnn"]?["ndcg_at_10"])
    #expect(found > 0.025, "published popularity: .0203")
  }
}
