internal import Foundation

/// Numbers to places along an axis, with marks at round numbers.
struct PlotAxis {
  /// The marks, ascending, with what stands at them.
  let marks: [(value: Double, label: String)]
  private let low: Double
  private let high: Double
  private let isLogarithmic: Bool

  /// An axis from 0 to a round number that `largest` fits under, with 3 to 6 marks.
  init(to largest: Double) {
    let largest = largest > 0 ? largest : 1
    let power = pow(10, floor(log10(largest / 3)))
    let step = power * ([1.0, 2, 5, 10].first { largest / (power * $0) <= 5 } ?? 10)
    let count = Int((largest / step).rounded(.up))
    let decimals = max(0, Int(ceil(-log10(step))) + (step / power == 10 ? 1 : 0))
    marks = (0...max(count, 1)).map { index in
      let value = Double(index) * step
      return (value, String(format: "%.\(min(decimals, 9))f", value))
    }
    low = 0
    high = marks[marks.count - 1].value
    isLogarithmic = false
  }

  /// A logarithmic axis over whole powers of ten around some positive numbers.
  init(logarithmicOver values: [Double]) {
    let positive = values.filter { $0 > 0 }
    let from = Int(floor(log10(positive.min() ?? 0.1)))
    let to = max(Int(ceil(log10(positive.max() ?? 1))), from + 1)
    low = Double(from)
    high = Double(to)
    isLogarithmic = true
    marks = (from...to).map { power in
      (pow(10, Double(power)), power < -3 ? "1e\(power)" : "\(pow(10, Double(power)))")
    }
  }

  /// The share of the axis at which a value lies, held in 0 to 1.
  func share(_ value: Double) -> Double {
    let place = isLogarithmic ? log10(max(value, .leastNormalMagnitude)) : value
    return min(max((place - low) / (high - low), 0), 1)
  }
}
