internal import InteractionData

/// One month of one customer, as the network sees it.
struct PanelStep {
  var held: UInt64 = 0
  var added: UInt64 = 0
  var dropped: UInt64 = 0
  /// Items held a month later and not now; meaningful when ``hasTarget``.
  var taken: UInt64 = 0
  /// The month index that is predicted: the one after this step.
  var targetMonth: Int16 = 0
  /// The month of the year of it.
  var targetMonthOfYear: UInt8 = 0
  var isPresent = false
  var isActive = false
  var hasTarget = false
  /// Months since the customer joined; ``PanelAges/never`` for one who was there from the first.
  var monthsSinceJoining = PanelAges.never

  /// The month's events, one bit an item.
  var events: UInt64 { added | dropped }
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

  /// The last step alone.
  var lastStep: PanelWalk {
    PanelWalk(
      monthIndexes: monthIndexes, held: held, flags: flags, itemMask: itemMask,
      firstMonth: firstMonth + stepCount - 1, stepCount: 1)
  }

  /// Calls `body` with each step in order.
  ///
  /// - Parameters:
  ///   - firstMonthNumber: the count of the panel's first month, for the months of the year.
  ///   - body: what to do with step number, step, and the items' ages at it.
  @inline(__always)
  func forEach(firstMonthNumber: Int, _ body: (Int, PanelStep, PanelAges) -> Void) {
    let count = monthIndexes.count
    var row = 0
    var carried: UInt64 = 0
    var ages = PanelAges()
    let first = count > 0 ? Int(monthIndexes[0]) : firstMonth
    // Months before the first step are only walked to know how long ago things happened.
    for month in min(first, firstMonth)..<firstMonth + stepCount {
      while row < count && Int(monthIndexes[row]) < month {
        carried = held[row] & itemMask
        row += 1
      }
      var step = PanelStep()
      step.targetMonth = Int16(truncatingIfNeeded: month + 1)
      let monthNumber = (firstMonthNumber + month + 1) % 12
      step.targetMonthOfYear = UInt8(truncatingIfNeeded: (monthNumber + 12) % 12)
      if count > 0 && first > 0 && month >= first {
        step.monthsSinceJoining = UInt8(min(month - first, Int(PanelAges.never) - 1))
      }
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
      ages.advance(added: step.added, dropped: step.dropped)
      if month >= firstMonth { body(month - firstMonth, step, ages) }
    }
  }
}
