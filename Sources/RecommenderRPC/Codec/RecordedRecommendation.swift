/// A product that might have stood in the last place of an answer on record.
public struct RecordedCandidate: Equatable, Sendable {
  /// The product.
  public var itemID: String
  /// The probability with which it was drawn.
  public var propensity: Float
  /// The probability of it being the best of the place, before the exploration weight cuts it; 0 for
  /// established products, and for the first, which was believed best.
  public var matchingProbability: Float
  /// Its score, as those of the answer.
  public var score: Float

  /// Makes a candidate.
  public init(itemID: String, propensity: Float, matchingProbability: Float, score: Float) {
    self.itemID = itemID
    self.propensity = propensity
    self.matchingProbability = matchingProbability
    self.score = score
  }
}

/// One answer to Recommend as it stands on record. `itemIDs`, `scores`, `itemIndexes` and
/// `propensities` are parallel, best first.
public struct RecordedRecommendation: Equatable, Sendable {
  /// The answer's identifier.
  public var recommendationID: String
  /// The customer.
  public var userID: String
  /// When it was answered, in milliseconds since 1970.
  public var timeMilliseconds: Int64
  /// Version of the model that answered.
  public var modelVersion: String
  /// What produced the answer.
  public var source: RecommendationSource
  /// The products answered.
  public var itemIDs: [String]
  /// The model's score of each.
  public var scores: [Float]
  /// Place of each in the catalogue as it was then.
  public var itemIndexes: [UInt32]
  /// The probability with which each was shown in its place; empty when no cold product could have
  /// stood in the answer.
  public var propensities: [Float]
  /// Whether the last product was there to be tried.
  public var explored: Bool
  /// How much was explored, 0 to 1.
  public var explorationWeight: Float
  /// How many products could have been answered.
  public var candidateCount: UInt32
  /// The products of the catalogue that the request left out.
  public var excludedItemIDs: [String]
  /// The rules that changed the answer.
  public var rules: [String]
  /// What the last product was drawn from, what was believed best first; empty when nothing was
  /// drawn, and in lists.
  public var candidates: [RecordedCandidate]
  /// The experiment that ran; empty when none did.
  public var experiment: String
  /// The customer's arm of it.
  public var arm: String

  /// Makes a record.
  public init(
    recommendationID: String, userID: String, timeMilliseconds: Int64, modelVersion: String,
    source: RecommendationSource, itemIDs: [String], scores: [Float], itemIndexes: [UInt32],
    propensities: [Float] = [], explored: Bool = false, explorationWeight: Float = 0,
    candidateCount: UInt32, excludedItemIDs: [String] = [], rules: [String] = [],
    candidates: [RecordedCandidate] = [], experiment: String = "", arm: String = ""
  ) {
    self.recommendationID = recommendationID
    self.userID = userID
    self.timeMilliseconds = timeMilliseconds
    self.modelVersion = modelVersion
    self.source = source
    self.itemIDs = itemIDs
    self.scores = scores
    self.itemIndexes = itemIndexes
    self.propensities = propensities
    self.explored = explored
    self.explorationWeight = explorationWeight
    self.candidateCount = candidateCount
    self.excludedItemIDs = excludedItemIDs
    self.rules = rules
    self.candidates = candidates
    self.experiment = experiment
    self.arm = arm
  }

  /// A bound of its bytes in a message.
  var messageByteBound: Int {
    let texts =
      [recommendationID, userID, modelVersion, experiment, arm] + itemIDs + excludedItemIDs + rules
    return 64 + texts.reduce(0) { $0 + $1.utf8.count + 4 }
      + 9 * itemIndexes.count + 4 * propensities.count
      + candidates.reduce(0) { $0 + $1.itemID.utf8.count + 24 }
  }
}

/// What ListRecommendations asks for.
public struct RecommendationQuery: Equatable, Sendable {
  /// The customer, 1 to 256 bytes.
  public var userID: String
  /// How many answers at most, 1 to 500.
  public var count: Int
  /// Only answers of before this time, in milliseconds since 1970; 0 for all.
  public var beforeMilliseconds: Int64

  /// Makes a query.
  public init(
    userID: String, count: Int = MessageLimits.defaultCount, beforeMilliseconds: Int64 = 0
  ) {
    self.userID = userID
    self.count = count
    self.beforeMilliseconds = beforeMilliseconds
  }
}
