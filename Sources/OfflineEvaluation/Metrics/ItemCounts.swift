internal import InteractionData
internal import TensorFiles

/// Counts of items over a dataset.
enum ItemCounts {
  /// How many customers have each item: in their panel's last row, or without a panel in any
  /// positive interaction. `[items]`
  static func customersWithItem(_ dataset: Dataset) -> [Int] {
    var counts = [Int](repeating: 0, count: dataset.items.count)
    if dataset.panel != nil {
      for customer in 0..<dataset.customers.count {
        var held = dataset.history(of: customer).currentHoldings
        while held != 0 {
          counts[held.trailingZeroBitCount] += 1
          held &= held - 1
        }
      }
      return counts
    }
    let table = dataset.interactions
    let positive = table.positiveEventTypes
    var lastCustomer = [Int](repeating: -1, count: dataset.items.count)
    for customer in 0..<dataset.customers.count {
      for row in table.rows(of: customer) where positive[Int(table.eventTypes[row])] {
        let item = Int(table.itemIndexes[row])
        if lastCustomer[item] != customer {
          lastCustomer[item] = customer
          counts[item] += 1
        }
      }
    }
    return counts
  }
}

extension ItemCounts {
  /// How often each item was taken in the months that pass a test: acquisitions of a panel, or
  /// positive interactions without one. `[items]`
  static func acquisitions(_ dataset: Dataset, in isCounted: (Month) -> Bool) -> [Int] {
    let table = dataset.interactions
    var isTaking = table.positiveEventTypes
    isTaking[Int(EventType.opening)] = false
    var counts = [Int](repeating: 0, count: dataset.items.count)
    // Times come in runs of the same month: its test is made once a run.
    var run: Range<Int64> = 0..<0
    var isRunCounted = false
    for row in 0..<table.count where isTaking[Int(table.eventTypes[row])] {
      let time = table.timestamps[row]
      if !run.contains(time) {
        let month = Month(secondsSince1970: time)
        run = month.secondsSince1970()..<month.advanced(by: 1).secondsSince1970()
        isRunCounted = isCounted(month)
      }
      if isRunCounted { counts[Int(table.itemIndexes[row])] += 1 }
    }
    return counts
  }
}
