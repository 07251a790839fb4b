internal import ArgumentParser
internal import Foundation

/// The command line.
@main
struct Teller: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "teller",
    abstract: "Recommends bank products: imports history, trains, evaluates, serves and learns.",
    discussion: """
      A first run:
        teller generate --customers 10000 --months 17 --seed 1 --out bank.csv
        teller import santander bank.csv
        teller train all
        teller evaluate
        teller serve
      and, while it serves:
        teller recommend --user 15889 --k 3

      Everything is kept in the workspace folder (--workspace, ./teller-workspace by default).
      Every command prints one JSON object as its last line when given --json.
      """,
    version: Version.current,
    subcommands: [
      GenerateCommand.self, ImportCommand.self, TrainCommand.self, TuneCommand.self,
      EvaluateCommand.self, ExperimentsCommand.self,
      BatchCommand.self, ServeCommand.self, RecommendCommand.self, SimilarCommand.self,
      FeedbackCommand.self, ModelsCommand.self, ItemsCommand.self, TokensCommand.self,
      StatusCommand.self,
      RecommendationsCommand.self, EventsCommand.self, AuditCommand.self, SimulateCommand.self,
      BenchCommand.self,
    ])

  static func main() async {
    // A pipe that was closed is an error of that write, not the end of a server.
    signal(SIGPIPE, SIG_IGN)
    // So is a file that may not grow any further.
    signal(SIGXFSZ, SIG_IGN)
    await main(nil)
  }
}

/// The version of the program.
enum Version {
  static let current = "0.1.0"
}
