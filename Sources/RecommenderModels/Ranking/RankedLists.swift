/// Bounded lists of items, one a customer, in one block of memory.
public final class RankedLists: @unchecked Sendable {
  /// The number of customers.
  public let customerCount: Int
  /// The most items a list can have.
  public let stride: Int
  private let items: UnsafeMutableBufferPointer<UInt32>
  private let counts: UnsafeMutableBufferPointer<UInt32>

  /// Makes empty lists.
  public init(customerCount: Int, stride: Int) {
    self.customerCount = customerCount
    self.stride = stride
    items = .allocate(capacity: max(customerCount * stride, 1))
    items.initialize(repeating: 0)
    counts = .allocate(capacity: max(customerCount, 1))
    counts.initialize(repeating: 0)
  }

  deinit {
    items.deallocate()
    counts.deallocate()
  }

  /// The list of a customer, best first.
  public subscript(customer: Int) -> UnsafeBufferPointer<UInt32> {
    let start = customer * stride
    return UnsafeBufferPointer(rebasing: items[start..<start + Int(counts[customer])])
  }

  /// Fills one customer's list; different customers may be filled from different threads.
  func write(_ customer: Int, fill: (UnsafeMutableBufferPointer<UInt32>) -> Int) {
    let start = customer * stride
    let slots = UnsafeMutableBufferPointer(rebasing: items[start..<start + stride])
    counts[customer] = UInt32(fill(slots))
  }
}
