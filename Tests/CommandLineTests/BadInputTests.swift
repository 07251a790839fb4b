internal import Foundation
internal import TestSupport
internal import Testing

/// What goes wrong is said in one line, with an exit code of its own, and nothing is lost.
struct BadInputTests {
  private let folder: TemporaryFolder
  private let workspace: String

  init() throws {
    folder = try TemporaryFolder()
    workspace = folder.file("workspace")
  }

  private func teller(_ arguments: String...) throws -> CommandRun {
    try CommandRun.run(arguments + ["--workspace", workspace])
  }

  private func importSmallBank() throws {
    let bank = folder.file("bank.csv")
    #expect(
      try teller("generate", "--customers", "40", "--months", "3", "--out", bank).exitCode == 0)
    #expect(try teller("import", "santander", bank).exitCode == 0)
  }

  private func expectFailure(
    _ run: CommandRun, code: Int32, saying text: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(run.exitCode == code, "\(run.errors)", sourceLocation: sourceLocation)
    let lines = run.errors.split(separator: "\n")
    #expect(lines.count == 1, "\(run.errors)", sourceLocation: sourceLocation)
    let tells = run.errors.contains(text)
    #expect(tells, "\(run.errors)", sourceLocation: sourceLocation)
  }

  @Test(arguments: [["train", "all"], ["evaluate"], ["batch", "--out", "/dev/null"], ["serve"]])
  func withoutADatasetTheMendIsNamed(arguments: [String]) throws {
    let run = try CommandRun.run(arguments + ["--workspace", workspace])
    expectFailure(run, code: 66, saying: "teller import")
  }

  @Test(arguments: [["evaluate"], ["batch", "--out", "/dev/null"], ["serve"]])
  func withoutAModelTheMendIsNamed(arguments: [String]) throws {
    try importSmallBank()
    let run = try CommandRun.run(arguments + ["--workspace", workspace])
    expectFailure(run, code: 66, saying: "teller train")
  }

  @Test func unreadableRowsAreCountedAndNamed() throws {
    try importSmallBank()
    let bank = try String(contentsOfFile: folder.file("bank.csv"), encoding: .utf8)
    var lines = bank.split(separator: "\n")
    lines[3] = "2015-01-28,broken"
    let bad = folder.file("bad.csv")
    try lines.joined(separator: "\n").write(toFile: bad, atomically: true, encoding: .utf8)
    let before = try dataset()
    expectFailure(try teller("import", "santander", bad), code: 65, saying: "bad.csv:4: ncodpers")
    #expect(try dataset() == before)
    let taken = try teller("import", "santander", bad, "--max-rejected", "0.5", "--json")
    #expect(taken.exitCode == 0)
    #expect(taken.json["rejected_rows"] as? Int == 1)
  }

  @Test func aKilledImportLeavesTheDataset() throws {
    try importSmallBank()
    let before = try dataset()
    let bank = folder.file("large.csv")
    #expect(
      try teller("generate", "--customers", "3000", "--months", "3", "--out", bank).exitCode == 0)
    // The program waits for the rest of its input when it is killed.
    let process = Process()
    let input = Pipe()
    process.executableURL = CommandRun.teller
    process.arguments = ["import", "santander", "-", "--workspace", workspace]
    process.standardInput = input
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    try input.fileHandleForWriting.write(
      contentsOf: Data(contentsOf: URL(fileURLWithPath: bank)).prefix(30_000))
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(try dataset() == before)
    #expect(try teller("train", "popularity").exitCode == 0)
  }

  @Test func aDamagedDatasetIsNamed() throws {
    try importSmallBank()
    let name = try #require(
      try FileManager.default.contentsOfDirectory(atPath: "\(workspace)/dataset").first {
        $0.hasSuffix(".safetensors")
      })
    let url = URL(fileURLWithPath: "\(workspace)/dataset/\(name)")
    try Data(contentsOf: url).dropLast(9).write(to: url)
    expectFailure(try teller("train", "popularity"), code: 65, saying: "import the data anew")
  }

  @Test func aModelOfAnotherBankIsNamed() throws {
    try importSmallBank()
    #expect(try teller("train", "popularity").exitCode == 0)
    let events = folder.file("events.csv")
    try "USER_ID,ITEM_ID,TIMESTAMP\na,x,1\na,y,2\nb,x,3\n"
      .write(toFile: events, atomically: true, encoding: .utf8)
    #expect(try teller("import", "interactions", "--interactions", events).exitCode == 0)
    expectFailure(try teller("serve"), code: 65, saying: "another catalogue")
  }

  @Test func aWorkspaceHasOneServer() throws {
    try importSmallBank()
    #expect(try teller("train", "popularity").exitCode == 0)
    let first = try ServerRun(workspace: workspace)
    let second = try teller("serve", "--listen", "127.0.0.1:0")
    #expect(second.exitCode != 0)
    let isExplained = second.errors.contains("another server runs on this workspace")
    #expect(isExplained, "\(second.errors)")
    #expect(first.stop(SIGKILL) == SIGKILL)
    let third = try ServerRun(workspace: workspace)
    #expect(third.stop() == 0)
  }

  @Test func wrongUseIsExplained() throws {
    try importSmallBank()
    for arguments in [
      ["train", "everything"], ["train", "hrnn", "--no-such-setting", "1"],
      ["train", "sims", "--epochs", "2"], ["evaluate", "--protocol", "guess"],
      ["batch", "--k", "0", "--out", "/dev/null"], ["batch", "--k", "501", "--out", "/dev/null"],
      ["serve", "--listen", "nowhere"], ["train", "all", "--threads", "0"],
    ] {
      let run = try CommandRun.run(arguments + ["--workspace", workspace])
      #expect(run.exitCode == 64, "\(arguments): \(run.errors)")
    }
    expectFailure(
      try teller("train", "sims", "--popularity-discount-factor", "2"), code: 64,
      saying: "popularity_discount_factor is 2")
  }

  @Test func noServerIsSaid() throws {
    let run = try CommandRun.run(["recommend", "--server", "127.0.0.1:1", "--user", "1"])
    expectFailure(run, code: 69, saying: "UNAVAILABLE")
  }

  private func dataset() throws -> [String: Data] {
    let folder = "\(workspace)/dataset"
    var files: [String: Data] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      files[name] = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
    return files
  }
}
