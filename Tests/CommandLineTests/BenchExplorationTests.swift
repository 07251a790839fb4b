import Foundation
import TestSupport
import Testing

/// `teller bench exploration` driven from outside.
struct BenchExplorationTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func play(_ lines: [String], _ options: [String] = []) throws -> CommandRun {
    let path = folder.file("lines.json")
    try (lines.joined(separator: "\n") + "\n").write(
      toFile: path, atomically: true, encoding: .utf8)
    return try CommandRun.run(
      ["bench", "exploration", "--stdio", "--context-sizes", "3,2"] + options, input: path)
  }

  private func recommend(_ id: Int) -> String {
    """
    {"op":"recommend","id":\(id),"context":[2,1],"candidates":[4,7,9,12],\
    "scores":[-4.5,-3.0,null,null],"k":2}
    """
  }

  @Test func linesAreAnsweredInOrderAndRepeatably() throws {
    var lines: [String] = []
    for id in 1...200 {
      lines.append(recommend(id))
      lines.append(#"{"op":"feedback","id":\#(id),"outcomes":[0,\#(id % 7 == 0 ? 1 : -1)]}"#)
    }
    let run = try play(lines, ["--seed", "3"])
    #expect(run.exitCode == 0, "\(run.errors)")
    let answers = run.output.split(separator: "\n")
    #expect(answers.count == 400)
    for (number, answer) in answers.enumerated() {
      if number % 2 == 1 {
        #expect(answer == "{}")
        continue
      }
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any])
      let items = try #require(object["items"] as? [Int])
      let propensities = try #require(object["propensities"] as? [Double])
      // Before anything is learned the better score stands first.
      if number == 0 { #expect(items.first == 7) }
      #expect(items.count == 2 && Set(items).count == 2)
      #expect(propensities.count == 2 && propensities.allSatisfy { $0 > 0 && $0 <= 1 })
    }
    #expect(try play(lines, ["--seed", "3"]).output == run.output)
    #expect(try play(lines, ["--seed", "4"]).output != run.output)
  }

  @Test(arguments: [
    ("nonsense", "standard input:2: not a request"),
    (#"{"op":"sell","id":1}"#, "standard input:2: op is \"sell\""),
    (#"{"op":"feedback","id":8,"outcomes":[1]}"#, "no recommendation 8 waits"),
    (#"{"op":"feedback","id":1,"outcomes":[1]}"#, "1 outcomes for a slate of 2"),
    (#"{"op":"feedback","id":1,"outcomes":[1,5]}"#, "outcomes are 1, 0 or -1"),
    (#"{"op":"recommend","id":2,"context":[9,9],"candidates":[],"scores":[],"k":1}"#, "a context"),
  ])
  func aBadLineIsNamed(_ line: String, message: String) throws {
    let run = try play([recommend(1), line])
    #expect(run.exitCode == 65)
    #expect(run.errors.contains(message), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1)
  }

  @Test func decisionsAreTimed() throws {
    let run = try CommandRun.run(["bench", "exploration", "--decisions", "2000", "--json"])
    #expect(run.exitCode == 0, "\(run.errors)")
    #expect((run.json["decision_us"] as? Double ?? 0) > 0)
    #expect((run.json["cold_share"] as? Double ?? 0) > 0)
  }

  @Test func badOptionsAreRefused() throws {
    for options in [
      ["--context-sizes", "3,x"], ["--exploration-weight", "2"], ["--decisions", "0"],
    ] {
      let run = try CommandRun.run(["bench", "exploration"] + options)
      #expect(run.exitCode == 64, "\(options): \(run.errors)")
    }
  }
}
