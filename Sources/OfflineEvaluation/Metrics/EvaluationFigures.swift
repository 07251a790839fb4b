/// The figures of one model under one protocol.
public struct EvaluationFigures: Sendable, Equatable {
  /// The customers evaluated, those with nothing relevant included.
  public var customers = 0
  /// The customers with at least one relevant item.
  public var adders = 0
  /// The means; see ``RankingMetric`` for their denominators, 0 where there is none to divide by.
  public var means: [RankingMetric: Double] = [:]
  /// The share of the catalogue that stands in some evaluated customer's first k places.
  public var coverage = 0.0
  /// The Gini index of exposure; see ``ExposureMetrics/gini(_:)``.
  public var gini = 0.0
  /// The mean self-information of what is shown, in bits.
  public var novelty = 0.0
  /// How well probabilities match what happened; nil for models whose scores are none.
  public var calibration: CalibrationTable?

  /// A mean that was measured; 0 for one that was not.
  public subscript(kind: RankingMetric.Kind, k: Int) -> Double {
    means[RankingMetric(kind, at: k)] ?? 0
  }
}
