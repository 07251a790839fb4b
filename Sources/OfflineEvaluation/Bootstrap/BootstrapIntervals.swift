internal import InteractionData
internal import LinearAlgebra

/// Confidence intervals of models' figures, and of their differences, by resampling customers.
///
/// All models must be measured on the same splits. An interval is that of the 2.5 % and 97.5 %
/// quantiles of the replicates (nearest rank). Equal results and seed give equal bits at any thread
/// count.
public struct BootstrapIntervals: Sendable {
  /// An interval of 95 %.
  public struct Interval: Sendable, Equatable {
    /// The figure itself, over the customers as they are.
    public let estimate: Double
    /// The lower end.
    public let low: Double
    /// The upper end.
    public let high: Double

    /// 1 where all of the interval is above 0, -1 where all is below, else 0: undecided.
    public var sign: Int { low > 0 ? 1 : high < 0 ? -1 : 0 }
  }

  /// The range of the number of replicates.
  public static let replicateRange = 100...10_000

  private let metrics: [RankingMetric]
  private let estimates: [[Double]]
  /// Replicates' means. `[models, metrics, replicates]`
  private let samples: [Double]
  private let replicateCount: Int

  /// Draws the replicates.
  ///
  /// - Parameters:
  ///   - results: a result for each model, all of the same customers.
  ///   - replicateCount: how often to resample, in ``replicateRange``.
  ///   - seed: where the draws come from.
  ///   - threadCount: the threads to use.
  /// - Throws: ``EvaluationError/invalidOption(name:value:expected:)``.
  public init(
    results: [EvaluationResult], replicateCount: Int = 1000, seed: UInt64, threadCount: Int
  ) throws(EvaluationError) {
    try Self.check(replicateCount: replicateCount)
    metrics = results.first?.metrics ?? []
    self.replicateCount = replicateCount
    let metrics = self.metrics
    estimates = results.map { result in
      let figures = result.figures
      return metrics.map { figures.means[$0] ?? 0 }
    }
    let sums = ReplicateSums(results: results)
    let output = ParallelOutput(
      repeating: 0.0, count: results.count * metrics.count * replicateCount)
    Parallel.forEach(count: replicateCount, threadCount: threadCount) { replicate in
      let sample = BootstrapSample(seed: seed, replicate: replicate)
      let means = sums.means(sample)
      for (index, mean) in means.enumerated() {
        output.values[index * replicateCount + replicate] = mean
      }
    }
    samples = Array(output.values)
  }

  /// The interval of a model's figure.
  public func interval(model: Int, metric: RankingMetric) -> Interval? {
    guard let column = metrics.firstIndex(of: metric) else { return nil }
    return Self.interval(estimates[model][column], Array(replicates(model, column)))
  }

  /// The interval of `model`'s figure minus `other`'s, on the same draws.
  public func difference(model: Int, from other: Int, metric: RankingMetric) -> Interval? {
    guard let column = metrics.firstIndex(of: metric) else { return nil }
    let values = zip(replicates(model, column), replicates(other, column)).map { $0 - $1 }
    return Self.interval(estimates[model][column] - estimates[other][column], values)
  }

  private func replicates(_ model: Int, _ column: Int) -> ArraySlice<Double> {
    let start = (model * metrics.count + column) * replicateCount
    return samples[start..<start + replicateCount]
  }

  /// Checks a number of replicates.
  static func check(replicateCount: Int) throws(EvaluationError) {
    guard replicateRange.contains(replicateCount) else {
      throw .invalidOption(
        name: "bootstrap", value: "\(replicateCount)",
        expected: "0, or from \(replicateRange.lowerBound) to \(replicateRange.upperBound)")
    }
  }

  /// The interval of an estimate from its replicates, at least one.
  static func interval(_ estimate: Double, _ values: [Double]) -> Interval {
    let sorted = values.sorted()
    let low = (sorted.count * 25) / 1000
    return Interval(estimate: estimate, low: sorted[low], high: sorted[sorted.count - 1 - low])
  }
}
