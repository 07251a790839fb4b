public import Foundation

/// An answer on record as one line of JSON, for other programs: the fields of the protocol under their
/// names, empty ones left out, keys in alphabetical order.
public struct RecommendationJSONLines {
  private struct Line: Encodable {
    let record: RecommendationRecord

    enum Key: String, CodingKey {
      case scores, propensities, explored, rules, candidates, experiment, arm
      case candidateCount = "candidate_count"
      case recommendationID = "recommendation_id"
      case userID = "user_id"
      case timeMilliseconds = "time_ms"
      case modelVersion = "model_version"
      case itemIDs = "item_ids"
      case explorationWeight = "exploration_weight"
      case excludedItemIDs = "excluded_item_ids"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(record.recommendationID, forKey: .recommendationID)
      try container.encode(record.userID, forKey: .userID)
      try container.encode(record.timeMilliseconds, forKey: .timeMilliseconds)
      try container.encode(record.modelVersion, forKey: .modelVersion)
      try container.encode(record.itemIDs, forKey: .itemIDs)
      try container.encode(record.scores.map { $0.isFinite ? $0 : nil }, forKey: .scores)
      try container.encode(record.explorationWeight, forKey: .explorationWeight)
      try container.encode(record.explored, forKey: .explored)
      if !record.propensities.isEmpty {
        try container.encode(record.propensities, forKey: .propensities)
      }
      if !record.excludedItemIDs.isEmpty {
        try container.encode(record.excludedItemIDs, forKey: .excludedItemIDs)
      }
      if !record.rules.isEmpty { try container.encode(record.rules, forKey: .rules) }
      try container.encode(record.candidateCount, forKey: .candidateCount)
      try container.encodeIfPresent(record.experiment, forKey: .experiment)
      try container.encodeIfPresent(record.arm, forKey: .arm)
      try container.encodeIfPresent(record.menu?.map(Candidate.init), forKey: .candidates)
    }
  }

  private struct Candidate: Encodable {
    let itemID: String
    let propensity: Float
    let matchingProbability: Float?
    let score: Float?

    enum CodingKeys: String, CodingKey {
      case propensity, score
      case itemID = "item_id"
      case matchingProbability = "matching_probability"
    }

    init(_ choice: RecordedChoice) {
      itemID = choice.itemID
      propensity = choice.propensity
      matchingProbability = choice.matchingProbability
      score = choice.score.isFinite ? choice.score : nil
    }
  }

  private let encoder = JSONEncoder()

  /// Makes a writer.
  public init() { encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes] }

  /// The line of an answer, its line feed included.
  ///
  /// - Parameter record: the answer.
  /// - Returns: UTF-8.
  /// - Throws: what the encoder says of text that JSON cannot hold.
  public func line(_ record: RecommendationRecord) throws -> Data {
    try encoder.encode(Line(record: record)) + Data("\n".utf8)
  }
}
