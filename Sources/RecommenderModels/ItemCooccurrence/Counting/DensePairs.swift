internal import Foundation
internal import InteractionData
internal import TensorFiles

/// The whole matrix of pairs of a small catalogue.
struct DensePairs {
  /// The most items: a customer's items are the bits of one word.
  static let itemLimit = 64

  let itemCount: Int
  /// How many customers had both items; the diagonal is how many had the item.
  /// `[items, items]`, row-major
  let counts: [UInt32]
  /// What those customers count; empty when all count 1. `[items, items]`, row-major
  let sums: [Double]

  init(itemCount: Int, counts: [UInt32], sums: [Double] = []) {
    self.itemCount = itemCount
    self.counts = counts
    self.sums = sums
  }

  /// How many customers had each item. `[items]`
  var itemCounts: [UInt32] { (0..<itemCount).map { counts[$0 * itemCount + $0] } }

  /// Writes a row into scratch.
  func fill(_ row: CooccurrenceRow, item: Int) {
    for other in 0..<itemCount {
      let position = item * itemCount + other
      if counts[position] > 0 {
        row.set(
          other, count: counts[position],
          sum: sums.isEmpty ? Double(counts[position]) : sums[position])
      }
    }
  }

  /// The matrix of the distinct sets of items, each counted as often as it occurs.
  ///
  /// - Parameters:
  ///   - sets: the sets.
  ///   - filter: what is kept.
  ///   - discount: a customer of `m` kept items adds `m^-discount` to the sums.
  init(_ sets: DistinctItemSets, filter: PercentileFilter, discount: Double) {
    itemCount = filter.keptItems.count
    var keptBits: UInt64 = 0
    for (item, isKept) in filter.keptItems.enumerated() where isKept { keptBits |= 1 << item }
    // Whole numbers for each length, so that sums do not depend on the order of the sets.
    let size = itemCount * itemCount
    let lengths = discount == 0 ? 1 : itemCount + 1
    var byLength = [UInt32](repeating: 0, count: lengths * size)
    for (set, multiplicity) in sets.pairs where filter.lengths.contains(set.nonzeroBitCount) {
      let kept = set & keptBits
      let base = discount == 0 ? 0 : kept.nonzeroBitCount * size
      var left = kept
      while left != 0 {
        let row = base + left.trailingZeroBitCount * itemCount
        left &= left - 1
        var right = kept
        while right != 0 {
          byLength[row + right.trailingZeroBitCount] += multiplicity
          right &= right - 1
        }
      }
    }
    if discount == 0 {
      counts = byLength
      sums = []
      return
    }
    var counts = [UInt32](repeating: 0, count: size)
    var sums = [Double](repeating: 0, count: size)
    for length in 1..<lengths {
      let weight = pow(Double(length), -discount)
      for position in 0..<size {
        counts[position] += byLength[length * size + position]
        sums[position] += weight * Double(byLength[length * size + position])
      }
    }
    self.counts = counts
    self.sums = sums
  }
}
