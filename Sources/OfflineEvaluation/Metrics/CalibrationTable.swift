/// How well probabilities match what happened, over all pairs of an evaluated customer and an item
/// the customer could take.
public struct CalibrationTable: Sendable, Equatable {
  /// One bin of the reliability table.
  public struct Bin: Sendable, Equatable {
    /// The pairs in the bin.
    public let count: Int
    /// The mean predicted probability.
    public let predicted: Double
    /// The share of pairs that came true.
    public let observed: Double
  }

  /// The number of bins asked for.
  public static let binCount = 20

  /// The pairs.
  public let count: Int
  /// The mean of `-ln p` over what came true and `-ln(1 - p)` over the rest, with p held in
  /// [10⁻⁷, 1 - 10⁻⁷]. Denominator: all pairs. In nats.
  public let logLoss: Double
  /// ECE: the mean distance of predicted and observed shares over the bins, weighted by their
  /// pairs. In [0, 1]. (Naeini et al. 2015, with bins of equal mass.)
  public let expectedCalibrationError: Double
  /// The bins, least probable first. Equal probabilities are never parted, so that bins may differ
  /// in size and be fewer than ``binCount``.
  public let bins: [Bin]
}
