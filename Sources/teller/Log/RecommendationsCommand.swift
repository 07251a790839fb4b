internal import ArgumentParser
internal import Foundation
internal import RecommenderRPC

/// `teller recommendations …`
struct RecommendationsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recommendations",
    abstract: "Ask a server for its past answers, or export all of them.",
    discussion: """
      Example:
        teller recommendations list --user 15889 --count 3
      """,
    subcommands: [
      RecommendationsGetCommand.self, RecommendationsListCommand.self,
      RecommendationsExportCommand.self,
    ])

  /// Prints records, each under a line that says whose answer it was, when, and by what.
  static func printRecords(_ records: [RecordedRecommendation]) {
    for record in records {
      let time = Date(timeIntervalSince1970: Double(record.timeMilliseconds) / 1000)
        .formatted(.iso8601.time(includingFractionalSeconds: true))
      CommandOutput.line(
        "\(record.recommendationID)  \(record.userID)  \(time)  \(record.modelVersion)"
          + "  \(record.candidateCount) candidates"
          + (record.explored ? ", explored" : ""))
      var table = Table(
        header: ["item", "score"] + (record.propensities.isEmpty ? [] : ["propensity"]))
      for (place, item) in record.itemIDs.enumerated() {
        table.add(
          [item, CommandOutput.fixed(Double(record.scores[place]), 5)]
            + (record.propensities.isEmpty
              ? [] : [CommandOutput.fixed(Double(record.propensities[place]), 5)]))
      }
      for line in table.lines { CommandOutput.line(line) }
    }
  }

  /// A record under its field names.
  static func json(_ record: RecordedRecommendation) -> [String: Any] {
    var object: [String: Any] = [
      "recommendation_id": record.recommendationID, "user_id": record.userID,
      "time_ms": record.timeMilliseconds, "model_version": record.modelVersion,
      "source": RankedItemsOutput.name(record.source), "item_ids": record.itemIDs,
      "scores": record.scores.map { Double($0) },
      "item_indexes": record.itemIndexes.map { Int($0) },
      "propensities": record.propensities.map { Double($0) }, "explored": record.explored,
      "exploration_weight": Double(record.explorationWeight),
      "candidate_count": Int(record.candidateCount), "excluded_item_ids": record.excludedItemIDs,
      "rules": record.rules,
    ]
    if !record.candidates.isEmpty {
      object["candidates"] = record.candidates.enumerated().map { place, candidate in
        var object: [String: Any] = [
          "item_id": candidate.itemID, "propensity": Double(candidate.propensity),
          "score": Double(candidate.score),
        ]
        if place > 0 { object["matching_probability"] = Double(candidate.matchingProbability) }
        return object
      }
    }
    if !record.experiment.isEmpty {
      object["experiment"] = record.experiment
      object["arm"] = record.arm
    }
    return object
  }
}

/// `teller recommendations get`
struct RecommendationsGetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "get",
    abstract: "Show what was answered, by the answer's recommendation_id.",
    discussion: """
      Example:
        teller recommendations get --id 5f0c9a3e6d1b2c47000000000000002a
      """)

  @OptionGroup var client: ClientOptions

  @Option(help: "The recommendation_id of the answer.")
  var id: String

  func run() async throws {
    try await CommandFailure.report {
      let record = try await client.withClient {
        try await $0.getRecommendation(id, timeout: client.timeout)
      }
      RecommendationsCommand.printRecords([record])
      if client.json { try CommandOutput.json(RecommendationsCommand.json(record)) }
    }
  }
}

/// `teller recommendations list`
struct RecommendationsListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Show what a customer was answered, newest first.",
    discussion: """
      Example:
        teller recommendations list --user 15889 --count 3
      """)

  @OptionGroup var client: ClientOptions

  @Option(help: "The customer.")
  var user: String

  @Option(help: "How many answers, 1 to 500.")
  var count = 10

  @Option(help: "Only answers of before this time, in milliseconds since 1970.")
  var beforeMs: Int64 = 0

  func run() async throws {
    try await CommandFailure.report {
      let query = RecommendationQuery(
        userID: user, count: count, beforeMilliseconds: beforeMs)
      let records = try await client.withClient {
        try await $0.listRecommendations(query, timeout: client.timeout)
      }
      RecommendationsCommand.printRecords(records)
      if client.json {
        try CommandOutput.json(["recommendations": records.map(RecommendationsCommand.json)])
      }
    }
  }
}
