internal import Foundation

/// Counts predictions by probability, for a ``CalibrationTable``.
///
/// Probabilities are grouped by the upper 16 bits of their `Float` (steps of under 1 %), and every
/// sum is a whole number: adding counters in any order gives the same bits.
struct CalibrationCounter: Sendable {
  /// The unit of the summed loss. Sums stay below 2⁶³ for up to 2²⁹ pairs of the worst loss, which
  /// is more than 17 months of a full-size bank.
  private static let lossScale = 0x1p30
  private static let clip = 1e-7
  private static let groupCount = 1 << 15

  private var counts = [Int](repeating: 0, count: groupCount)
  private var positives = [Int](repeating: 0, count: groupCount)
  /// The lower 16 bits of a group's probabilities, in units of its `ulp`: with the group's start
  /// they give the exact sum, however small the probabilities are.
  private var lowerBits = [Int](repeating: 0, count: groupCount)
  private var loss = 0

  /// Adds a prediction; a NaN or a value outside [0, 1] counts as the nearest end.
  @inline(__always)
  mutating func add(probability: Float, isPositive: Bool) {
    let held = probability > 0 ? min(probability, 1) : 0
    let group = Int(held.bitPattern >> 16)
    counts[group] &+= 1
    lowerBits[group] &+= Int(held.bitPattern & 0xffff)
    let clipped = min(max(Double(held), Self.clip), 1 - Self.clip)
    if isPositive { positives[group] &+= 1 }
    let pairLoss = isPositive ? -log(clipped) : -log1p(-clipped)
    // Losses are not negative: this rounds to the nearest.
    loss &+= Int(pairLoss * Self.lossScale + 0.5)
  }

  mutating func add(_ other: CalibrationCounter) {
    for group in counts.indices {
      counts[group] += other.counts[group]
      positives[group] += other.positives[group]
      lowerBits[group] += other.lowerBits[group]
    }
    loss += other.loss
  }

  /// The sum of a group's probabilities.
  private func probabilitySum(_ group: Int) -> Double {
    let start = Float(bitPattern: UInt32(group) << 16)
    return Double(counts[group]) * Double(start) + Double(lowerBits[group]) * Double(start.ulp)
  }

  /// The table; nil without a prediction.
  var table: CalibrationTable? {
    let total = counts.reduce(0, +)
    guard total > 0 else { return nil }
    var bins: [CalibrationTable.Bin] = []
    var (count, positive, probability, before) = (0, 0, 0.0, 0)
    var probabilityTotal = 0.0
    for group in counts.indices where counts[group] > 0 {
      count += counts[group]
      positive += positives[group]
      probability += probabilitySum(group)
      // The bin ends where its share of the mass is reached, and with the last prediction.
      let isFull = (before + count) * CalibrationTable.binCount >= total * (bins.count + 1)
      guard isFull else { continue }
      bins.append(
        .init(
          count: count, predicted: probability / Double(count),
          observed: Double(positive) / Double(count)))
      before += count
      probabilityTotal += probability
      (count, positive, probability) = (0, 0, 0)
    }
    return CalibrationTable(
      count: total, logLoss: Double(loss) / Self.lossScale / Double(total),
      meanPredicted: probabilityTotal / Double(total),
      meanObserved: Double(positives.reduce(0, +)) / Double(total), bins: bins)
  }
}
