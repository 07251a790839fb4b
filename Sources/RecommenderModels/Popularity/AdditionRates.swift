internal import InteractionData
internal import TensorFiles

/// How often non-holders took each item in each month of a panel.
struct AdditionRates {
  /// Additions by month index and item. `[months, items]`
  private(set) var additions: [Double]
  /// Customers who could have taken the item, by month index and item. `[months, items]`
  private(set) var exposures: [Double]
  let itemCount: Int
  let monthCount: Int

  /// Counts every pair of rows of consecutive months.
  init(panel: HoldingsPanel, itemCount: Int) {
    self.itemCount = itemCount
    monthCount = panel.monthCount
    var additions = [Double](repeating: 0, count: monthCount * itemCount)
    var holders = additions
    var pairs = [Double](repeating: 0, count: monthCount)
    for customer in 0..<panel.offsets.count - 1 {
      let rows = panel.rows(of: customer)
      for row in rows.dropFirst() {
        let month = Int(panel.monthIndexes[row])
        guard Int(panel.monthIndexes[row - 1]) + 1 == month else { continue }
        pairs[month] += 1
        var held = panel.held[row - 1]
        var added = panel.held[row] & ~held
        while held != 0 {
          holders[month * itemCount + held.trailingZeroBitCount] += 1
          held &= held - 1
        }
        while added != 0 {
          additions[month * itemCount + added.trailingZeroBitCount] += 1
          added &= added - 1
        }
      }
    }
    self.additions = additions
    exposures = holders.enumerated().map { pairs[$0.offset / itemCount] - $0.element }
  }

  /// The add rate of an item over some months, pulled towards `prior` by `smoothing`
  /// customer-months.
  func rate(item: Int, months: [Int], prior: Double, smoothing: Double) -> Double {
    let taken = months.reduce(0) { $0 + additions[$1 * itemCount + item] }
    let exposed = months.reduce(0) { $0 + exposures[$1 * itemCount + item] }
    let denominator = exposed + smoothing
    return denominator > 0 ? (taken + prior * smoothing) / denominator : 0
  }
}
