/// What RecommendMany asks for each of its customers.
public struct RecommendManyRequest: Equatable, Sendable {
  /// 1 to 10,000 customers; one may stand in the list more than once.
  public var users: [String]
  /// Products for each, 1 to 500; nil leaves the number to the server (10).
  public var count: Int?
  /// Products that must not be answered, at most 500.
  public var excluding: [String]
  /// Leave the products' identifiers out.
  public var itemIndexesOnly: Bool
  /// Send `softmaxScores` too.
  public var softmaxScores: Bool
  /// How much of an answer may go to cold products, 0 to 1; nil leaves it to the server.
  public var explorationWeight: Float?

  /// Makes a request.
  public init(
    users: [String], count: Int? = nil, excluding: [String] = [], itemIndexesOnly: Bool = false,
    softmaxScores: Bool = false, explorationWeight: Float? = nil
  ) {
    self.users = users
    self.count = count
    self.excluding = excluding
    self.itemIndexesOnly = itemIndexesOnly
    self.softmaxScores = softmaxScores
    self.explorationWeight = explorationWeight
  }
}
