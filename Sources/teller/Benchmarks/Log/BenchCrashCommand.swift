internal import ArgumentParser
internal import EventLog
internal import InteractionData
internal import RecommenderRPC

/// `teller bench crash`
struct BenchCrashCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "crash",
    abstract: "Kill a server under load again and again, and check that nothing is lost.",
    discussion: """
      Every round starts a server, sends feedback on \(LedgerLoad.connectionCount) connections, and \
      kills the server (SIGKILL) at a random moment. Then the log must hold every acknowledged \
      event, none twice, batches whole and in order; batches without an answer are sent again and \
      may be there already. In every second round the load ends before the kill: then the restarted \
      server must answer what the killed one did, to the bit, and so must one that has no \
      checkpoint and replays the whole log. Checkpoints are renewed every \(checkpointEvents) \
      events. Before a log is begun anew, and at the end, the chain of recommendations is checked. \
      The exit code is 70 when anything is wrong.

      The logs are made in --folder, which may not be there yet and is removed after if nothing is \
      wrong; the workspace gives the dataset and the models, and stays as it is.

      Example:
        teller bench crash --kills 1000
      """)

  @OptionGroup var shared: SharedOptions

  @Option(help: "How many times to kill, 1 to 1000000.")
  var kills = 50

  @Option(help: "The kills after which the logs are begun anew, 1 to 1000000.")
  var killsPerLog = 100

  @Option(help: "The longest time a server is let live under load, in milliseconds, 1 to 60000.")
  var lifetimeMs = 200

  @Option(help: "The folder of the logs. [default: one for temporary files]")
  var folder: String?

  @Option(help: "Seed of what is drawn.")
  var seed: UInt64 = 1

  /// The events after which servers renew their checkpoint: some times a round.
  private static let checkpointEvents = 200

  /// What became of all events.
  private struct Tally {
    var acknowledged = 0
    var logged = 0
    var faults: [String] = []
  }

  func validate() throws {
    guard (1...1_000_000).contains(kills), (1...1_000_000).contains(killsPerLog),
      (1...60_000).contains(lifetimeMs)
    else {
      throw ValidationError(
        "--kills and --kills-per-log must be from 1 to 1000000, --lifetime-ms from 1 to 60000")
    }
  }

  func run() async throws {
    try await CommandFailure.report {
      let scratch = try ScratchWorkspace(
        folder: folder ?? ScratchWorkspace.temporaryFolder("crash"), workspace: shared.workspace)
      let population = try FeedbackPopulation(datasetFolder: shared.datasetFolder)
      var random = SeededGenerator(seed: seed)
      var tally = Tally()
      for first in stride(from: 0, to: kills, by: killsPerLog) where tally.faults.isEmpty {
        try scratch.clear()
        let rounds = first..<min(first + killsPerLog, kills)
        try await kill(in: rounds, scratch, population, &random, &tally)
        let chain = try SQLiteRecommendationStore(path: scratch.recommendationLogPath).verify()
        if let fault = chain.fault { tally.faults.append("recommendations: \(fault.reason)") }
      }
      try report(tally)
      if tally.faults.isEmpty {
        scratch.remove()
      } else {
        throw LedgerFaults(faults: tally.faults, seed: seed, folder: scratch.folder)
      }
    }
  }

  private func kill(
    in rounds: Range<Int>, _ scratch: ScratchWorkspace, _ population: FeedbackPopulation,
    _ random: inout SeededGenerator, _ tally: inout Tally
  ) async throws {
    let compared = ComparedAnswers(of: population.customers)
    var reader = LedgerReader(path: scratch.eventLogPath)
    var open: [FeedbackLedger.OpenBatch] = []
    var expected: [RankedItems] = []
    for round in rounds where tally.faults.isEmpty {
      let isQuiet = (round - rounds.lowerBound) % 2 == 1
      // A killed server and those whose answers are compared with its: answers of the same names.
      let instance = seed &* 1_000_003 &+ UInt64((round - rounds.lowerBound + 1) / 2)
      if !expected.isEmpty {
        let plain = try ServerProcess(
          workspace: scratch.folder, instance: instance, checkpointEvents: 0)
        tally.faults += try await compared.differences(expected, port: plain.port)
        plain.kill()
      }
      let server = try ServerProcess(
        workspace: scratch.folder, instance: instance, checkpointEvents: Self.checkpointEvents)
      let port = server.port
      tally.faults += try await compared.differences(expected, port: port)
      let load = LedgerLoad(customers: population.customers, items: population.items)
      let (name, again, loadSeed) = (round, open, random.next())
      async let running = load.run(port: port, round: name, again: again, seed: loadSeed)
      try await Task.sleep(for: .microseconds(random.next() % UInt64(lifetimeMs * 1000)))
      if isQuiet { load.stop() } else { server.kill() }
      if !isQuiet { load.stop() }
      let ledger = await running
      expected = isQuiet ? try await compared.ask(port: port) : []
      server.kill()
      tally.faults += ledger.faults
      if ledger.refusalCount > 0 { tally.faults.append("round \(round): refused without need") }
      tally.faults += try reader.faults(ledger)
      tally.acknowledged += ledger.acknowledgedCount
      open = ledger.open
    }
    tally.logged += reader.eventCount
  }

  private func report(_ tally: Tally) throws {
    typealias Out = CommandOutput
    Out.line("kills         \(Out.grouped(kills))")
    Out.line("acknowledged  \(Out.grouped(tally.acknowledged)) events")
    Out.line("in the log    \(Out.grouped(tally.logged)) events")
    Out.line("faults        \(Out.grouped(tally.faults.count))")
    if shared.json {
      try Out.json([
        "kills": kills, "acknowledged": tally.acknowledged, "logged": tally.logged,
        "faults": tally.faults.count,
      ])
    }
  }
}
