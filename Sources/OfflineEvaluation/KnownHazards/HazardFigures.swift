/// How well a model knows hazards that are known.
public struct HazardFigures: Sendable, Equatable {
  /// The customers.
  public let customers: Int
  /// The expected MAP@k over all customers.
  public let meanAveragePrecision: Double
  /// How its scores stand to the hazards; nil where they are no probabilities.
  public let calibration: Calibration?

  /// How probabilities stand to the hazards, over all pairs of a customer and an item not held.
  public struct Calibration: Sendable, Equatable {
    /// The mean of `-h ln p - (1 - h) ln(1 - p)` with the hazard h, in nats; p is held in
    /// [10⁻⁷, 1 - 10⁻⁷].
    public let logLoss: Double
    /// The mean probability.
    public let meanPredicted: Double
    /// The mean hazard.
    public let meanHazard: Double
    /// ECE over bins of equal numbers of pairs, least probable first, divided by the mean hazard.
    public let relativeCalibrationError: Double
  }

  /// Which part of the way from one expected MAP to another it has gone; nil where there is none.
  public func gap(from floor: HazardFigures, to oracle: HazardFigures) -> Double? {
    let whole = oracle.meanAveragePrecision - floor.meanAveragePrecision
    return whole > 0 ? (meanAveragePrecision - floor.meanAveragePrecision) / whole : nil
  }
}
