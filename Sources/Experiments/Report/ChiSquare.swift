internal import Foundation

/// Pearson's chi-square test of counts against shares.
enum ChiSquare {
  /// The probability that chance alone brings counts at least as far from their shares, which are
  /// above 0 and sum to 1.
  static func pValue(observed: [Double], shares: [Double]) -> Double {
    let total = observed.reduce(0, +)
    let statistic = zip(observed, shares).reduce(0) {
      let expected = $1.1 * total
      return $0 + ($1.0 - expected) * ($1.0 - expected) / expected
    }
    return upperTail(statistic, degreesOfFreedom: observed.count - 1)
  }

  /// The probability of a value above `x` (Abramowitz and Stegun 26.4.4 and 26.4.5).
  static func upperTail(_ x: Double, degreesOfFreedom: Int) -> Double {
    let half = x / 2
    var (sum, term, step): (Double, Double, Double)
    if degreesOfFreedom.isMultiple(of: 2) {
      (sum, term, step) = (0, exp(-half), 0)
    } else {
      (sum, term, step) = (erfc(half.squareRoot()), exp(-half) * (half / .pi).squareRoot() * 2, 0.5)
    }
    for _ in 0..<degreesOfFreedom / 2 {
      sum += term
      step += 1
      term *= half / step
    }
    return min(sum, 1)
  }
}
