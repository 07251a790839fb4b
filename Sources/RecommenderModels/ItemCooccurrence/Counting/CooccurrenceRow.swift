/// One row of the matrix of pairs, in scratch memory of one thread.
///
/// The row is dense, and is cleared through the list of touched items, so memory is
/// O(items × threads) whatever the number of pairs.
final class CooccurrenceRow {
  /// How many customers had both; zeros between rows. `[items]`
  let counts: UnsafeMutablePointer<UInt32>
  /// What those customers count; zeros between rows, unused unless weighted. `[items]`
  let sums: UnsafeMutablePointer<Double>
  /// The items with a count. `[touchedCount]`, room for one an item and one to spare
  let touched: UnsafeMutablePointer<UInt32>
  /// The number of touched items.
  var touchedCount = 0
  /// Whether ``sums`` are in use.
  let isWeighted: Bool

  init(itemCount: Int, isWeighted: Bool) {
    self.isWeighted = isWeighted
    counts = .allocate(capacity: itemCount + 1)
    counts.initialize(repeating: 0, count: itemCount + 1)
    sums = .allocate(capacity: isWeighted ? itemCount : 1)
    sums.initialize(repeating: 0, count: isWeighted ? itemCount : 1)
    touched = .allocate(capacity: itemCount + 1)
    touched.initialize(repeating: 0, count: itemCount + 1)
  }

  deinit {
    counts.deallocate()
    sums.deallocate()
    touched.deallocate()
  }

  /// Adds the items of a range of entries once for each posting of an item.
  func count(_ item: Int, _ postings: ItemPostings, items: UnsafePointer<UInt32>) {
    let counts = counts
    let touched = touched
    var found = touchedCount
    postings.starts.withUnsafeBufferPointer { starts in
      postings.ends.withUnsafeBufferPointer { ends in
        for position in postings.offsets[item]..<postings.offsets[item + 1] {
          for entry in Int(starts[position])..<Int(ends[position]) {
            let other = items[entry]
            let before = counts[Int(other)]
            // Without a branch: the slot is overwritten until a new item comes.
            touched[found] = other
            found &+= before == 0 ? 1 : 0
            counts[Int(other)] = before &+ 1
          }
        }
      }
    }
    touchedCount = found
  }

  /// The same with weights: adds the product of the two entries' weights to the sums.
  func count(
    _ item: Int, _ postings: ItemPostings, items: UnsafePointer<UInt32>,
    entryWeights: UnsafePointer<Double>
  ) {
    let counts = counts
    let sums = sums
    let touched = touched
    var found = touchedCount
    postings.starts.withUnsafeBufferPointer { starts in
      postings.ends.withUnsafeBufferPointer { ends in
        for position in postings.offsets[item]..<postings.offsets[item + 1] {
          let weight = postings.weights[position]
          for entry in Int(starts[position])..<Int(ends[position]) {
            let other = Int(items[entry])
            let before = counts[other]
            touched[found] = UInt32(truncatingIfNeeded: other)
            found &+= before == 0 ? 1 : 0
            counts[other] = before &+ 1
            sums[other] += weight * entryWeights[entry]
          }
        }
      }
    }
    touchedCount = found
  }

  /// Sets one pair that was not touched before.
  func set(_ other: Int, count: UInt32, sum: Double) {
    touched[touchedCount] = UInt32(other)
    touchedCount += 1
    counts[other] = count
    if isWeighted { sums[other] = sum }
  }

  /// Adds to a count, of whole interactions only.
  func add(_ other: Int, count: UInt32) {
    if counts[other] == 0 {
      touched[touchedCount] = UInt32(other)
      touchedCount += 1
    }
    counts[other] += count
  }

  /// Makes the row zero again.
  func clear() {
    for position in 0..<touchedCount {
      let item = Int(touched[position])
      counts[item] = 0
      if isWeighted { sums[item] = 0 }
    }
    touchedCount = 0
  }
}
