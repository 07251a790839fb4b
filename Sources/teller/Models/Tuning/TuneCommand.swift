internal import ArgumentParser
internal import InteractionData
internal import RecommenderModels

/// `teller tune`
struct TuneCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tune",
    abstract: "Search a recipe's settings, and train the best on everything.",
    discussion: """
      Every trial is trained without the newest month and measured on it by MAP@7; without a panel \
      each customer's newest event is held out, and NDCG@10 decides. Trial 0 has the recipe's own \
      settings, the others are drawn from these, unless one is fixed by an option of its name:
      \(TuneCommand.spaces)

      Trials are logged in the workspace (tuning/RECIPE.jsonl), each on disk before the next. Ctrl-C \
      ends the search, and the same command goes on with it: the same seed gives the same trials.

      Examples:
        teller tune hrnn --trials 30 --minutes 60
        teller tune hrnn --trials 12 --epochs 4 --seed 7
        teller tune sims --trials 50
      """)

  private static var spaces: String {
    RecommenderKind.allCases.map { kind in
      "  \(kind.rawValue): "
        + SearchSpace(kind).names.map { "--" + $0.replacing("_", with: "-") }.joined(separator: " ")
    }.joined(separator: "\n")
  }

  /// The most trials of a search.
  static let trialLimit = 10_000

  @OptionGroup var shared: SharedOptions
  @OptionGroup var threads: ThreadOptions

  @Argument(help: "popularity, sims or hrnn.")
  var recipe: String

  @Option(help: "Trials in all, those of earlier runs of the same search included.")
  var trials = 20

  @Option(help: "No trial begins after this many minutes.")
  var minutes: Double?

  @Option(help: "Where all randomness comes from: the same seed and data give the same trials.")
  var seed: UInt64 = 1

  @Option(
    help: "Search on what was known at the end of this month, YYYY-MM.",
    transform: MonthArgument.parse)
  var until: Month?

  @Argument(parsing: .allUnrecognized, help: "Settings that are fixed.")
  var settings: [String] = []

  func validate() throws {
    guard (1...Self.trialLimit).contains(trials) else {
      throw ValidationError("--trials is \(trials), it must be from 1 to \(Self.trialLimit)")
    }
    if let minutes, !(minutes > 0 && minutes <= 1e6) {
      throw ValidationError("--minutes is \(minutes), it must be above 0 and at most 1000000")
    }
  }

  func run() async throws {
    try await CommandFailure.report {
      guard let kind = RecommenderKind(rawValue: recipe) else {
        throw ValidationError("'\(recipe)' is no recipe: write popularity, sims or hrnn")
      }
      let fixed = try TrainingSettings.parse(settings, kinds: [kind])
      let opened = try DatasetFile.open(shared.datasetFolder)
      let dataset = until.map { opened.dataset.truncated(through: $0) } ?? opened.dataset
      StopRequest.listen()
      let run = try TuneRun(
        command: self, kind: kind, fixed: fixed, dataset: dataset, checksum: opened.checksum)
      try run.search()
      try run.trainBest()
    }
  }
}
