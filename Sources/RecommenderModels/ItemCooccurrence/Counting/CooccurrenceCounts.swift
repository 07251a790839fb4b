public import InteractionData
internal import TensorFiles

/// How many customers had each item and each pair of items, kept up to date as they arrive.
///
/// Whatever the order of arrival and however often an interaction is repeated, the counts are those
/// of counting all of it anew: a customer counts once for an item and once for a pair. A new
/// interaction costs as many steps as its customer has items.
public struct CooccurrenceCounts: Sendable, Equatable {
  /// The number of items.
  public let itemCount: Int
  /// The distinct items of each customer by index, ascending.
  private var itemsByCustomer: [[UInt32]] = []
  /// How many customers had each item. `[items]`
  public private(set) var itemCounts: [UInt32]
  /// How many customers had both, by the lower item times 2^32 plus the higher.
  private var pairCounts: [UInt64: UInt32] = [:]
  /// How many customers had any item.
  public private(set) var customerCount = 0

  /// The most customers: their indexes are kept in 32 bits.
  public static let customerLimit = Int(UInt32.max)

  /// Makes counts of nothing yet.
  public init(itemCount: Int) {
    precondition(itemCount >= 0 && itemCount <= Int(UInt32.max), "\(itemCount) items")
    self.itemCount = itemCount
    itemCounts = [UInt32](repeating: 0, count: itemCount)
  }

  /// Counts the positive interactions of a dataset, customers by their index.
  public init(counting dataset: Dataset) {
    self.init(itemCount: dataset.items.count)
    let table = dataset.interactions
    let positive = table.positiveEventTypes
    for customer in 0..<dataset.customers.count {
      for row in table.rows(of: customer) where positive[Int(table.eventTypes[row])] {
        record(item: Int(table.itemIndexes[row]), customer: customer)
      }
    }
  }

  /// Counts that a customer had an item.
  ///
  /// - Parameters:
  ///   - item: the item, below ``itemCount``.
  ///   - customer: any index below ``customerLimit``; memory grows with the largest one.
  /// - Returns: whether that is new; a repetition changes nothing.
  @discardableResult
  public mutating func record(item: Int, customer: Int) -> Bool {
    precondition((0..<itemCount).contains(item), "item \(item) of \(itemCount)")
    precondition((0..<Self.customerLimit).contains(customer), "customer \(customer)")
    while itemsByCustomer.count <= customer { itemsByCustomer.append([]) }
    let item = UInt32(item)
    let position = Self.position(of: item, in: itemsByCustomer[customer])
    let known = itemsByCustomer[customer]
    if position < known.count && known[position] == item { return false }
    for other in known {
      let key = UInt64(min(item, other)) << 32 | UInt64(max(item, other))
      pairCounts[key, default: 0] += 1
    }
    if known.isEmpty { customerCount += 1 }
    itemCounts[Int(item)] += 1
    itemsByCustomer[customer].insert(item, at: position)
    return true
  }

  /// How many customers had both of two different items, or the one if they are the same.
  public func count(of first: Int, and second: Int) -> UInt32 {
    precondition(
      (0..<itemCount).contains(first) && (0..<itemCount).contains(second),
      "items \(first) and \(second) of \(itemCount)")
    if first == second { return itemCounts[first] }
    return pairCounts[UInt64(min(first, second)) << 32 | UInt64(max(first, second))] ?? 0
  }

  /// The pairs as a matrix of rows.
  var pairs: SparsePairs {
    SparsePairs(
      itemCount: itemCount,
      pairs: pairCounts.lazy.map { key, count in
        (UInt32(key >> 32), UInt32(truncatingIfNeeded: key), count)
      })
  }

  /// Where an item stands, or would be inserted, in an ascending list.
  private static func position(of item: UInt32, in items: [UInt32]) -> Int {
    var low = 0
    var high = items.count
    while low < high {
      let middle = (low + high) / 2
      if items[middle] < item { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
