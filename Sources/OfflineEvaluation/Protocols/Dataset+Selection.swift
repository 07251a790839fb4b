internal import InteractionData
internal import TensorFiles

extension Dataset {
  /// The dataset with the interactions that pass a test, and without its panel, which would still
  /// show what is held out.
  func keepingInteractions(_ keep: (_ customer: Int, _ row: Int) -> Bool) -> Dataset {
    let table = interactions
    var rows: [Int] = []
    rows.reserveCapacity(table.count)
    var offsets: [UInt32] = [0]
    offsets.reserveCapacity(customers.count + 1)
    for customer in 0..<customers.count {
      for row in table.rows(of: customer) where keep(customer, row) { rows.append(row) }
      offsets.append(UInt32(rows.count))
    }
    return Dataset(
      customers: customers, customerAttributes: customerAttributes, items: items,
      interactions: InteractionTable(
        offsets: Column(offsets), itemIndexes: Column(rows.map { table.itemIndexes[$0] }),
        timestamps: Column(rows.map { table.timestamps[$0] }),
        eventTypes: Column(rows.map { table.eventTypes[$0] }),
        values: table.values.isEmpty ? table.values : Column(rows.map { table.values[$0] }),
        eventTypeNames: table.eventTypeNames),
      panel: nil)
  }

  /// The rows of a customer's positive interactions, oldest first.
  func positiveRows(of customer: Int, _ positive: [Bool]) -> [Int] {
    interactions.rows(of: customer).filter { positive[Int(interactions.eventTypes[$0])] }
  }
}
