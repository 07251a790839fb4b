internal import Foundation
internal import InteractionData

/// Draws the items that an event's own is told apart from, frequent ones more often.
struct NegativeSampler {
  /// Sums of the items' shares of the draws, ascending to 1. `[items]`
  private let cumulative: [Double]
  /// Each item's share of the events. `[items]`
  private let eventShares: [Double]

  /// The power of an item's count that its share of the draws is in proportion to (Mikolov et al.
  /// 2013, arXiv:1310.4546).
  private static let exponent = 0.75

  /// - Parameter counts: events of each item.
  init(counts: [Double]) {
    let total = counts.reduce(0, +)
    eventShares = counts.map { total > 0 ? $0 / total : 0 }
    var sum = 0.0
    var sums = counts.map { count in
      sum += pow(count + 1, Self.exponent)
      return sum
    }
    for item in sums.indices { sums[item] /= sum }
    cumulative = sums
  }

  /// Draws items, one of them perhaps more than once.
  func draw(_ count: Int, using generator: inout SeededGenerator) -> [UInt32] {
    (0..<count).map { _ in
      let point = generator.nextUnitDouble()
      var (low, high) = (0, cumulative.count - 1)
      while low < high {
        let middle = (low + high) / 2
        if cumulative[middle] > point { high = middle } else { low = middle + 1 }
      }
      return UInt32(low)
    }
  }

  /// Minus the logarithm of the chance that an item is among the negatives or the events.
  func correction(of item: UInt32, negatives: Int, events: Int) -> Float {
    let item = Int(item)
    let share = cumulative[item] - (item > 0 ? cumulative[item - 1] : 0)
    let expected = Double(negatives) * share + Double(events) * eventShares[item]
    return Float(-log(-expm1(-expected)))
  }
}
