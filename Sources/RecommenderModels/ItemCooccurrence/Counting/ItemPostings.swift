internal import Foundation

/// For each item where the entries stand that count with it: the other items of its customers.
///
/// A posting is a range of entries rather than a customer, so that counting a pair in any order or
/// only in one is the same loop, and no second look-up is needed.
struct ItemPostings {
  /// Where each item's postings start. `[items + 1]`
  let offsets: [Int]
  /// The first entry of each posting's range. `[entries]`
  let starts: [UInt32]
  /// The end of each posting's range. `[entries]`
  let ends: [UInt32]
  /// What the posting's own entry counts; empty when all count 1. `[entries]`
  let weights: [Double]

  /// Which entries of a customer count with one of them.
  enum Extent {
    /// All of the customer's.
    case all
    /// Those first had later.
    case later
    /// Those first had earlier.
    case earlier
  }

  init(_ sets: CustomerItemSets, itemCount: Int, entryWeights: [Double], _ extent: Extent) {
    var next = [Int](repeating: 0, count: itemCount + 1)
    for item in sets.items { next[Int(item) + 1] += 1 }
    for item in 0..<itemCount { next[item + 1] += next[item] }
    offsets = next
    var starts = [UInt32](repeating: 0, count: sets.items.count)
    var ends = starts
    var weights = [Double](repeating: 0, count: entryWeights.count)
    for customer in 0..<sets.count {
      let range = sets.range(of: customer)
      for entry in range {
        let item = Int(sets.items[entry])
        let position = next[item]
        next[item] = position + 1
        let extent = Self.extent(extent, of: entry, in: range, sets.firstTimes)
        starts[position] = UInt32(extent.lowerBound)
        ends[position] = UInt32(extent.upperBound)
        if !entryWeights.isEmpty { weights[position] = entryWeights[entry] }
      }
    }
    self.starts = starts
    self.ends = ends
    self.weights = weights
  }

  private static func extent(
    _ extent: Extent, of entry: Int, in range: Range<Int>, _ times: [Int64]
  ) -> Range<Int> {
    switch extent {
    case .all: return range
    case .later:
      var start = entry + 1
      while start < range.upperBound && times[start] == times[entry] { start += 1 }
      return start..<range.upperBound
    case .earlier:
      var end = entry
      while end > range.lowerBound && times[end - 1] == times[entry] { end -= 1 }
      return range.lowerBound..<end
    }
  }
}
