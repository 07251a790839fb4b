internal import InteractionData
internal import TensorFiles

/// A numeric attribute of items, compared in units of its standard deviation `σ`:
///
///     s(x, y) = 1 / (1 + |x - y| / σ),
///
/// which is 1 for equal numbers and a half at one standard deviation.
struct NumericFeature {
  /// The numbers, not finite where nothing is known. `[items]`
  let numbers: Column<Float>
  /// The standard deviation of the known ones.
  let deviation: Double

  /// Nil when fewer than two numbers are known, or all are equal.
  init?(_ numbers: Column<Float>) {
    self.numbers = numbers
    var count = 0.0
    var sum = 0.0
    for number in numbers.buffer where number.isFinite {
      count += 1
      sum += Double(number)
    }
    guard count > 1 else { return nil }
    let mean = sum / count
    let squares = numbers.buffer.reduce(0.0) {
      $1.isFinite ? $0 + (Double($1) - mean) * (Double($1) - mean) : $0
    }
    deviation = (squares / count).squareRoot()
    guard deviation > 0, deviation.isFinite else { return nil }
  }

  /// Whether an item's number is known.
  func isKnown(_ item: Int) -> Bool { numbers[item].isFinite }

  /// How well two items match, 0...1; 0 where the number of one is not known.
  func match(_ first: Int, _ second: Int) -> Double {
    let (one, two) = (numbers[first], numbers[second])
    guard one.isFinite, two.isFinite else { return 0 }
    return 1 / (1 + abs(Double(one) - Double(two)) / deviation)
  }
}
