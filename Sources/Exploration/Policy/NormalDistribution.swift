internal import Foundation

/// The standard normal distribution.
enum NormalDistribution {
  /// The probability of a value below `x`, from a table: within 1e-6, never falling, no calls.
  static func cumulative(_ x: Double) -> Double {
    let place = (x + limit) * steps
    guard place > 0 else { return 0 }
    guard place < Double(table.count - 1) else { return 1 }
    let index = Int(place)
    let low = table[index]
    return low + (place - Double(index)) * (table[index + 1] - low)
  }

  /// Beyond this many deviations the probability is 0 or 1 to nine digits.
  private static let limit = 6.0
  private static let steps = 256.0
  private static let table: [Double] = (0...Int(2 * limit * steps)).map {
    0.5 * erfc(-(Double($0) / steps - limit) / 2.0.squareRoot())
  }
}
