internal import InteractionData

/// One month of one customer, as the network sees it.
struct PanelStep {
  var held: UInt64 = 0
  var added: UInt64 = 0
  var dropped: UInt64 = 0
  /// Items held a month later and not now; meaningful when ``hasTarget``.
  var taken: UInt64 = 0
  /// The month of the year that is predicted: the one after this step.
  var targetMonthOfYear: UInt8 = 0
  var isPresent = false
  var isActive = false
  var hasTarget = false

  /// The month's events, one bit an item.
  var events: UInt64 { added | dropped }

  /// Writes the numbers of the features that are 1, ascending by kind.
  ///
  /// - Parameters:
  ///   - indexes: where they go; room for ``featureLimit``.
  ///   - items: the number of items.
  /// - Returns: how many there are.
  @inline(__always)
  func writeFeatures(into indexes: UnsafeMutablePointer<UInt32>, items: Int) -> Int {
    var count = Self.writeBits(held, base: 0, into: indexes, at: 0)
    count = Self.writeBits(added, base: items, into: indexes, at: count)
    count = Self.writeBits(dropped, base: 2 * items, into: indexes, at: count)
    let base = UInt32(3 * items)
    indexes[count] = base + UInt32(targetMonthOfYear)
    count += 1
    if isPresent {
      indexes[count] = base + 12
      count += 1
    }
    if isActive {
      indexes[count] = base + 13
      count += 1
    }
    return count
  }

  /// Writes the numbers of a word's bits, each plus `base`, and returns the next free place.
  @inline(__always)
  static func writeBits(
    _ bits: UInt64, base: Int, into indexes: UnsafeMutablePointer<UInt32>, at start: Int
  ) -> Int {
    var bits = bits
    var count = start
    while bits != 0 {
      indexes[count] = UInt32(truncatingIfNeeded: base + bits.trailingZeroBitCount)
      count += 1
      bits &= bits - 1
    }
    return count
  }

  /// The most features that are 1 at a time.
  static let featureLimit = 2 * HoldingsPanel.itemLimit + 3
}

/// Consecutive months of one customer, from the panel's rows.
///
/// A month without a row keeps the holdings of the row before it. Changes count only between rows
/// of consecutive months: what happened in a gap has no known month.
struct PanelWalk {
  let monthIndexes: UnsafeBufferPointer<UInt8>
  let held: UnsafeBufferPointer<UInt64>
  let flags: UnsafeBufferPointer<UInt8>
  /// Bits of the items that exist.
  let itemMask: UInt64
  /// The month index of the first step.
  let firstMonth: Int
  /// The number of steps.
  let stepCount: Int

  /// Calls `body` with each step in order.
  ///
  /// - Parameters:
  ///   - firstMonthNumber: the count of the panel's first month, for the months of the year.
  ///   - body: what to do with step number and step.
  @inline(__always)
  func forEach(firstMonthNumber: Int, _ body: (Int, PanelStep) -> Void) {
    let count = monthIndexes.count
    var row = 0
    var carried: UInt64 = 0
    for index in 0..<stepCount {
      let month = firstMonth + index
      while row < count && Int(monthIndexes[row]) < month {
        carried = held[row] & itemMask
        row += 1
      }
      var step = PanelStep()
      let monthNumber = (firstMonthNumber + month + 1) % 12
      step.targetMonthOfYear = UInt8(truncatingIfNeeded: (monthNumber + 12) % 12)
      if row < count && Int(monthIndexes[row]) == month {
        let now = held[row] & itemMask
        if row > 0 && Int(monthIndexes[row - 1]) == month - 1 {
          step.added = now & ~carried
          step.dropped = carried & ~now
        }
        step.isPresent = true
        step.isActive = flags[row] & HoldingsPanel.activeFlag != 0
        carried = now
        if row + 1 < count && Int(monthIndexes[row + 1]) == month + 1 {
          step.hasTarget = true
          step.taken = held[row + 1] & itemMask & ~now
        }
        row += 1
      }
      step.held = carried
      body(index, step)
    }
  }
}
