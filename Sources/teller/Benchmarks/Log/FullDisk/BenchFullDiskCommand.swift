internal import ArgumentParser
internal import EventLog
internal import InteractionData
internal import RecommenderRPC

/// `teller bench full-disk`
struct BenchFullDiskCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "full-disk",
    abstract: "Let the disk be full again and again, and check that nothing is lost.",
    discussion: """
      Every round starts a server, sends feedback on \(LedgerLoad.connectionCount) connections and \
      asks for answers beside. At a random moment the kernel lets the server write no file beyond a \
      random length (prlimit --fsize): writes are cut short, then fail. From then on feedback must \
      be refused with UNAVAILABLE, nothing of what was refused may be in the log, and every \
      Recommend must be answered. Rounds end in turn: killed under load, killed after the load, \
      stopped (SIGTERM) under load, and with the limit taken away, when feedback must be taken \
      again by the same server. Then the log must hold every acknowledged event, none twice, \
      batches whole and in order; after the second and the fourth, a restarted server and one that \
      replays the whole log must answer what this one did, to the bit. At the end the chain of \
      recommendations is checked. The exit code is 70 when anything is wrong.

      The logs are made in --folder, which may not be there yet and is removed after if nothing is \
      wrong; the workspace gives the dataset and the models, and stays as it is.

      Example:
        teller bench full-disk --rounds 100
      """)

  @OptionGroup var shared: SharedOptions

  @Option(help: "How many times the disk is full, 1 to 1000000.")
  var rounds = 20

  @Option(
    help: "The longest time before the disk is full and while it is, in milliseconds, 1 to 60000.")
  var lifetimeMs = 200

  @Option(help: "The folder of the logs. [default: one for temporary files]")
  var folder: String?

  @Option(help: "Seed of what is drawn.")
  var seed: UInt64 = 1

  func validate() throws {
    guard (1...1_000_000).contains(rounds), (1...60_000).contains(lifetimeMs) else {
      throw ValidationError("--rounds must be from 1 to 1000000, --lifetime-ms from 1 to 60000")
    }
  }

  func run() async throws {
    try await CommandFailure.report {
      let scratch = try ScratchWorkspace(
        folder: folder ?? ScratchWorkspace.temporaryFolder("full-disk"),
        workspace: shared.workspace)
      var trial = FullDiskTrial(
        scratch: scratch,
        population: try FeedbackPopulation(datasetFolder: shared.datasetFolder),
        lifetimeMs: lifetimeMs, seed: seed)
      for round in 0..<rounds where trial.faults.isEmpty { try await trial.play(round) }
      let chain = try SQLiteRecommendationStore(path: scratch.recommendationLogPath).verify()
      if let fault = chain.fault { trial.faults.append("recommendations: \(fault.reason)") }
      try report(trial)
      if trial.faults.isEmpty {
        scratch.remove()
      } else {
        throw LedgerFaults(faults: trial.faults, seed: seed, folder: scratch.folder)
      }
    }
  }

  private func report(_ trial: FullDiskTrial) throws {
    typealias Out = CommandOutput
    Out.line("full disks          \(Out.grouped(rounds))")
    Out.line("acknowledged        \(Out.grouped(trial.acknowledgedCount)) events")
    Out.line("in the log          \(Out.grouped(trial.loggedCount)) events")
    Out.line("refused             \(Out.grouped(trial.refusalCount)) batches")
    Out.line("answers             \(Out.grouped(trial.answerCount))")
    Out.line("while it was full   \(Out.grouped(trial.answerCountWhileFull))")
    Out.line("faults              \(Out.grouped(trial.faults.count))")
    if shared.json {
      try Out.json([
        "full_disks": rounds, "acknowledged": trial.acknowledgedCount,
        "logged": trial.loggedCount, "refusals": trial.refusalCount,
        "answers": trial.answerCount, "answers_while_full": trial.answerCountWhileFull,
        "faults": trial.faults.count,
      ])
    }
  }
}
