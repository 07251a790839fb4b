internal import Foundation
internal import TestSupport
internal import Testing

/// `teller bench sims` on data whose right answer is known.
struct BenchSimsTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func file(_ name: String, _ lines: [String]) throws -> String {
    let path = folder.file(name)
    try (lines.joined(separator: "\n") + "\n").write(
      toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  /// Every user has the items of its own parity but one, and that one is held out.
  private func checkerboard() throws -> (train: String, test: String) {
    let size = 60
    let train = (0..<size).map { user in
      (["\(user)"]
        + (0..<size).filter { $0 % 2 == user % 2 && $0 != user }.map { "\($0)" })
        .joined(separator: " ")
    }
    return (
      try file("train.txt", train), try file("test.txt", (0..<size).map { "\($0) \($0)" })
    )
  }

  @Test func aCheckerboardIsCompleted() throws {
    let (train, test) = try checkerboard()
    let run = try CommandRun.run([
      "bench", "sims", "--train", train, "--test", test, "--rounds", "1", "--json",
    ])
    #expect(run.exitCode == 0, "\(run.errors)")
    let report = run.json
    #expect(report["recall_at_20"] as? Double == 1)
    #expect(report["ndcg_at_20"] as? Double == 1)
    #expect(report["interactions"] as? Int == 60 * 29)
    #expect(report["neighbours"] as? Int == 60 * 29)
  }

  @Test func settingsReachTheModel() throws {
    let (train, _) = try checkerboard()
    let run = try CommandRun.run([
      "bench", "sims", "--train", train, "--rounds", "1", "--json", "--neighbour-limit", "5",
    ])
    let report = run.json
    #expect(report["neighbours"] as? Int == 60 * 5)
    #expect(report["recall_at_20"] == nil)
  }

  @Test func linesThatAreNoNumbersAreNamed() throws {
    for line in ["1 x", "1 -2", "1 10000001", "1 123456789012345678901234567890"] {
      let path = try file("bad.txt", ["0 1 2", line])
      let run = try CommandRun.run(["bench", "sims", "--train", path])
      #expect(run.exitCode == 66 || run.exitCode == 65, "\(line): \(run.errors)")
      #expect(run.errors.contains("line 2"), "\(line): \(run.errors)")
    }
    let empty = try CommandRun.run(["bench", "sims", "--train", try file("empty.txt", [])])
    #expect(empty.exitCode == 65, "\(empty.errors)")
  }

  @Test func wrongUseIsExplained() throws {
    let (train, test) = try checkerboard()
    let beyond = try file("beyond.txt", ["60 1"])
    for arguments in [
      ["--test", test], ["--train", train, "--rounds", "0"],
      ["--train", train, "--test", beyond], ["--train", train, "--profile", "azure"],
      ["--train", train, "--no-such-setting", "1"],
      ["--train", train, "--min-item-interaction-count-percentile", "1.5"],
    ] {
      let run = try CommandRun.run(["bench", "sims"] + arguments)
      #expect(run.exitCode == 64, "\(arguments): \(run.errors)")
    }
  }
}
