public import InteractionData
internal import TensorFiles

extension EvaluationSplit {
  /// Holds out a month of a dataset, and all that came after it.
  ///
  /// On a panel the customers are those with a row in both the last month and the one before, and
  /// relevant is what they hold in the last and did not hold in the one before. Without a panel
  /// they are those with an interaction before the last month, and relevant are the items of their
  /// positive interactions in it that they never had before.
  ///
  /// - Parameters:
  ///   - whole: the dataset to split.
  ///   - monthsBack: how many months before the last the held-out one lies.
  /// - Returns: the split.
  /// - Throws: ``EvaluationError/tooFewMonths(count:needed:)``,
  ///   ``EvaluationError/nobodyToEvaluate(reason:)``.
  public static func nextMonth(
    of whole: Dataset, monthsBack: Int = 0
  ) throws(EvaluationError) -> EvaluationSplit {
    guard let end = whole.lastMonth else {
      throw .nobodyToEvaluate(reason: "the dataset is empty")
    }
    if let panel = whole.panel, panel.monthCount < monthsBack + 2 {
      throw .tooFewMonths(count: panel.monthCount, needed: monthsBack + 2)
    }
    let last = end.advanced(by: -monthsBack)
    let dataset = monthsBack == 0 ? whole : whole.truncated(through: last)
    let cut = last.advanced(by: -1)
    let relevant: [(customer: UInt32, items: [UInt32])]
    if let panel = dataset.panel {
      relevant = panelAdditions(panel)
    } else {
      relevant = newInteractions(dataset, in: last)
    }
    guard !relevant.isEmpty else {
      throw .nobodyToEvaluate(reason: "no customer is seen both in \(last) and before it")
    }
    return EvaluationSplit(
      name: "next-month-\(last)", training: dataset.truncated(through: cut), targetMonth: last,
      eligibility: .trainedThrough(cut), relevant: relevant,
      leftOut: [.notSeenBefore: whole.customers.count - relevant.count])
  }

  private static func panelAdditions(
    _ panel: HoldingsPanel
  ) -> [(customer: UInt32, items: [UInt32])] {
    let lastIndex = panel.monthCount - 1
    var relevant: [(customer: UInt32, items: [UInt32])] = []
    for customer in 0..<panel.offsets.count - 1 {
      let rows = panel.rows(of: customer)
      guard rows.count >= 2, Int(panel.monthIndexes[rows.upperBound - 1]) == lastIndex,
        Int(panel.monthIndexes[rows.upperBound - 2]) == lastIndex - 1
      else { continue }
      var added = panel.held[rows.upperBound - 1] & ~panel.held[rows.upperBound - 2]
      var items: [UInt32] = []
      while added != 0 {
        items.append(UInt32(added.trailingZeroBitCount))
        added &= added - 1
      }
      relevant.append((UInt32(customer), items))
    }
    return relevant
  }

  private static func newInteractions(
    _ dataset: Dataset, in month: Month
  ) -> [(customer: UInt32, items: [UInt32])] {
    let start = month.secondsSince1970()
    let table = dataset.interactions
    let positive = table.positiveEventTypes
    var relevant: [(customer: UInt32, items: [UInt32])] = []
    for customer in 0..<dataset.customers.count {
      let rows = table.rows(of: customer)
      guard let first = rows.first, table.timestamps[first] < start else { continue }
      var seen: Set<UInt32> = []
      var items: [UInt32] = []
      for row in rows where positive[Int(table.eventTypes[row])] {
        let item = table.itemIndexes[row]
        if seen.insert(item).inserted && table.timestamps[row] >= start { items.append(item) }
      }
      relevant.append((UInt32(customer), items))
    }
    return relevant
  }
}
