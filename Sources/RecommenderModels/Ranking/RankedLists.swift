internal import LinearAlgebra

/// Bounded lists of items with scores, one a customer, in two blocks of memory.
public final class RankedLists: @unchecked Sendable {
  /// The number of customers.
  public let customerCount: Int
  /// The most items a list can have.
  public let stride: Int
  private let items: UnsafeMutableBufferPointer<UInt32>
  private let itemScores: UnsafeMutableBufferPointer<Float>
  private let counts: UnsafeMutableBufferPointer<UInt32>

  /// Makes empty lists.
  public init(customerCount: Int, stride: Int) {
    self.customerCount = customerCount
    self.stride = stride
    items = .allocate(capacity: max(customerCount * stride, 1))
    items.initialize(repeating: 0)
    itemScores = .allocate(capacity: max(customerCount * stride, 1))
    itemScores.initialize(repeating: 0)
    counts = .allocate(capacity: max(customerCount, 1))
    counts.initialize(repeating: 0)
  }

  deinit {
    items.deallocate()
    itemScores.deallocate()
    counts.deallocate()
  }

  /// The list of a customer, best first.
  public subscript(customer: Int) -> UnsafeBufferPointer<UInt32> {
    let start = customer * stride
    return UnsafeBufferPointer(rebasing: items[start..<start + Int(counts[customer])])
  }

  /// The scores of a customer's list, in the same order.
  public func scores(of customer: Int) -> UnsafeBufferPointer<Float> {
    let start = customer * stride
    return UnsafeBufferPointer(rebasing: itemScores[start..<start + Int(counts[customer])])
  }

  /// Fills one customer's list with the best items by `scores`; different customers may be filled
  /// from different threads.
  func fill(_ customer: Int, from scores: UnsafeBufferPointer<Float>) {
    let start = customer * stride
    let slots = UnsafeMutableBufferPointer(rebasing: items[start..<start + stride])
    let count = TopK.select(scores, into: slots)
    for position in 0..<count { itemScores[start + position] = scores[Int(slots[position])] }
    counts[customer] = UInt32(count)
  }
}
