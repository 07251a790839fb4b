internal import TensorFiles

extension Dataset {
  /// The dataset without each customer's newest positive interaction, and those interactions'
  /// items; customers with fewer than `minimumCount` positive interactions keep all of theirs.
  ///
  /// The panel, if there is one, is left out: it knows months, not the order inside them.
  ///
  /// - Parameter minimumCount: how many positive interactions a customer must have to be split.
  /// - Returns: what remains, and for each customer the item taken away; nil for the others.
  public func leavingLastOut(minimumCount: Int = 2) -> (remaining: Dataset, heldOut: [UInt32?]) {
    let positive = interactions.positiveEventTypes
    var heldOut = [UInt32?](repeating: nil, count: customers.count)
    var kept: [Int] = []
    kept.reserveCapacity(interactions.count)
    var offsets: [UInt32] = [0]
    offsets.reserveCapacity(customers.count + 1)
    for customer in 0..<customers.count {
      let rows = interactions.rows(of: customer)
      let positives = rows.filter { positive[Int(interactions.eventTypes[$0])] }
      if positives.count >= minimumCount, let last = positives.last {
        heldOut[customer] = interactions.itemIndexes[last]
        kept.append(contentsOf: rows.lowerBound..<last)
      } else {
        kept.append(contentsOf: rows)
      }
      offsets.append(UInt32(kept.count))
    }
    let table = interactions
    let remaining = InteractionTable(
      offsets: Column(offsets), itemIndexes: Column(kept.map { table.itemIndexes[$0] }),
      timestamps: Column(kept.map { table.timestamps[$0] }),
      eventTypes: Column(kept.map { table.eventTypes[$0] }),
      values: table.values.isEmpty ? table.values : Column(kept.map { table.values[$0] }),
      eventTypeNames: table.eventTypeNames)
    return (
      Dataset(
        customers: customers, customerAttributes: customerAttributes, items: items,
        interactions: remaining, panel: nil),
      heldOut
    )
  }
}
