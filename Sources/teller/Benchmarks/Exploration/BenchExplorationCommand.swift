internal import ArgumentParser
internal import Exploration
internal import Foundation
internal import InteractionData

/// `teller bench exploration`
struct BenchExplorationCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exploration",
    abstract: "Play the exploration policy against a world, or time its decisions.",
    discussion: """
      With --stdio the policy is played as a process: one JSON object a line on standard input, one \
      answer a line on standard output.

        {"op":"recommend","id":1,"context":[0,2],"candidates":[3,9],"scores":[-4.1,null],"k":1}
        {"items":[3],"propensities":[0.97]}
        {"op":"feedback","id":1,"outcomes":[1]}
        {}

      `context` holds a code for each attribute, `scores` the model's log-odds and null for a cold \
      product, `outcomes` 1 for accepted, -1 for dismissed, 0 for nothing. Without --stdio \
      decisions on made-up requests are timed.

      Examples:
        teller bench exploration
        teller bench exploration --stdio --seed 7
      """)

  @OptionGroup var shared: SharedOptions

  @Flag(help: "Play over standard input and output.")
  var stdio = false

  @Option(help: "Where all randomness comes from.")
  var seed: UInt64 = 1

  @Option(help: "The number of values of each attribute of a context, separated by commas.")
  var contextSizes = "5,3,5,2,4,4,4,4"

  @Option(help: "The largest share of the last slot that explores, 0 to 1.")
  var explorationWeight = ExplorationSettings().explorationWeight

  @Option(help: "Decisions to time.")
  var decisions = 200_000

  func validate() throws {
    guard (1...100_000_000).contains(decisions) else {
      throw ValidationError("--decisions is \(decisions), it must be from 1 to 100000000")
    }
  }

  func run() async throws {
    try await CommandFailure.report {
      let sizes = contextSizes.split(separator: ",", omittingEmptySubsequences: false).map {
        Int($0) ?? 0
      }
      var settings = ExplorationSettings()
      settings.explorationWeight = explorationWeight
      let policy = try SlatePolicy(
        schema: ContextSchema(valueCounts: sizes), settings: settings, seed: seed)
      if stdio {
        var player = LinePlayer(policy: policy)
        while let line = readLine() { CommandOutput.line(try player.answer(line)) }
      } else {
        try time(policy)
      }
    }
  }

  /// Times decisions and learning on requests of 24 established and 10 cold products, 3 slots.
  private func time(_ policy: SlatePolicy) throws {
    var timing = DecisionTiming(policy: policy, seed: seed)
    let report = timing.run(decisions: decisions, now: SystemClock.elapsed)
    typealias Out = CommandOutput
    Out.line("decision     \(Out.fixed(report.decisionMicroseconds, 2)) µs")
    Out.line("learning     \(Out.fixed(report.learningMicroseconds, 2)) µs a slate")
    Out.line("cold share   \(Out.fixed(report.coldShare, 4))")
    if shared.json {
      try Out.json([
        "decisions": decisions, "decision_us": report.decisionMicroseconds,
        "learning_us": report.learningMicroseconds, "cold_share": report.coldShare,
      ])
    }
  }
}
