internal import Foundation

/// Counts predictions by probability, for a ``CalibrationTable``.
///
/// Probabilities are grouped by the upper 16 bits of their `Float` (steps of under 1 %), sums are
/// whole numbers in fixed point: adding counters in any order gives the same bits.
struct CalibrationCounter: Sendable {
  /// Sums stay below 2⁶³ for up to 2²⁷ pairs, more than three times a full-size bank's.
  private static let scale = 0x1p32
  private static let clip = 1e-7
  private var counts = [Int](repeating: 0, count: 1 << 15)
  private var positives = [Int](repeating: 0, count: 1 << 15)
  private var probabilities = [Int](repeating: 0, count: 1 << 15)
  private var loss = 0

  /// Adds a prediction; a NaN or a value outside [0, 1] counts as the nearest end.
  @inline(__always)
  mutating func add(probability: Float, isPositive: Bool) {
    let held = probability > 0 ? min(probability, 1) : 0
    let bin = Int(held.bitPattern >> 16)
    counts[bin] &+= 1
    probabilities[bin] &+= Int(Double(held) * Self.scale)
    let clipped = min(max(Double(held), Self.clip), 1 - Self.clip)
    if isPositive {
      positives[bin] &+= 1
      loss &+= Int(-log(clipped) * Self.scale)
    } else {
      loss &+= Int(-log1p(-clipped) * Self.scale)
    }
  }

  mutating func add(_ other: CalibrationCounter) {
    for bin in counts.indices {
      counts[bin] += other.counts[bin]
      positives[bin] += other.positives[bin]
      probabilities[bin] += other.probabilities[bin]
    }
    loss += other.loss
  }

  /// The table; nil without a prediction.
  var table: CalibrationTable? {
    let total = counts.reduce(0, +)
    guard total > 0 else { return nil }
    var bins: [CalibrationTable.Bin] = []
    var error = 0.0
    var (count, positive, probability, before) = (0, 0, 0, 0)
    for bin in counts.indices where counts[bin] > 0 {
      count += counts[bin]
      positive += positives[bin]
      probability += probabilities[bin]
      // The bin ends where its share of the mass is reached, and with the last prediction.
      let isFull = (before + count) * CalibrationTable.binCount >= total * (bins.count + 1)
      guard isFull else { continue }
      let predicted = Double(probability) / Self.scale / Double(count)
      let observed = Double(positive) / Double(count)
      bins.append(.init(count: count, predicted: predicted, observed: observed))
      error += Double(count) * abs(predicted - observed)
      before += count
      (count, positive, probability) = (0, 0, 0)
    }
    return CalibrationTable(
      count: total, logLoss: Double(loss) / Self.scale / Double(total),
      expectedCalibrationError: error / Double(total), bins: bins)
  }
}
