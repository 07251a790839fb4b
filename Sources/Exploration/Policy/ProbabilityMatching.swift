internal import Foundation

/// How likely each of some independent Gaussians is the largest and above a threshold: the
/// probabilities with which Thompson sampling would choose, without sampling.
struct ProbabilityMatching: Sendable {
  /// Cells of the midpoint rule. Sixteen are within half a percent of the integral; the choice is
  /// drawn from the table that comes out, so its probabilities are exact whatever the error.
  static let cellCount = 16
  /// How far above the means the rule reaches, in deviations.
  private static let reach = 4.5

  private var below: [Double] = []
  private var middle: [Double] = []

  /// Fills in the probabilities; what they lack of 1 is that none is above the threshold.
  ///
  /// `P(i) = ∫ over z above the threshold of φ_i(z) Π over j ≠ i of Φ_j(z)`, each cell with its
  /// exact mass of `φ_i` and the product taken in its middle.
  ///
  /// - Parameters:
  ///   - means: of the Gaussians.
  ///   - deviations: of the Gaussians, above 0.
  ///   - threshold: the value to be beaten.
  ///   - probabilities: one a Gaussian.
  mutating func fill(
    means: [Double], deviations: [Double], threshold: Double, into probabilities: inout [Double]
  ) {
    probabilities.removeAll(keepingCapacity: true)
    below.removeAll(keepingCapacity: true)
    middle.removeAll(keepingCapacity: true)
    var high = -Double.infinity
    // The largest of all is surely above the reach of each of them: cells below would be empty.
    var low = threshold
    for (mean, deviation) in zip(means, deviations) {
      high = max(high, mean + Self.reach * deviation)
      low = max(low, mean - Self.reach * deviation)
      probabilities.append(0)
      middle.append(1)
    }
    guard high > threshold else { return }
    for (mean, deviation) in zip(means, deviations) {
      below.append(NormalDistribution.cumulative((low - mean) / deviation))
    }
    let width = (high - low) / Double(Self.cellCount)
    for cell in 1...Self.cellCount {
      let edge = low + Double(cell) * width
      var product = 1.0
      for place in means.indices {
        middle[place] = max(
          NormalDistribution.cumulative((edge - width / 2 - means[place]) / deviations[place]),
          Self.leastProbability)
        product *= middle[place]
      }
      for place in means.indices {
        let above = NormalDistribution.cumulative((edge - means[place]) / deviations[place])
        probabilities[place] += (above - below[place]) * product / middle[place]
        below[place] = above
      }
    }
  }

  private static let leastProbability = 1e-12
}
