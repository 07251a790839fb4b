internal import ArgumentParser
internal import Experiments
internal import OfflineEvaluation

/// `teller experiments`
struct ExperimentsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "experiments",
    abstract: "Compare the arms of an experiment, or tell a customer's arm.",
    discussion: """
      An experiment is a file of JSON:
        {"name": "explore-less", "arms": [{"name": "as-ever", "share": 1},
          {"name": "less", "share": 1, "exploration_weight": 0.1}]}
      and perhaps start_ms and end_ms, in milliseconds since 1970. A customer's arm follows from the \
      experiment's name and the customer's identifier; nothing else is kept.

      Examples:
        teller experiments --experiment less.json
        teller experiments --experiment less.json --log answers.jsonl --events events.jsonl
        teller experiments assign --experiment less.json --user 15889
      """,
    subcommands: [ExperimentsReportCommand.self, ExperimentsAssignCommand.self],
    defaultSubcommand: ExperimentsReportCommand.self)
}

/// `teller experiments assign`
struct ExperimentsAssignCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assign", abstract: "Tell the arms of customers, a line each.")

  @Option(help: "The experiment's file.")
  var experiment: String

  @Option(help: "A customer, may be repeated.")
  var user: [String]

  @Flag(help: "Print one JSON object as the last line of stdout.")
  var json = false

  func run() async throws {
    try await CommandFailure.report {
      let experiment = try Experiment(path: experiment)
      let arms = user.map { experiment.arms[experiment.armIndex(of: $0)].name }
      for (user, arm) in zip(user, arms) { CommandOutput.line("\(user)  \(arm)") }
      if json {
        try CommandOutput.json([
          "experiment": experiment.name,
          "arms": Dictionary(zip(user, arms), uniquingKeysWith: { first, _ in first }),
        ])
      }
    }
  }
}

/// `teller experiments report`
struct ExperimentsReportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Compare the arms by a log of answers.")

  @Option(help: "The experiment's file.")
  var experiment: String

  @OptionGroup var shared: SharedOptions
  @OptionGroup var threads: ThreadOptions

  @Option(help: "The answers, JSON lines. [default: the workspace's own log]")
  var log: String?

  @Option(help: "Events to join to the answers, JSON lines.")
  var events: String?

  @Option(help: "What an item is worth: accepted, clicked or value.")
  var reward = RewardKind.accepted

  func run() async throws {
    try await CommandFailure.report {
      let experiment = try Experiment(path: experiment)
      let answers: LoggedAnswers
      if let log {
        answers = try LoggedAnswers(
          path: log, eventsPath: events, reward: reward, threadCount: threads.count)
      } else if let events {
        throw EvaluationError.invalidOption(
          name: "events", value: events, expected: "left out with the workspace's own log")
      } else {
        answers = try WorkspaceLog(shared, reward: reward, needsMenu: false).answers
      }
      let run = try ExperimentRun(experiment, answers, reward: reward)
      run.print()
      if shared.json { try CommandOutput.json(run.object) }
    }
  }
}
