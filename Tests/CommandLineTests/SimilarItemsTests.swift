internal import Foundation
internal import TestSupport
internal import Testing

/// `teller similar` and the softmax scores, on events with what is known of the items.
struct SimilarItemsTests {
  private let folder: TemporaryFolder
  private let workspace: String

  init() throws {
    folder = try TemporaryFolder()
    workspace = folder.file("workspace")
  }

  private func teller(_ arguments: [String]) throws -> CommandRun {
    try CommandRun.run(arguments + ["--workspace", workspace, "--json"])
  }

  /// Films a, b and c were seen together; d is in the items file alone, and of e nothing is known.
  private func importFilms() throws {
    let events = folder.file("events.csv")
    var lines = ["USER_ID,ITEM_ID,TIMESTAMP"]
    for user in 0..<6 {
      for (day, item) in ["a", "b", "c"].prefix(user % 3 + 1).enumerated() {
        lines.append("u\(user),\(item),\(1_420_070_400 + day * 86_400)")
      }
    }
    try lines.joined(separator: "\n").write(toFile: events, atomically: true, encoding: .utf8)
    let items = folder.file("items.csv")
    try "ITEM_ID,TITLE,GENRES\na,A,Drama|War\nb,B,Comedy\nc,C,Drama\nd,D,War\ne,E,\n"
      .write(toFile: items, atomically: true, encoding: .utf8)
    let run = try teller(["import", "interactions", "--interactions", events, "--items", items])
    #expect(run.exitCode == 0, "\(run.errors)")
    #expect(run.json["items"] as? Int == 5)
  }

  @Test func eachAnswerSaysWhereItIsFrom() throws {
    try importFilms()
    for arguments in [
      ["train", "popularity"], ["train", "sims", "--min-cointeraction-count", "1"],
    ] {
      #expect(try teller(arguments).exitCode == 0)
    }
    let server = try ServerRun(workspace: workspace, model: "popularity")
    for (item, source, said) in [
      ("a", "MODEL", "from sims-0001\n"), ("d", "METADATA", "from sims-0001, by metadata\n"),
      ("e", "POPULARITY", "from popular items\n"),
    ] {
      let run = try CommandRun.run(
        ["similar", "--server", server.address, "--item", item, "--json"])
      #expect(run.json["source"] as? String == source)
      let isSaid = run.output.contains(said)
      #expect(isSaid, "\(run.output)")
    }
    let cold = try server.call("similar", "--item", "d")
    #expect(cold["item_ids"] as? [String] == ["a"])
    let unknown = try CommandRun.run(["similar", "--server", server.address, "--item", "x"])
    #expect(unknown.exitCode != 0)
    #expect(unknown.errors.split(separator: "\n").count == 1)
    let isNamed = unknown.errors.contains("unknown item \"x\"")
    #expect(isNamed, "\(unknown.errors)")
    // More than the catalogue gives the catalogue, more than the protocol's most is an error.
    let all = try server.call("similar", "--item", "e", "--k", "500")
    #expect((all["item_ids"] as? [String])?.count == 4)
    let tooMany = try CommandRun.run(
      ["similar", "--server", server.address, "--item", "e", "--k", "501"])
    #expect(tooMany.exitCode != 0)

    let run = try CommandRun.run(
      ["recommend", "--server", server.address, "--user", "u0", "--k", "5", "--softmax", "--json"])
    let shares = try #require(run.json["softmax_scores"] as? [Double])
    #expect(shares.count == 4)
    #expect(abs(shares.reduce(0, +) - 1) < 1e-5)
    let hasColumn = run.output.contains("softmax")
    #expect(hasColumn, "\(run.output)")
    let plain = try server.call("recommend", "--user", "u0")
    #expect(plain["softmax_scores"] == nil)
    #expect(server.stop() == 0)
  }

  @Test func whatHasNoSoftmaxSaysSo() throws {
    try importFilms()
    #expect(try teller(["train", "sims", "--min-cointeraction-count", "1"]).exitCode == 0)
    let server = try ServerRun(workspace: workspace, model: "sims")
    let run = try CommandRun.run(
      ["recommend", "--server", server.address, "--user", "u0", "--softmax"])
    #expect(run.exitCode != 0)
    let isSaid = run.errors.contains("FAILED_PRECONDITION") && run.errors.contains("sims-0001")
    #expect(isSaid, "\(run.errors)")
    #expect(server.stop() == 0)
  }

  @Test(arguments: [
    ["--min-user-history-length-percentile", "-0.1"],
    ["--max-item-interaction-count-percentile", "1.1"],
  ])
  func percentilesOutOfRangeAreNamed(arguments: [String]) throws {
    try importFilms()
    let run = try CommandRun.run(["train", "sims", "--workspace", workspace] + arguments)
    #expect(run.exitCode == 64)
    #expect(run.errors.split(separator: "\n").count == 1)
    let isNamed = run.errors.contains("it must be from 0 to 1")
    #expect(isNamed, "\(run.errors)")
  }
}
