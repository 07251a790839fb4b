/// Which customers and items are counted at all, by the percentiles of the settings.
///
/// A quantile is the smallest value that at least the fraction `p` of the values do not exceed, and
/// at `p = 0` the least value (type 1 of Hyndman and Fan 1996, doi:10.1080/00031305.1996.10473566);
/// values equal to a bound are kept. Lengths are counts of distinct items, of the customers who had
/// any; item counts are counts of distinct customers, of the items anyone had; both are taken from
/// the data as it came, so that neither filter changes the other's bounds.
struct PercentileFilter {
  /// The lengths of histories that are kept.
  let lengths: ClosedRange<Int>
  /// Whether each item is kept. `[items]`
  let keptItems: [Bool]

  /// Finds the bounds.
  ///
  /// - Parameters:
  ///   - customersByLength: how many customers have each length; from length 0 on.
  ///   - itemCounts: how many customers had each item. `[items]`
  ///   - configuration: the percentiles.
  init(
    customersByLength: [Int], itemCounts: [UInt32], _ configuration: ItemCooccurrenceConfiguration
  ) {
    var lengths: [(value: Int, count: Int)] = []
    for (length, count) in customersByLength.enumerated() where length > 0 && count > 0 {
      lengths.append((length, count))
    }
    self.lengths = Self.bounds(
      lengths, configuration.minimumUserHistoryLengthPercentile,
      configuration.maximumUserHistoryLengthPercentile)
    let counts = itemCounts.filter { $0 > 0 }.sorted().map { (value: Int($0), count: 1) }
    let kept = Self.bounds(
      counts, configuration.minimumItemInteractionCountPercentile,
      configuration.maximumItemInteractionCountPercentile)
    keptItems = itemCounts.map { kept.contains(Int($0)) }
  }

  /// The quantiles of ascending values that each occur `count` times.
  private static func bounds(
    _ values: [(value: Int, count: Int)], _ low: Double, _ high: Double
  ) -> ClosedRange<Int> {
    let total = values.reduce(0) { $0 + $1.count }
    func quantile(_ fraction: Double) -> Int {
      // A little less than the product, which for 0.07 of 100 is just above 7.
      let wanted = max(1, Int((fraction * Double(total) * (1 - 1e-12)).rounded(.up)))
      var reached = 0
      for (value, count) in values {
        reached += count
        if reached >= wanted { return value }
      }
      return values.last?.value ?? 0
    }
    return quantile(low)...max(quantile(low), quantile(high))
  }
}
