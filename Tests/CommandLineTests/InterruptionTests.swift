internal import Foundation
internal import TestSupport
internal import Testing

/// Ctrl-C during `teller train hrnn`, and what `--resume` makes of it.
struct InterruptionTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let network = [
    "--hidden-dimension", "32", "--session-hidden-dimension", "8", "--embedding-dimension", "8",
    "--epochs", "60", "--batch-size", "32",
  ]

  private func teller(_ workspace: String, _ arguments: [String]) throws -> CommandRun {
    try CommandRun.run(arguments + ["--workspace", workspace])
  }

  private func makeWorkspace(_ name: String) throws -> String {
    let (bank, workspace) = (folder.file("bank.csv"), folder.file(name))
    let made = try CommandRun.run([
      "generate", "--customers", "150", "--months", "6", "--seed", "8", "--out", bank,
    ])
    #expect(made.exitCode == 0, "\(made.errors)")
    #expect(try teller(workspace, ["import", "santander", bank]).exitCode == 0)
    return workspace
  }

  private func model(_ workspace: String) throws -> [Data] {
    try ["manifest.json", "model.safetensors"].map {
      try Data(contentsOf: URL(fileURLWithPath: "\(workspace)/models/hrnn-0001/\($0)"))
    }
  }

  @Test(arguments: [SIGINT, SIGTERM])
  func aSignalLeavesACheckpointToGoOnFrom(signal: Int32) throws {
    let workspace = try makeWorkspace("interrupted-\(signal)")
    let checkpoint = "\(workspace)/checkpoints/hrnn.safetensors"
    let (process, _, errors) = try CommandRun.start(
      ["train", "hrnn", "--seed", "4", "--checkpoint-seconds", "0", "--workspace", workspace]
        + Self.network)
    let collector = PipeCollector(errors)
    // The first checkpoint says that the training is under way.
    while process.isRunning && !FileManager.default.fileExists(atPath: checkpoint) {
      usleep(1000)
    }
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    let text = collector.wait()
    #expect(process.terminationReason == .exit && process.terminationStatus == 75, "\(text)")
    let tells = text.contains("'teller train hrnn --resume' goes on with it")
    #expect(tells, "\(text)")
    #expect(!FileManager.default.fileExists(atPath: "\(workspace)/models/hrnn-0001"))

    let refused = try teller(workspace, ["train", "hrnn", "--resume", "--seed", "5"])
    #expect(refused.exitCode == 65)
    let names = refused.errors.contains("its seed is 4, not 5")
    #expect(names, "\(refused.errors)")
    // The options are those of the interrupted training.
    let resumed = try teller(workspace, ["train", "hrnn", "--resume", "--json"])
    #expect(resumed.exitCode == 0, "\(resumed.errors)")
    #expect(resumed.json["epochs"] as? Int == 60)
    #expect(!FileManager.default.fileExists(atPath: checkpoint))

    let whole = try makeWorkspace("whole-\(signal)")
    let run = try teller(whole, ["train", "hrnn", "--seed", "4", "--threads", "1"] + Self.network)
    #expect(run.exitCode == 0, "\(run.errors)")
    #expect(try model(workspace) == model(whole))
  }

  @Test func withoutACheckpointThereIsNothingToGoOnWith() throws {
    let workspace = try makeWorkspace("none")
    let run = try teller(workspace, ["train", "hrnn", "--resume"])
    #expect(run.exitCode == 66)
    let tells = run.errors.contains("there is no training to go on with")
    #expect(tells, "\(run.errors)")
    for arguments in [
      ["train", "all", "--resume"], ["train", "sims", "--resume"],
      ["train", "hrnn", "--checkpoint-seconds", "86401"],
    ] {
      #expect(try teller(workspace, arguments).exitCode == 64, "\(arguments)")
    }
  }

  @Test func aDivergingTrainingSaysWhatToDo() throws {
    let workspace = try makeWorkspace("diverging")
    let run = try teller(
      workspace, ["train", "hrnn", "--learning-rate", "1", "--weight-decay", "100"] + Self.network)
    #expect(run.exitCode == 65)
    let tells = run.errors.contains("lower --learning-rate")
    #expect(tells, "\(run.errors)")
    #expect(!FileManager.default.fileExists(atPath: "\(workspace)/models/hrnn-0001"))
  }
}
