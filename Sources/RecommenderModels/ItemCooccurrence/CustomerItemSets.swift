internal import InteractionData
internal import TensorFiles

/// The distinct items each customer had a positive interaction with, ascending.
struct CustomerItemSets {
  /// Where each customer's items start. `[customers + 1]`
  let offsets: [Int]
  /// The items, grouped by customer, ascending in each group.
  let items: [UInt32]

  init(_ dataset: Dataset) {
    let interactions = dataset.interactions
    let positive = interactions.positiveEventTypes
    var offsets = [0]
    offsets.reserveCapacity(dataset.customers.count + 1)
    var items: [UInt32] = []
    items.reserveCapacity(interactions.count)
    var mine: [UInt32] = []
    for customer in 0..<dataset.customers.count {
      mine.removeAll(keepingCapacity: true)
      for row in interactions.rows(of: customer)
      where positive[Int(interactions.eventTypes[row])] {
        mine.append(interactions.itemIndexes[row])
      }
      mine.sort()
      var previous: UInt32?
      for item in mine where item != previous {
        items.append(item)
        previous = item
      }
      offsets.append(items.count)
    }
    self.offsets = offsets
    self.items = items
  }

  /// The number of customers.
  var count: Int { offsets.count - 1 }
}
