internal import Foundation
internal import TestSupport

/// A small bank with a model, for tests that serve it in many ways, one after another.
final class ServingWorkspace: Sendable {
  let folder: TemporaryFolder
  var workspace: String { folder.file("workspace") }

  struct Failure: Error {
    let errors: String
  }

  init() throws {
    folder = try TemporaryFolder()
    let bank = folder.file("bank.csv")
    for arguments in [
      ["generate", "--customers", "40", "--months", "3", "--out", bank],
      ["import", "santander", bank], ["train", "popularity"],
    ] {
      let run = try CommandRun.run(arguments + ["--workspace", folder.file("workspace")])
      guard run.exitCode == 0 else { throw Failure(errors: run.errors) }
    }
  }

  /// Serves with these options.
  func serve(listen: String = "127.0.0.1:0", _ options: String...) throws -> ServerRun {
    try ServerRun(workspace: workspace, listen: listen, options: options)
  }

  /// Runs `serve` to its end, for when it should not start.
  func refuse(listen: String = "127.0.0.1:0", _ options: String...) throws -> CommandRun {
    try CommandRun.run(["serve", "--listen", listen, "--workspace", workspace] + options)
  }
}

extension ServerRun {
  /// `teller recommend` against this server.
  func recommend(_ options: String...) throws -> CommandRun {
    try CommandRun.run(["recommend", "--server", address, "--user", "1", "--k", "2"] + options)
  }
}
