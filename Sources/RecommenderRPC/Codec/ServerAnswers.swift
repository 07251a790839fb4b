/// What a service says of its health. Up-time, CPU, memory and the number of requests are added by
/// the server, which measures the process itself.
public struct HealthAnswer: Equatable, Sendable {
  /// Whether new requests are welcome. A server that drains says DRAINING whatever this holds.
  public var status: ServingStatus
  /// Version of the model now answering Recommend, at most 256 bytes.
  public var modelVersion: String
  /// Answers handed to the log of recommendations since the start.
  public var recommendationsRecorded: UInt64
  /// Answers that did not get into that log.
  public var recommendationsDropped: UInt64

  /// Makes an answer.
  public init(
    status: ServingStatus, modelVersion: String, recommendationsRecorded: UInt64 = 0,
    recommendationsDropped: UInt64 = 0
  ) {
    self.status = status
    self.modelVersion = modelVersion
    self.recommendationsRecorded = recommendationsRecorded
    self.recommendationsDropped = recommendationsDropped
  }
}

/// Whether new requests are welcome.
public enum ServingStatus: UInt32, Sendable, CaseIterable {
  /// Everything is answered.
  case serving = 1
  /// Finishing what is there; send new requests elsewhere.
  case draining = 2

  /// The name in the protocol, for instance `SERVING`.
  public var name: String { self == .serving ? "SERVING" : "DRAINING" }
}

/// One loaded model, as Describe tells it.
public struct ModelDescription: Equatable, Sendable {
  /// What it is, for instance `popularity`, `sims`, `hrnn`.
  public var kind: String
  /// Its version.
  public var version: String
  /// End of its training data in ISO 8601; empty when not known.
  public var trainedThrough: String
  /// Number of learnt parameters.
  public var parameters: UInt64

  /// Makes a description.
  public init(kind: String, version: String, trainedThrough: String, parameters: UInt64) {
    self.kind = kind
    self.version = version
    self.trainedThrough = trainedThrough
    self.parameters = parameters
  }
}

/// Where a cold product stands.
public enum ColdItemState: UInt32, Sendable, CaseIterable {
  /// Tried where it may be better than what would be shown.
  case exploring = 1
  /// Known well enough: shown where it is believed better, and not tried any more.
  case graduated = 2
  /// Known to be worse than what it would replace: not shown.
  case givenUp = 3
}

/// What is known of a cold product, as Describe tells it.
public struct ColdItemDescription: Equatable, Sendable {
  /// Its place in the catalogue.
  public var itemIndex: UInt32
  /// Where it stands.
  public var state: ColdItemState
  /// How often customers were shown it, as far as feedback tells.
  public var showings: UInt64
  /// How often they accepted it of those.
  public var acceptances: UInt64
  /// The believed probability of acceptance where it was shown of late; 0 before the first showing.
  public var acceptance: Float

  /// Makes a description.
  public init(
    itemIndex: UInt32, state: ColdItemState, showings: UInt64, acceptances: UInt64,
    acceptance: Float
  ) {
    self.itemIndex = itemIndex
    self.state = state
    self.showings = showings
    self.acceptances = acceptances
    self.acceptance = acceptance
  }
}

/// What a service says of itself. Protocol version, methods and limits are added by the server, and
/// the catalogue is cut into pages.
public struct DescribeAnswer: Equatable, Sendable {
  /// Version of the server program.
  public var serverVersion: String
  /// The catalogue, in the order of item indexes.
  public var itemIDs: [String]
  /// Names parallel to `itemIDs`; a missing one is sent empty.
  public var itemNames: [String]
  /// Loaded models.
  public var models: [ModelDescription]
  /// Number of customers known.
  public var customers: UInt64
  /// The cold products that are learned about.
  public var coldItems: [ColdItemDescription]
  /// The exploration weight of requests that name none; 0 for a service that does not explore.
  public var explorationWeight: Float

  /// Makes an answer.
  public init(
    serverVersion: String, itemIDs: [String], itemNames: [String], models: [ModelDescription],
    customers: UInt64, coldItems: [ColdItemDescription] = [], explorationWeight: Float = 0
  ) {
    self.serverVersion = serverVersion
    self.itemIDs = itemIDs
    self.itemNames = itemNames
    self.models = models
    self.customers = customers
    self.coldItems = coldItems
    self.explorationWeight = explorationWeight
  }
}
