internal import ArgumentParser
internal import InteractionData
internal import NIOPosix
internal import RecommenderRPC

/// `teller bench feedback`
struct BenchFeedbackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "feedback",
    abstract: "Load a server with Feedback and report acknowledged events, and Recommend beside.",
    discussion: """
      First batches as fast as they are acknowledged, then single events likewise. Then, in turns, \
      Recommend alone at a fixed rate and Recommend while batches come at --rate events a second: \
      five of each, of which the one with the median p99 is told, for what else the machine does \
      comes and goes. Latency at a fixed rate counts from when a request was due; each load has a \
      thread of its own, so that no request waits for a batch to be written.

      The server's event log keeps the events: use a workspace made for it.

      Example:
        teller bench feedback --server 127.0.0.1:7001 --seconds 10
      """)

  @OptionGroup var client: ClientOptions

  @Option(help: "Connections.")
  var connections = 16

  @Option(help: "Events of a batch, 1 to 1000.")
  var batch = 100

  @Option(help: "Of 100 events, those that change what a customer holds and so the answers.")
  var holdingPercent = 10

  @Option(help: "Events a second while Recommend is measured.")
  var rate = 50_000.0

  @Option(help: "Recommend calls a second while it is measured.")
  var recommendRate = 5_000.0

  @Option(help: "How long each stretch lasts.")
  var seconds = 5

  /// How many times Recommend is measured alone and beside feedback; odd.
  private static let turns = 5

  func validate() throws {
    for (name, value, range) in [
      ("connections", connections, 1...4096), ("batch", batch, 1...1000),
      ("holding-percent", holdingPercent, 0...100), ("seconds", seconds, 1...3600),
    ] where !range.contains(value) {
      throw ValidationError(
        "--\(name) is \(value), it must be from \(range.lowerBound) to \(range.upperBound)")
    }
    for (name, value) in [("rate", rate), ("recommend-rate", recommendRate)]
    where !(value > 0 && value <= 1e8) {
      throw ValidationError("--\(name) is \(value), it must be above 0 and at most 100000000")
    }
  }

  func run() async throws {
    try await CommandFailure.report {
      let dataset = try DatasetFile.open(
        client.shared.datasetFolder, verifyingChecksums: false
      ).dataset
      let customers = (0..<min(dataset.customers.count, 100_000)).map { dataset.customers[$0] }
      let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
      let recommendGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)
      let batches = try await RPCLoadGenerator.run(
        try feedbackPlan(customers, dataset, batch: batch), group: group)
      var singlePlan = try feedbackPlan(customers, dataset, batch: 1)
      singlePlan.outstanding = 16
      let singles = try await RPCLoadGenerator.run(singlePlan, group: group)
      let recommend = try recommendPlan(customers)
      var (alone, rated, beside): ([RPCLoadReport], [RPCLoadReport], [RPCLoadReport]) = ([], [], [])
      for _ in 0..<Self.turns {
        alone.append(try await RPCLoadGenerator.run(recommend, group: recommendGroup))
        var ratedPlan = try feedbackPlan(customers, dataset, batch: batch)
        ratedPlan.requestsPerSecond = rate / Double(batch)
        async let feedback = RPCLoadGenerator.run(ratedPlan, group: group)
        async let during = RPCLoadGenerator.run(recommend, group: recommendGroup)
        rated.append(try await feedback)
        beside.append(try await during)
      }
      try report(
        alone: Self.median(alone), batches: batches, singles: singles, rated: Self.median(rated),
        during: Self.median(beside))
    }
  }

  /// The one whose p99 is the median of all.
  private static func median(_ reports: [RPCLoadReport]) -> RPCLoadReport {
    reports.sorted { $0.p99Microseconds < $1.p99Microseconds }[reports.count / 2]
  }

  private func recommendPlan(_ customers: [String]) throws -> RPCLoadPlan {
    var plan = RPCLoadPlan(
      host: client.server.host, port: client.server.port, userIDs: customers)
    (plan.tls, plan.token) = try client.loadSecurity()
    plan.connections = connections
    plan.requestsPerSecond = recommendRate
    plan.duration = .seconds(seconds)
    plan.warmup = .zero
    return plan
  }

  private func feedbackPlan(
    _ customers: [String], _ dataset: Dataset, batch: Int
  ) throws -> RPCFeedbackPlan {
    var plan = RPCFeedbackPlan(
      host: client.server.host, port: client.server.port, userIDs: customers,
      itemIDs: dataset.items.identifiers.all, run: .random(in: .min ... .max))
    (plan.tls, plan.token) = try client.loadSecurity()
    plan.batchCount = batch
    plan.holdingPercent = holdingPercent
    plan.connections = connections
    plan.duration = .seconds(seconds)
    return plan
  }

  private func report(
    alone: RPCLoadReport, batches: RPCLoadReport, singles: RPCLoadReport, rated: RPCLoadReport,
    during: RPCLoadReport
  ) throws {
    typealias Out = CommandOutput
    var table = Table(header: ["load", "per second", "p50 ms", "p99 ms", "errors"])
    for (name, report, count) in [
      ("events in batches of \(batch)", batches, batch), ("single events", singles, 1),
      ("events at \(Out.grouped(Int(rate)))/s", rated, batch),
      ("Recommend, no feedback", alone, 1), ("Recommend, with feedback", during, 1),
    ] {
      table.add([
        name, Out.grouped(Int(report.requestsPerSecond * Double(count))),
        Out.fixed(report.p50Microseconds / 1000, 3), Out.fixed(report.p99Microseconds / 1000, 3),
        Out.grouped(Int(report.errors)),
      ])
    }
    for line in table.lines { Out.line(line) }
    if client.json {
      try Out.json([
        "events_per_second": batches.requestsPerSecond * Double(batch),
        "ack_p50_us": batches.p50Microseconds, "ack_p99_us": batches.p99Microseconds,
        "single_events_per_second": singles.requestsPerSecond,
        "single_ack_p50_us": singles.p50Microseconds,
        "single_ack_p99_us": singles.p99Microseconds,
        "rated_events_per_second": rated.requestsPerSecond * Double(batch),
        "rated_ack_p99_us": rated.p99Microseconds,
        "recommend_p99_us_alone": alone.p99Microseconds,
        "recommend_p99_us_with_feedback": during.p99Microseconds,
        "recommend_p99_ratio": during.p99Microseconds / alone.p99Microseconds,
        "server_cpu_us_per_event": batches.serverCPUMicrosecondsPerRequest / Double(batch),
        "errors": batches.errors + singles.errors + rated.errors + alone.errors + during.errors,
      ])
    }
  }
}
