internal import ArgumentParser
internal import RecommenderRPC

/// `teller recommend`
struct RecommendCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recommend",
    abstract: "Ask a server what a customer may take next.",
    discussion: """
      Example:
        teller recommend --server 127.0.0.1:7001 --user 15889 --k 3
      """)

  @OptionGroup var client: ClientOptions

  @Option(help: "The customer.")
  var user: String

  @Option(help: "How many items, 1 to 500.")
  var k = 7

  @Option(help: "An item to leave out; may be given several times.")
  var exclude: [String] = []

  @Option(help: "How much may be explored, 0 to 1; the server's own weight when not given.")
  var explorationWeight: Float?

  @Flag(
    help: "Show each item's share of all the customer may be offered beside its score.")
  var softmax = false

  func run() async throws {
    try await CommandFailure.report {
      let answer = try await client.withClient {
        try await $0.recommend(
          user: user, count: k, excluding: exclude, softmaxScores: softmax,
          explorationWeight: explorationWeight, timeout: client.timeout)
      }
      RankedItemsOutput.printTable(answer)
      if client.json { try CommandOutput.json(RankedItemsOutput.json(answer)) }
    }
  }
}

/// `teller similar`
struct SimilarCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "similar",
    abstract: "Ask a server which items are similar to one.",
    discussion: """
      Example:
        teller similar --server 127.0.0.1:7001 --item ind_tjcr_fin_ult1 --k 3
      """)

  @OptionGroup var client: ClientOptions

  @Option(help: "The item.")
  var item: String

  @Option(help: "How many items, 1 to 500.")
  var k = 7

  func run() async throws {
    try await CommandFailure.report {
      let answer = try await client.withClient {
        try await $0.similarItems(item: item, count: k, timeout: client.timeout)
      }
      RankedItemsOutput.printTable(answer)
      if client.json { try CommandOutput.json(RankedItemsOutput.json(answer)) }
    }
  }
}

/// How ranked items are printed.
enum RankedItemsOutput {
  static func printTable(_ answer: RankedItems) {
    let columns = [
      ("score", answer.scores), ("softmax", answer.softmaxScores),
      ("propensity", answer.propensities),
    ].filter { $0.0 == "score" || !$0.1.isEmpty }
    var table = Table(header: ["item"] + columns.map(\.0))
    for (place, item) in answer.itemIDs.enumerated() {
      table.add([item] + columns.map { CommandOutput.fixed(Double($0.1[place]), 5) })
    }
    for line in table.lines { CommandOutput.line(line) }
    let origin =
      switch answer.source {
      case .popularity: "popular items"
      case .metadata: "\(answer.modelVersion), by metadata"
      case .model, .unspecified: answer.modelVersion
      }
    CommandOutput.line("from \(origin)" + (answer.explored ? ", the last one to be tried" : ""))
  }

  /// The response message under its field names.
  static func json(_ answer: RankedItems) -> [String: Any] {
    var object: [String: Any] = [
      "item_ids": answer.itemIDs, "scores": answer.scores.map { Double($0) },
      "item_indexes": answer.itemIndexes.map { Int($0) },
      "model_version": answer.modelVersion, "source": name(answer.source),
    ]
    if !answer.softmaxScores.isEmpty {
      object["softmax_scores"] = answer.softmaxScores.map { Double($0) }
    }
    if !answer.propensities.isEmpty {
      object["propensities"] = answer.propensities.map { Double($0) }
      object["explored"] = answer.explored
    }
    if !answer.recommendationID.isEmpty { object["recommendation_id"] = answer.recommendationID }
    return object
  }

  static func name(_ source: RecommendationSource) -> String {
    switch source {
    case .unspecified: "SOURCE_UNSPECIFIED"
    case .model: "MODEL"
    case .popularity: "POPULARITY"
    case .metadata: "METADATA"
    }
  }
}
