internal import ArgumentParser
internal import Foundation
internal import RecommenderRPC

/// `teller simulate`
struct SimulateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Play customers of known wishes against a server, with cold products coming in.",
    discussion: """
      The customers are those of a truth file that 'teller generate' wrote: they take what it says \
      they add. Cold products are put into the server's catalogue, and stay there: use a \
      workspace made for it. Silence counts as a response after the server's --response-window, by \
      the simulated time; requests are --seconds-between apart, from now on.

      Example:
        teller simulate --server 127.0.0.1:7001 --truth june.csv --requests 10000 \\
          --product green_loan=0.15 --product dull_loan=0.001@2000
      """)

  /// Feedback may be a day ahead of the server's clock; this is a little less, in seconds.
  private static let longestSimulationSeconds = 80_000

  @OptionGroup var client: ClientOptions

  @Option(help: "The truth file.")
  var truth: String

  @Option(help: "The number of requests.")
  var requests = 10_000

  @Option(help: "How many items are asked for, 1 to 500.")
  var k = 3

  @Option(help: "Where all luck comes from.")
  var seed: UInt64 = 1

  @Option(
    help: "A cold product as NAME=CHANCE@REQUEST; may be given several times.")
  var product: [SimulatedProduct] = [
    SimulatedProduct(itemID: "simulated_good", chance: 0.15, arrival: 0),
    SimulatedProduct(itemID: "simulated_bad", chance: 0.0005, arrival: 0),
  ]

  @Option(help: "How much may be explored, 0 to 1; the server's own weight when not given.")
  var explorationWeight: Float?

  @Option(help: "Requests whose feedback is sent together, 1 to 100.")
  var batch = 20

  @Option(help: "Simulated seconds from one request to the next.")
  var secondsBetween = 4.0

  func validate() throws {
    guard requests >= 1 else {
      throw ValidationError("--requests is \(requests), it must be at least 1")
    }
    guard (1...500).contains(k) else {
      throw ValidationError("--k is \(k), it must be from 1 to 500")
    }
    guard (1...100).contains(batch) else {
      throw ValidationError("--batch is \(batch), it must be from 1 to 100")
    }
    let seconds = Double(requests) * secondsBetween
    guard secondsBetween > 0, seconds <= Double(Self.longestSimulationSeconds) else {
      throw ValidationError(
        "\(requests) requests of --seconds-between \(secondsBetween) take \(seconds) simulated"
          + " seconds; at most \(Self.longestSimulationSeconds), for feedback may not be a day ahead"
      )
    }
    guard Set(product.map(\.itemID)).count == product.count else {
      throw ValidationError("a --product is given twice")
    }
  }

  func run() async throws {
    try await CommandFailure.report {
      let start = SystemClock.elapsed()
      let bank = try SimulatedBank(truth: truth)
      let plan = Simulation.Plan(
        requests: requests, slotCount: k, seed: seed, products: product,
        explorationWeight: explorationWeight, batch: batch,
        startMilliseconds: SystemClock.nowMilliseconds(),
        intervalMilliseconds: Int64(secondsBetween * 1000))
      let line = ProgressLine()
      defer { line.clear() }
      let (report, description) = try await client.withClient { connection in
        var simulation = Simulation(
          plan, bank: bank, client: connection, timeout: client.timeout)
        let report = try await simulation.play { done in
          line.show(
            share: Double(done) / Double(plan.requests),
            "\(CommandOutput.grouped(done)) requests")
        }
        return (report, try await connection.describe(timeout: client.timeout).service)
      }
      line.clear()
      let states = Dictionary(
        description.coldItems.map { (description.itemIDs[Int($0.itemIndex)], $0.state.name) },
        uniquingKeysWith: { first, _ in first })
      for text in report.lines(states: states) { CommandOutput.line(text) }
      if client.json {
        try CommandOutput.json(
          report.json(states: states, seconds: (SystemClock.elapsed() - start).seconds))
      }
    }
  }
}
