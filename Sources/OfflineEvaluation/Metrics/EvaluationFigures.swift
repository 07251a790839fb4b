/// The figures of one model under one protocol.
public struct EvaluationFigures: Sendable, Equatable {
  /// The customers evaluated, those with nothing relevant included.
  public var customers = 0
  /// The customers with at least one relevant item.
  public var adders = 0
  /// Mean AP@k over all customers; one with nothing relevant counts 0.
  public var meanAveragePrecision = 0.0
  /// Mean AP@k over customers with at least one relevant item.
  public var addersMeanAveragePrecision = 0.0
  /// Mean recall in the first place, over adders.
  public var recallAt1 = 0.0
  /// Mean recall in 5 places, over adders.
  public var recallAt5 = 0.0
  /// Mean recall in 10 places, over adders.
  public var recallAt10 = 0.0
  /// Mean NDCG in 10 places, over adders.
  public var ndcgAt10 = 0.0
  /// Mean precision in 5 places, over adders.
  public var precisionAt5 = 0.0
  /// Mean reciprocal rank in 25 places, over adders.
  public var mrrAt25 = 0.0
  /// The share of the catalogue that stands in some evaluated customer's first k places.
  public var coverage = 0.0
}
