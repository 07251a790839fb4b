internal import Foundation

/// How well probabilities match what happened, over all pairs of an evaluated customer (one with
/// nothing relevant too) and an item the customer could take.
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
  /// The mean predicted probability over all pairs.
  public let meanPredicted: Double
  /// The share of all pairs that came true: the mean hazard.
  public let meanObserved: Double
  /// The bins of about equal numbers of pairs, least probable first. Probabilities that are less
  /// than 1 % apart may be put together and are then never parted, so that bins may differ in size
  /// and be fewer than ``binCount``.
  public let bins: [Bin]

  /// ECE: the mean distance of predicted and observed shares over the bins, weighted by their
  /// pairs. In [0, 1]. (Naeini et al. 2015, with bins of equal mass.)
  public var expectedCalibrationError: Double {
    bins.reduce(0) { $0 + Double($1.count) * abs($1.predicted - $1.observed) } / Double(count)
  }

  /// ECE divided by ``meanObserved``. Where a product is taken once in a thousand chances, an
  /// absolute ECE is small whatever the model says; this is what tells. nil when nothing came
  /// true.
  public var relativeCalibrationError: Double? {
    meanObserved > 0 ? expectedCalibrationError / meanObserved : nil
  }

  /// The log-loss of the best constant, which gives ``meanObserved`` to every pair. In nats.
  public var constantLogLoss: Double {
    [meanObserved, 1 - meanObserved].reduce(0) { $0 - ($1 > 0 ? $1 * log($1) : 0) }
  }

  /// The table with `factor` neighbouring bins put together, for a quick look.
  public func coarseBins(factor: Int) -> [Bin] {
    stride(from: 0, to: bins.count, by: factor).map { start in
      let part = bins[start..<min(start + factor, bins.count)]
      let count = part.reduce(0) { $0 + $1.count }
      func mean(_ value: (Bin) -> Double) -> Double {
        part.reduce(0) { $0 + Double($1.count) * value($1) } / Double(count)
      }
      return Bin(count: count, predicted: mean(\.predicted), observed: mean(\.observed))
    }
  }
}
