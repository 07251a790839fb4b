internal import LinearAlgebra

/// Counts how many customers had both of two items, one row of the matrix at a time.
///
/// The matrix is symmetric and mostly empty for large catalogues: each row is counted into a dense
/// scratch row that is cleared again through the list of touched items, so memory is
/// O(items × threads) whatever the number of pairs.
struct CooccurrenceCounter {
  private let sets: CustomerItemSets
  /// For each item the customers who had it. `[items + 1]`, and grouped customers.
  private let itemOffsets: [Int]
  private let customersByItem: [UInt32]
  /// The number of customers who had each item. `[items]`
  let itemCounts: [Int]

  init(sets: CustomerItemSets, itemCount: Int) {
    self.sets = sets
    var counts = [Int](repeating: 0, count: itemCount)
    for item in sets.items { counts[Int(item)] += 1 }
    var offsets = [0]
    for count in counts { offsets.append(offsets[offsets.count - 1] + count) }
    var next = offsets
    var customers = [UInt32](repeating: 0, count: sets.items.count)
    for customer in 0..<sets.count {
      for position in sets.offsets[customer]..<sets.offsets[customer + 1] {
        let item = Int(sets.items[position])
        customers[next[item]] = UInt32(customer)
        next[item] += 1
      }
    }
    itemCounts = counts
    itemOffsets = offsets
    customersByItem = customers
  }

  /// Counts one row and hands it over, then clears the scratch.
  ///
  /// - Parameters:
  ///   - item: the row.
  ///   - scratch: zeros, one an item; zeros again afterwards.
  ///   - touched: an empty list; empty again afterwards.
  ///   - use: receives the items that share a customer with `item` and the scratch with counts.
  func row(
    of item: Int, scratch: inout [UInt32], touched: inout [UInt32],
    use: ([UInt32], [UInt32]) -> Void
  ) {
    for position in itemOffsets[item]..<itemOffsets[item + 1] {
      let customer = Int(customersByItem[position])
      for other in sets.offsets[customer]..<sets.offsets[customer + 1] {
        let index = sets.items[other]
        if scratch[Int(index)] == 0 { touched.append(index) }
        scratch[Int(index)] += 1
      }
    }
    use(touched, scratch)
    for index in touched { scratch[Int(index)] = 0 }
    touched.removeAll(keepingCapacity: true)
  }
}
