internal import Foundation
internal import TestSupport
internal import Testing

/// A workspace with data and models, on which `teller evaluate` is driven from outside.
struct EvaluationWorkspace {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// With an invented bank, of whose customers every fifth has no sex; popularity and sims.
  static func bank(customers: Int = 400, months: Int = 5) throws -> EvaluationWorkspace {
    let workspace = try EvaluationWorkspace()
    let path = workspace.folder.file("bank.csv")
    try workspace.run(
      "generate", "--customers", "\(customers)", "--months", "\(months)", "--seed", "4", "--out",
      path)
    let rows = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    let changed = rows.enumerated().map { index, row -> String in
      var fields = row.split(separator: ",", omittingEmptySubsequences: false)
      if index > 0 && (Int(fields[1]) ?? 0) % 5 == 0 { fields[4] = "" }
      return fields.joined(separator: ",")
    }
    try changed.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
    try workspace.run("import", "santander", path)
    try workspace.run("train", "popularity")
    try workspace.run("train", "sims")
    return workspace
  }

  /// With interactions of 60 users with 12 items, and sims alone.
  static func shop() throws -> EvaluationWorkspace {
    let workspace = try EvaluationWorkspace()
    let path = try workspace.write(
      "events.csv",
      "USER_ID,ITEM_ID,TIMESTAMP\n"
        + shopItems.enumerated().flatMap { user, items in
          items.enumerated().map { "u\(user),i\($1),\(1000 + $0)\n" }
        }.joined())
    try workspace.run("import", "interactions", "--interactions", path)
    try workspace.run("train", "sims", "--min-cointeraction-count", "1")
    return workspace
  }

  /// What each user of the shop took, oldest first; the fifth is what was the second.
  static let shopItems: [[Int]] = (0..<60).map { user in
    [0, 3, 1, 7, 3, 10, 5].prefix(1 + user % 7).map { ($0 + user * 5 + user / 12) % 12 }
  }

  /// Writes a file of the folder and returns its path.
  func write(_ name: String, _ text: String) throws -> String {
    let path = folder.file(name)
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  /// Runs a command that must succeed.
  @discardableResult
  func run(_ arguments: String...) throws -> CommandRun { try run(arguments) }

  @discardableResult
  func run(_ arguments: [String]) throws -> CommandRun {
    let run = try attempt(arguments + ["--json"])
    #expect(run.exitCode == 0, "\(arguments): \(run.errors)")
    return run
  }

  /// Runs a command that may fail.
  func attempt(_ arguments: [String]) throws -> CommandRun {
    try CommandRun.run(arguments + ["--workspace", folder.file("workspace")])
  }

  /// Evaluates, and reads the report and the rankings.
  func evaluate(_ arguments: String...) throws -> (report: [String: Any], lines: [RankingLine]) {
    let dump = folder.file("dump.jsonl")
    let run = try run(["evaluate", "--dump", dump] + arguments)
    return (run.json, try RankingLine.read(dump))
  }
}

extension [String: Any] {
  /// The figures of each model.
  var models: [String: [String: Double]] { self["models"] as? [String: [String: Double]] ?? [:] }

  /// The object under a name.
  func object(_ name: String) -> [String: Any] { self[name] as? [String: Any] ?? [:] }
}

/// Expects that figures are those of a dump's lines, and that there are as many as there must be.
func expectRecomputed(
  _ figures: [String: Double], from lines: [RankingLine], atLeast count: Int,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let recomputed = RecomputedFigures(lines)
  var compared = 0
  for (name, value) in figures {
    guard let again = recomputed.value(name) else { continue }
    compared += 1
    #expect(
      abs(value - again) < 1e-12, "\(name): \(value), again \(again)",
      sourceLocation: sourceLocation)
  }
  #expect(compared >= count, sourceLocation: sourceLocation)
}
