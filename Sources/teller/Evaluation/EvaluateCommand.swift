public import ArgumentParser
internal import InteractionData
public import OfflineEvaluation
internal import RecommenderModels

/// `teller evaluate`
struct EvaluateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure models on history held out from them.",
    discussion: """
      Protocols:
        next-month       holds out the last month; --months N the last N, one by one
        leave-last-out   each customer's newest interaction; --negatives FILE ranks it among the \
      items of a line 'customer item item …' only
        given-test       what is to be found is in --test FILE, CSV with USER_ID,ITEM_ID and \
      perhaps TIMESTAMP
        session-prefix   --test FILE has lines 'item item …', a TAB, the item that came next
        random-holdout   a random part (--holdout-share) of each customer's items
        personalize      a tenth of the customers, and of them the newest tenth of their history
        known-hazards    --hazards FILE knows how probable each product is in the month after the \
      last, as 'teller generate --hazards' writes it; figures are expectations, and gap is the part \
      of the way from popularity-last-month to the hazards themselves

      A model that has already seen what is held out is not measured itself: a twin is trained with \
      its settings and seed on the rest, and kept beside it for the next time.

      Customer attributes are those of the last month imported, also for a twin.

      Popularity, random and item-knn always stand beside the models; --yardsticks adds markov, \
      naive-bayes and three more kinds of popularity. --scores NAME=FILE measures another program \
      by the scores it wrote: CSV with a column of customers and one for each item.

      --off-policy ranks nothing: it estimates from the workspace's log of answers, or that of a \
      file (--off-policy LOG), with the chances they were drawn with and what came of them, what \
      the same answers would have brought with another last product: drawn with other exploration \
      weights or evenly, or the best by a model of --model or --scores. A model's order of the whole \
      slate is estimated as far as it was shown, which above the last place is seldom; where it was \
      not, only bounds are given.

      Examples:
        teller evaluate --model hrnn --json
        teller evaluate --months 3 --slice segmento --html report.html --csv figures.csv
        teller evaluate --protocol known-hazards --hazards june.csv --scores trees=trees.csv
        teller evaluate --off-policy --weights 0,0.1,0.3,1
        teller evaluate --off-policy answers.jsonl --events events.jsonl --model sims
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var threads: ThreadOptions

  @Option(
    help: "A recipe or version, may be repeated; all recipes that were trained, when not given.")
  var model: [String] = []

  @Option(
    name: .customLong("protocol"),
    help:
      "next-month, leave-last-out, given-test, session-prefix, random-holdout, personalize or known-hazards."
  )
  var protocolName = EvaluationProtocol.nextMonth

  @Option(help: "The places MAP and exposure look at. [default: 7]")
  var k: Int?

  @Option(help: "Further places at which every metric is measured, such as 3,50.")
  var cutoffs: String?

  @Option(help: "next-month: evaluate the last N months, each without itself and later ones.")
  var months = 1

  @Option(help: "given-test and session-prefix: the file of what is to be found.")
  var test: String?

  @Option(help: "leave-last-out: the file of the items to rank for each customer.")
  var negatives: String?

  @Option(help: "known-hazards: the file of how probable each item is for each customer.")
  var hazards: String?

  @Option(
    help: "NAME=FILE, may be repeated: scores of another program to measure as NAME.")
  var scores: [String] = []

  @Option(help: "random-holdout: the part of each customer's items to hold out. [default: 0.2]")
  var holdoutShare: Double?

  @Option(help: "Where random splits, the random yardstick and resampling come from.")
  var seed: UInt64 = 1

  @Option(help: "How often customers are resampled for intervals of 95 %; 0 for none.")
  var bootstrap = 1000

  @Option(help: "The model that the others are compared with, by version or name.")
  var against = "popularity"

  @Flag(help: "Measure all yardsticks.")
  var yardsticks = false

  @Option(help: "A customer attribute to part the figures by.")
  var slice: String?

  @Option(help: "Write all figures as CSV: model,group,metric,value,low,high.")
  var csv: String?

  @Option(help: "Write a report with plots that opens without a network.")
  var html: String?

  @Option(help: "Write each customer's ranking, what was to be found, as JSON lines.")
  var dump: String?

  @OptionGroup var offPolicy: OffPolicyOptions

  func run() async throws {
    try await CommandFailure.report {
      if let log = offPolicy.offPolicy {
        let report = try OffPolicyReport(command: self, log: log)
        report.print()
        if shared.json { try CommandOutput.json(report.object) }
        return
      }
      let opened = try DatasetFile.open(shared.datasetFolder)
      if protocolName == .knownHazards {
        let report = try HazardReport(command: self, opened: opened)
        report.print()
        if shared.json { try CommandOutput.json(report.object) }
        return
      }
      let run = try EvaluationRun(command: self, opened: opened)
      let report = try run.report()
      EvaluationTables(report).print()
      if let csv { try EvaluationCSV(report).write(to: csv) }
      if let html { try EvaluationPage(report).write(to: html) }
      if shared.json { try CommandOutput.json(EvaluationJSON(report).object) }
    }
  }
}

extension EvaluationProtocol: ExpressibleByArgument {}
