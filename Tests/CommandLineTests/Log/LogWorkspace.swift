internal import Foundation
internal import TestSupport
internal import Testing

/// A small bank with a popularity model and a similarity model, to serve from.
struct LogWorkspace {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("workspace")
    let bank = folder.file("bank.csv")
    for arguments in [
      ["generate", "--customers", "200", "--months", "6", "--seed", "8", "--out", bank],
      ["import", "santander", bank, "--workspace", path],
      ["train", "popularity", "--workspace", path], ["train", "sims", "--workspace", path],
    ] {
      let run = try CommandRun.run(arguments)
      #expect(run.exitCode == 0, "\(run.errors)")
    }
  }

  /// Runs a command on the workspace.
  func teller(_ arguments: String...) throws -> CommandRun {
    try CommandRun.run(arguments + ["--workspace", path])
  }

  /// Customers of the bank, as its file names them.
  func customers(_ count: Int) throws -> [String] {
    let text = try String(contentsOfFile: folder.file("bank.csv"), encoding: .utf8)
    var seen: [String] = []
    for line in text.split(separator: "\n").dropFirst() {
      let customer = line.split(separator: ",", omittingEmptySubsequences: false)[1]
        .trimmingCharacters(in: .whitespaces)
      if seen.count == count { break }
      if !seen.contains(customer) { seen.append(customer) }
    }
    return seen
  }
}
