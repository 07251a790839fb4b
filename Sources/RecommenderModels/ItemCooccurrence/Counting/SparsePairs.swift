/// The pairs of a large catalogue that some customer had, row by row.
struct SparsePairs {
  /// Where each item's row starts. `[items + 1]`
  let offsets: [Int]
  /// The other items of each row, ascending. `[pairs]`
  let others: [UInt32]
  /// How many customers had both. `[pairs]`
  let counts: [UInt32]

  /// Sorts pairs into rows; each pair comes in once and stands in both items' rows.
  init(itemCount: Int, pairs: some Sequence<(low: UInt32, high: UInt32, count: UInt32)>) {
    var both: [(item: UInt32, other: UInt32, count: UInt32)] = []
    for (low, high, count) in pairs {
      both.append((low, high, count))
      both.append((high, low, count))
    }
    both.sort { ($0.item, $0.other) < ($1.item, $1.other) }
    var offsets = [Int](repeating: 0, count: itemCount + 1)
    for pair in both { offsets[Int(pair.item) + 1] += 1 }
    for item in 0..<itemCount { offsets[item + 1] += offsets[item] }
    self.offsets = offsets
    others = both.map(\.other)
    counts = both.map(\.count)
  }

  /// Writes a row into scratch.
  func fill(_ row: CooccurrenceRow, item: Int) {
    for position in offsets[item]..<offsets[item + 1] {
      row.set(Int(others[position]), count: counts[position], sum: Double(counts[position]))
    }
  }
}
