internal import ArgumentParser
internal import EventLog
internal import Foundation
internal import InteractionData
internal import NIOPosix
internal import RecommenderRPC

/// `teller bench crash`
struct BenchCrashCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "crash",
    abstract: "Kill a server under load again and again, and check that nothing is lost.",
    discussion: """
      Every round starts a server on the workspace, sends feedback on 4 connections, and kills the \
      server (SIGKILL) at a random moment. Then the log must hold every acknowledged event, none \
      twice, batches in order; batches without an answer are sent again and may be there already, \
      whole. In every second round the load ends before the kill: then the restarted server must \
      answer what the killed one did, to the bit. At the end the chain of recommendations is \
      checked. The exit code is 70 when anything is wrong.

      Example:
        teller bench crash --workspace scratch --kills 1000
      """)

  @OptionGroup var shared: SharedOptions

  @Option(help: "How many times to kill.")
  var kills = 50

  @Option(help: "The longest time a server is let live under load, in milliseconds.")
  var lifetimeMs = 200

  @Option(help: "Seed of what is drawn.")
  var seed: UInt64 = 1

  /// The customers whose answers are compared.
  private static let comparedCount = 40

  /// Something that must not be.
  struct Failed: Error, CustomStringConvertible {
    let faults: [String]
    let seed: UInt64

    var description: String {
      "seed \(seed): \(faults.count) faults, the first: \(faults.prefix(3).joined(separator: "; "))"
    }
  }

  func validate() throws {
    guard (1...1_000_000).contains(kills), (1...60_000).contains(lifetimeMs) else {
      throw ValidationError("--kills must be from 1 to 1000000, --lifetime-ms from 1 to 60000")
    }
  }

  func run() async throws {
    try await CommandFailure.report {
      let dataset = try DatasetFile.open(
        shared.datasetFolder, verifyingChecksums: false
      ).dataset
      let customers =
        (0..<min(dataset.customers.count, 400)).map { dataset.customers[$0] }
        + (0..<40).map { "new customer \($0)" }
      var random = SeededGenerator(seed: seed)
      var log = CrashLogReader(path: shared.eventLogPath)
      _ = try log.faults([])
      let before = log.eventCount
      var faults: [String] = []
      var acknowledgedCount = 0
      var unanswered: [[FeedbackEvent]] = []
      var expected: [RankedItems] = []
      let compared = stride(
        from: 0, to: customers.count, by: max(1, customers.count / Self.comparedCount)
      ).map { customers[$0] }
      for round in 0..<kills where faults.isEmpty {
        // A killed server and the one whose answers are compared with its: answers of the same names.
        let server = try ServerProcess(
          workspace: shared.workspace, instance: seed &* 1_000_003 &+ UInt64((round + 1) / 2))
        let port = server.port
        if !expected.isEmpty {
          faults += differences(expected, try await answers(port, compared))
        }
        let isQuiet = round % 2 == 1
        let load = CrashLoad(customers: customers, items: dataset.items.identifiers.all)
        let (name, again, loadSeed) = (round, unanswered, random.next())
        async let running = load.run(
          port: port, round: name, again: again, seed: loadSeed)
        try await Task.sleep(for: .microseconds(random.next() % UInt64(lifetimeMs * 1000)))
        if isQuiet { load.stop() } else { server.kill() }
        if !isQuiet { load.stop() }
        let ledger = await running
        expected = isQuiet ? try await answers(port, compared) : []
        server.kill()
        faults += ledger.faults
        faults += try log.faults(ledger.acknowledged)
        acknowledgedCount += ledger.acknowledged.reduce(0) { $0 + $1.count }
        unanswered = ledger.unanswered
      }
      let chain = try SQLiteRecommendationStore(path: shared.recommendationLogPath).verify()
      if let fault = chain.fault { faults.append("recommendations: \(fault.reason)") }
      try report(
        acknowledged: acknowledgedCount, logged: log.eventCount - before, faults: faults)
    }
  }

  private func answers(_ port: Int, _ customers: [String]) async throws -> [RankedItems] {
    let client = try await RPCClient.connect(
      host: "127.0.0.1", port: port, group: MultiThreadedEventLoopGroup.singleton)
    var answers: [RankedItems] = []
    for customer in customers {
      var answer = try await client.recommend(user: customer, count: 20)
      answer.recommendationID = ""
      answers.append(answer)
    }
    await client.close()
    return answers
  }

  private func differences(_ expected: [RankedItems], _ found: [RankedItems]) -> [String] {
    zip(expected, found).filter { $0 != $1 }.map { "answered \($1) after \($0)" }
  }

  private func report(acknowledged: Int, logged: Int, faults: [String]) throws {
    typealias Out = CommandOutput
    Out.line("kills         \(Out.grouped(kills))")
    Out.line("acknowledged  \(Out.grouped(acknowledged)) events")
    Out.line("in the log    \(Out.grouped(logged)) events")
    Out.line("faults        \(Out.grouped(faults.count))")
    if shared.json {
      try Out.json([
        "kills": kills, "acknowledged": acknowledged, "logged": logged, "faults": faults.count,
      ])
    }
    if !faults.isEmpty { throw Failed(faults: faults, seed: seed) }
  }
}
