/// One answer to Recommend as it stands in the log.
public struct RecommendationRecord: Sendable, Equatable {
  /// The answer's name: 32 hexadecimal digits.
  public var recommendationID: String
  /// The customer.
  public var userID: String
  /// When it was answered, in milliseconds since 1970.
  public var timeMilliseconds: Int64
  /// Version of the model that answered.
  public var modelVersion: String
  /// Where the products come from, by its number in the protocol.
  public var source: UInt8
  /// The products that could have been answered: the catalogue without what the customer holds and
  /// without what the caller left out.
  public var candidateCount: Int
  /// The products of the catalogue that the caller left out.
  public var excludedItemIDs: [String]
  /// The products, best first.
  public var itemIDs: [String]
  /// Their places in the catalogue.
  public var itemIndexes: [UInt32]
  /// Their scores.
  public var scores: [Float]
  /// The probability with which each was shown in its place; empty when nothing was explored.
  public var propensities: [Float]
  /// Whether the last product was there to be tried.
  public var explored: Bool
  /// How much was explored, 0 to 1.
  public var explorationWeight: Float
  /// The rules that changed the answer, by their names.
  public var rules: [String]
  /// What the last product was drawn from, what was believed best first; empty where there was
  /// nothing to draw from, nil where the log does not say.
  public var menu: [RecordedChoice]?
  /// The experiment that ran; nil when none did.
  public var experiment: String?
  /// The customer's arm of it; nil when none ran.
  public var arm: String?

  /// Makes a record.
  public init(
    recommendationID: String, userID: String, timeMilliseconds: Int64, modelVersion: String,
    source: UInt8, candidateCount: Int, excludedItemIDs: [String] = [], itemIDs: [String],
    itemIndexes: [UInt32], scores: [Float], propensities: [Float] = [], explored: Bool = false,
    explorationWeight: Float = 0, rules: [String] = [], menu: [RecordedChoice]? = nil,
    experiment: String? = nil, arm: String? = nil
  ) {
    self.recommendationID = recommendationID
    self.userID = userID
    self.timeMilliseconds = timeMilliseconds
    self.modelVersion = modelVersion
    self.source = source
    self.candidateCount = candidateCount
    self.excludedItemIDs = excludedItemIDs
    self.itemIDs = itemIDs
    self.itemIndexes = itemIndexes
    self.scores = scores
    self.propensities = propensities
    self.explored = explored
    self.explorationWeight = explorationWeight
    self.rules = rules
    self.menu = menu
    self.experiment = experiment
    self.arm = arm
  }
}

/// An answer to be recorded, lent by the thread that made it.
public struct AnsweredRecommendation {
  /// What ``RecommendationRecorder/register(_:)`` gave for the answer's catalogue.
  public var catalogue: UInt32 = 0
  /// The answer's number in this run of the server, the low half of its name; ascending.
  public var number: UInt64
  /// When it was answered, in milliseconds since 1970.
  public var timeMilliseconds: Int64
  /// Where the products come from.
  public var source: UInt8
  /// See ``RecommendationRecord/candidateCount``.
  public var candidateCount: Int
  /// The customer, 1 to 256 bytes of UTF-8.
  public var userID: UnsafeRawBufferPointer
  /// The products, at most 500.
  public var itemIndexes: UnsafeBufferPointer<UInt32>
  /// Parallel to the products.
  public var scores: UnsafeBufferPointer<Float>
  /// Parallel to the products, or empty.
  public var propensities: UnsafeBufferPointer<Float>
  /// The products that the caller left out, at most 500.
  public var excludedItemIndexes: UnsafeBufferPointer<UInt32>
  /// Whether the last product is there to be tried.
  public var explored: Bool
  /// How much is explored.
  public var explorationWeight: Float
  /// The rules that changed the answer, at most ``RecommendationLogLimits/ruleByteLimit`` bytes.
  public var rules: [String] = []
  /// What the last product was drawn from, what was believed best first, at most
  /// ``RecommendationLogLimits/menuLimit``; empty where there was nothing to draw from, nil to say
  /// nothing of it.
  public var menu: UnsafeBufferPointer<AnsweredChoice>?
  /// The place of the customer's arm in the catalogue's experiment, below
  /// ``RecommendationLogLimits/armLimit``; nil when none runs.
  public var arm: Int?

  /// Makes one.
  public init(
    number: UInt64, timeMilliseconds: Int64, source: UInt8, candidateCount: Int,
    userID: UnsafeRawBufferPointer, itemIndexes: UnsafeBufferPointer<UInt32>,
    scores: UnsafeBufferPointer<Float>, propensities: UnsafeBufferPointer<Float>,
    excludedItemIndexes: UnsafeBufferPointer<UInt32>, explored: Bool, explorationWeight: Float
  ) {
    self.number = number
    self.timeMilliseconds = timeMilliseconds
    self.source = source
    self.candidateCount = candidateCount
    self.userID = userID
    self.itemIndexes = itemIndexes
    self.scores = scores
    self.propensities = propensities
    self.excludedItemIndexes = excludedItemIndexes
    self.explored = explored
    self.explorationWeight = explorationWeight
  }
}

/// What the item indexes and the model of an answer mean.
public struct RecommendationCatalogue: Sendable, Equatable, Codable {
  /// Version of the model.
  public var modelVersion: String
  /// The identifiers of the products by index.
  public var itemIDs: [String]
  /// The experiment that answers' arms belong to; nil when there is none.
  public var experiment: RecordedExperiment?

  /// Makes one.
  public init(modelVersion: String, itemIDs: [String], experiment: RecordedExperiment? = nil) {
    self.modelVersion = modelVersion
    self.itemIDs = itemIDs
    self.experiment = experiment
  }
}

/// The names that an answer's arm is read by.
public struct RecordedExperiment: Sendable, Equatable, Codable {
  /// The experiment's name.
  public var name: String
  /// The names of its arms, in order.
  public var arms: [String]

  /// Makes one.
  public init(name: String, arms: [String]) {
    self.name = name
    self.arms = arms
  }
}

/// The limits of the log of recommendations.
public enum RecommendationLogLimits {
  /// The most answers of one block, which is what is chained.
  public static let blockRecordLimit = 1024
  /// The most bytes of a block's answers and of what they are found by. A page of the file holds
  /// that, what a row has beside, and hardly more: what does not fit one page wastes most of a second.
  public static let blockByteLimit = (1 << 16) - 512
  /// The bytes that may wait to be written; answers beyond are counted and not recorded.
  public static let ringByteCount = 1 << 24
  /// The most bytes of all rules of one answer.
  public static let ruleByteLimit = 1024
  /// The most products that a last one is drawn from.
  public static let menuLimit = 1027
  /// The most arms of an experiment.
  public static let armLimit = 16
  /// The most records of one listing.
  public static let listLimit = 500
}
