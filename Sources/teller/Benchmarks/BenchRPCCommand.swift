internal import ArgumentParser
internal import Foundation
internal import InteractionData
internal import NIOPosix
internal import RecommenderRPC

/// `teller bench rpc`
struct BenchRPCCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rpc",
    abstract: "Load a server with Recommend calls and report throughput, latency and its CPU time.",
    discussion: """
      Without --rate every connection keeps --outstanding requests under way. With --rate requests \
      are sent when they are due, whatever the server does, and latency counts from that moment. \
      --idle connections are open beside them; each needs a file on both sides, so that 10000 need \
      'ulimit -Hn' to be above that on both. --reload-every has the server change its models again \
      and again, to newer ones and back, and tells what callers notice of it.

      Examples:
        teller bench rpc --server 127.0.0.1:7001 --connections 16 --outstanding 16 --seconds 5
        teller bench rpc --server 127.0.0.1:7001 --rate 100000
        teller bench rpc --server 127.0.0.1:7001 --rate 20000 --idle 10000
        teller bench rpc --server 127.0.0.1:7001 --rate 20000 --seconds 30 --reload-every 3
      """)

  @OptionGroup var client: ClientOptions

  @Option(help: "Connections.")
  var connections = 16

  @Option(help: "Requests every connection keeps unanswered.")
  var outstanding = 16

  @Option(help: "How long to measure.")
  var seconds = 5

  @Option(help: "Requests a second over all connections, sent on time.")
  var rate: Double?

  @Option(help: "Items a request asks for.")
  var k = 7

  @Option(help: "Connections that are open and ask for nothing.")
  var idle = 0

  @Option(help: "Seconds between two changes of the server's models. [default: none]")
  var reloadEvery: Double?

  @Option(
    help: """
      The file in which a server preloaded with scripts/count-allocations.c counts: tells its \
      allocations a request, of all its threads.
      """)
  var allocations: String?

  func validate() throws {
    for (name, value, limit) in [
      ("connections", connections, 4096), ("outstanding", outstanding, 1024),
      ("seconds", seconds, 86_400), ("k", k, 500),
    ] where !(1...limit).contains(value) {
      throw ValidationError("--\(name) is \(value), it must be from 1 to \(limit)")
    }
    guard (0...16_384).contains(idle) else {
      throw ValidationError("--idle is \(idle), it must be from 0 to 16384")
    }
    if let reloadEvery {
      guard (0.1...3600).contains(reloadEvery) else {
        throw ValidationError("--reload-every is \(reloadEvery), it must be from 0.1 to 3600")
      }
      guard seconds <= RPCLoadPlan.maxTimelineSeconds else {
        throw ValidationError(
          "--reload-every goes with at most --seconds \(RPCLoadPlan.maxTimelineSeconds)")
      }
    }
    if let rate, !(rate > 0 && rate <= 1e8) {
      throw ValidationError("--rate is \(rate), it must be above 0 and at most 100000000")
    }
  }

  /// The customers to ask about: a sample over the whole dataset, so that the server's memory is
  /// touched as real requests would touch it.
  private func customers() -> [String] {
    guard
      let dataset = try? DatasetFile.open(client.shared.datasetFolder, verifyingChecksums: false)
        .dataset,
      dataset.customers.count > 0
    else {
      CommandOutput.note(
        "no dataset in \(client.shared.workspace): asking about unknown customers, who get popular items"
      )
      return (1...1000).map { "unknown customer \($0)" }
    }
    let stride = max(1, dataset.customers.count / Self.customerLimit)
    return Swift.stride(from: 0, to: dataset.customers.count, by: stride).map {
      dataset.customers[$0]
    }
  }

  /// The most customers that are asked about.
  private static let customerLimit = 100_000

  /// Files beside the connections: the program's own.
  private static let otherFiles = 64

  func run() async throws {
    try await CommandFailure.report {
      var plan = RPCLoadPlan(
        host: client.server.host, port: client.server.port, userIDs: customers())
      (plan.tls, plan.token) = try client.loadSecurity()
      plan.count = k
      plan.connections = connections
      plan.outstanding = outstanding
      plan.duration = .seconds(seconds)
      plan.requestsPerSecond = rate
      plan.idleConnections = idle
      plan.reloadInterval = reloadEvery.map { .seconds($0) }
      try OpenFileLimit.raise(toAtLeast: idle + connections + Self.otherFiles)
      // What the load before the measured one allocates must not count.
      if allocations != nil { plan.warmup = .zero }
      let before = try allocationCount()
      let report = try await RPCLoadGenerator.run(
        plan, group: MultiThreadedEventLoopGroup(numberOfThreads: 1))
      var text = RPCLoadText(report: report)
      if let before, let after = try allocationCount() {
        text.allocationsPerRequest = Double(after - before) / Double(max(1, report.requests))
      }
      text.print()
      if client.json { try CommandOutput.json(text.json) }
    }
  }

  private func allocationCount() throws -> UInt64? {
    guard let allocations else { return nil }
    let bytes = try Data(contentsOf: URL(fileURLWithPath: allocations))
    guard bytes.count == 8 else {
      throw ValidationError(
        "\(allocations) is no count of allocations: it has \(bytes.count) bytes")
    }
    return bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
  }
}
