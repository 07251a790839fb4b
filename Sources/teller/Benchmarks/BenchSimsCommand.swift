internal import ArgumentParser
internal import InteractionData
internal import OfflineEvaluation
internal import RecommenderModels
internal import TensorFiles

/// `teller bench sims`
struct BenchSimsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sims",
    abstract: "Time the table of item similarities, and measure its recommendations.",
    discussion: """
      With --train the data are lines of a user's number and item numbers, and --test has the same \
      users' held-out items: every item is ranked for every user of the test file, without those \
      of the training file. Recall@20 is hits divided by the number of held-out items, NDCG@20 is \
      divided by that of min(20, number of held-out items) hits; means over users of the test file. \
      Without --train the workspace's dataset is counted.

      Further options are the settings of sims, in kebab case:
      \(TrainingSettings.help(of: .sims))

      Examples:
        teller bench sims --train train.txt --test test.txt --threads 2
        teller bench sims --train train.txt --test test.txt --min-cointeraction-count 1 \
      --neighbour-limit 1000 --popularity-discount-factor 0.2 --history-length-discount 0.5 \
      --target-normalization 0 --mean-centring false
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var threads: ThreadOptions

  @Option(help: "Training pairs: a line per user, the user's number and then item numbers.")
  var train: String?

  @Option(help: "Held-out pairs in the same form.")
  var test: String?

  @Option(help: "How often to build the table; the fastest and the median are reported.")
  var rounds = 5

  @Argument(parsing: .allUnrecognized, help: "Settings of sims.")
  var settings: [String] = []

  /// The length of the measured lists.
  private static let listLength = 20

  func validate() throws {
    guard (1...1000).contains(rounds) else {
      throw ValidationError("--rounds is \(rounds), it must be from 1 to 1000")
    }
    if test != nil && train == nil { throw ValidationError("--test needs --train") }
  }

  func run() async throws {
    try await CommandFailure.report {
      let values = try TrainingSettings.parse(settings, kinds: [.sims])
      let configuration = try ItemCooccurrenceConfiguration(values: values)
      let heldOut = try test.map { try UserItemLines(path: $0) }
      let dataset = try dataset(itemCount: heldOut?.itemCount ?? 0)
      var report: [String: Any] = [
        "customers": dataset.customers.count, "items": dataset.items.count,
        "interactions": dataset.interactions.count, "threads": threads.count,
      ]
      typealias Out = CommandOutput
      Out.line(
        "\(Out.grouped(dataset.customers.count)) customers, \(Out.grouped(dataset.items.count)) "
          + "items, \(Out.grouped(dataset.interactions.count)) interactions, "
          + "\(threads.count) threads")
      let model = try build(dataset, configuration, &report)
      if let heldOut { try measure(model, dataset, heldOut, &report) }
      if shared.json { try Out.json(report) }
    }
  }

  private func dataset(itemCount: Int) throws -> Dataset {
    guard let train else { return try DatasetFile.open(shared.datasetFolder).dataset }
    let lines = try UserItemLines(path: train)
    return lines.dataset(itemCount: max(lines.itemCount, itemCount))
  }

  private func build(
    _ dataset: Dataset, _ configuration: ItemCooccurrenceConfiguration,
    _ report: inout [String: Any]
  ) throws -> ItemCooccurrenceRecommender {
    var seconds: [Double] = []
    var built: ItemCooccurrenceRecommender?
    repeat {
      let start = SystemClock.elapsed()
      built = try ItemCooccurrenceRecommender(
        trainedOn: dataset, configuration: configuration, threadCount: threads.count)
      seconds.append((SystemClock.elapsed() - start).seconds)
    } while seconds.count < rounds
    guard let model = built else { throw ValidationError("--rounds is 0") }
    seconds.sort()
    report["build_seconds"] = seconds[0]
    report["build_seconds_median"] = seconds[seconds.count / 2]
    report["neighbours"] = model.similar.neighbours.count
    typealias Out = CommandOutput
    Out.line(
      "table of similarities  \(Out.fixed(seconds[0], 3)) s, median of \(rounds) "
        + "\(Out.fixed(seconds[seconds.count / 2], 3)) s, "
        + "\(Out.grouped(model.similar.neighbours.count)) neighbours")
    return model
  }

  private func measure(
    _ model: ItemCooccurrenceRecommender, _ dataset: Dataset, _ heldOut: UserItemLines,
    _ report: inout [String: Any]
  ) throws {
    let users = heldOut.itemsByUser.indices.filter { !heldOut.itemsByUser[$0].isEmpty }
    guard let last = users.last, last < dataset.customers.count else {
      throw ValidationError(
        "--test has users up to \(users.last ?? 0), --train only up to "
          + "\(dataset.customers.count - 1): give two parts of one split")
    }
    let start = SystemClock.elapsed()
    let scorer = model.scorer(for: dataset, targetMonth: Month(year: 1970, month: 2))
    let lists = CustomerRanking(dataset: dataset, scorer: scorer).topItems(
      customers: users.map { UInt32($0) }, count: Self.listLength, threadCount: threads.count)
    var recall = 0.0
    var gain = 0.0
    for (position, user) in users.enumerated() {
      heldOut.itemsByUser[user].withUnsafeBufferPointer { relevant in
        recall += RankingMetrics.recall(
          ranked: lists[position], relevant: relevant, k: Self.listLength)
        gain += RankingMetrics.normalizedDiscountedCumulativeGain(
          ranked: lists[position], relevant: relevant, k: Self.listLength)
      }
    }
    let seconds = (SystemClock.elapsed() - start).seconds
    report["recall_at_20"] = recall / Double(users.count)
    report["ndcg_at_20"] = gain / Double(users.count)
    report["users"] = users.count
    report["ranking_seconds"] = seconds
    typealias Out = CommandOutput
    Out.line("Recall@20              \(Out.fixed(recall / Double(users.count), 5))")
    Out.line("NDCG@20                \(Out.fixed(gain / Double(users.count), 5))")
    Out.line(
      "ranking                \(Out.fixed(seconds, 2)) s for \(Out.grouped(users.count)) users")
  }
}
