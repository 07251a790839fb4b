/// Counts durations in buckets whose width grows with the value, so that any quantile is known to
/// within one part in 128 at a fixed size, however many values there are.
///
/// Values below 128 have a bucket each; every doubling above is cut into 128 buckets (the layout of
/// HdrHistogram with 7 bits of precision).
struct LatencyHistogram: Equatable {
  private static let subBucketBits = 7
  private static let subBuckets = 1 << subBucketBits
  /// Values at or above are counted as this: about 18 minutes in nanoseconds.
  static let maxNanoseconds: UInt64 = (1 << 40) - 1

  private var counts = [UInt64](
    repeating: 0, count: (40 - LatencyHistogram.subBucketBits + 1) * LatencyHistogram.subBuckets)
  private(set) var total: UInt64 = 0
  private(set) var largest: UInt64 = 0

  /// Adds one duration.
  mutating func record(nanoseconds: UInt64) {
    let value = min(nanoseconds, Self.maxNanoseconds)
    counts[Self.bucket(of: value)] += 1
    total += 1
    largest = max(largest, value)
  }

  /// Adds all values of another histogram.
  mutating func add(_ other: LatencyHistogram) {
    for index in counts.indices { counts[index] += other.counts[index] }
    total += other.total
    largest = max(largest, other.largest)
  }

  /// The smallest bucket end that at least `share` (0 to 1) of the values do not exceed, in
  /// nanoseconds; 0 without values. Never below the exact quantile, at most 1/128 above it.
  func quantile(_ share: Double) -> UInt64 {
    precondition(share >= 0 && share <= 1, "a quantile lies between 0 and 1, not at \(share)")
    let rank = max(1, UInt64((share * Double(total)).rounded(.up)))
    var seen: UInt64 = 0
    for (index, count) in counts.enumerated() where count > 0 {
      seen += count
      if seen >= rank { return min(Self.end(of: index), largest) }
    }
    return 0
  }

  static func bucket(of value: UInt64) -> Int {
    let bits = UInt64.bitWidth - value.leadingZeroBitCount
    let shift = max(0, bits - subBucketBits - 1)
    return shift * subBuckets + Int(value >> UInt64(shift))
  }

  /// Largest value of a bucket.
  static func end(of bucket: Int) -> UInt64 {
    if bucket < 2 * subBuckets { return UInt64(bucket) }
    let shift = bucket / subBuckets - 1
    return (UInt64(bucket - shift * subBuckets + 1) << UInt64(shift)) - 1
  }
}
