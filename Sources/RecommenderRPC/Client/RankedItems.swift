/// The answer to Recommend or SimilarItems as a client sees it, best first.
public struct RankedItems: Equatable, Sendable {
  /// Identifiers; empty when only indexes were asked for.
  public var itemIDs: [String]
  /// Scores, comparable inside this answer only; parallel to `itemIndexes`.
  public var scores: [Float]
  /// Places in the catalogue of Describe.
  public var itemIndexes: [UInt32]
  /// Version of the model that answered.
  public var modelVersion: String
  /// Where the products come from.
  public var source: RecommendationSource
  /// Names this answer in feedback; empty for SimilarItems.
  public var recommendationID: String
  /// The share of each product in all the customer may be offered, parallel to `itemIndexes`; empty
  /// unless asked for.
  public var softmaxScores: [Float]
  /// The probability with which each product was shown in its place, parallel to `itemIndexes`; empty
  /// when no cold product could have stood in the answer.
  public var propensities: [Float]
  /// Whether the last product is there to be tried.
  public var explored: Bool

  /// Makes an answer.
  public init(
    itemIDs: [String], scores: [Float], itemIndexes: [UInt32], modelVersion: String,
    source: RecommendationSource, recommendationID: String, softmaxScores: [Float] = [],
    propensities: [Float] = [], explored: Bool = false
  ) {
    self.itemIDs = itemIDs
    self.scores = scores
    self.itemIndexes = itemIndexes
    self.modelVersion = modelVersion
    self.source = source
    self.recommendationID = recommendationID
    self.softmaxScores = softmaxScores
    self.propensities = propensities
    self.explored = explored
  }
}
