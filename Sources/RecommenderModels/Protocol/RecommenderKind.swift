/// The recipes a model can be trained by.
public enum RecommenderKind: String, CaseIterable, Codable, Sendable {
  /// Add rates among customers who do not hold the item.
  case popularity
  /// Item-to-item similarity from co-occurrence.
  case sims
  /// The hierarchical recurrent network.
  case hrnn
}
