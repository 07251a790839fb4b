public import InteractionData
internal import TensorFiles

/// How many customers had each item and each pair of items, kept up to date as they arrive.
///
/// Whatever the order of arrival and however often an interaction is repeated, the counts are those
/// of counting all of it anew: a customer counts once for an item and once for a pair. A new
/// interaction costs as many steps as its customer has items.
///
/// Items that customers had before can be taken over as known, without being counted: the counts
/// are then what has been added since.
public struct CooccurrenceCounts: Sendable, Equatable {
  /// The number of items.
  public let itemCount: Int
  /// The distinct items of each customer spoken of, ascending.
  private var itemsByCustomer: [Int: [UInt32]] = [:]
  /// How many customers had each item. `[items]`
  public private(set) var itemCounts: [UInt32]
  /// How many customers had both, by the one item and then by the other.
  private var rows: [UInt32: [UInt32: UInt32]] = [:]
  /// How many customers had any item.
  public private(set) var customerCount = 0
  /// How many different pairs some customer had.
  public private(set) var pairCount = 0

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

  /// Whether a customer was spoken of.
  func knows(_ customer: Int) -> Bool { itemsByCustomer[customer] != nil }

  /// How many different items a customer is known to have had.
  func itemCount(of customer: Int) -> Int { itemsByCustomer[customer]?.count ?? 0 }

  /// Takes over what a customer had before, which is counted elsewhere.
  ///
  /// - Parameters:
  ///   - items: different items, ascending.
  ///   - customer: a customer not spoken of yet.
  mutating func adopt(items: [UInt32], customer: Int) {
    precondition(itemsByCustomer[customer] == nil, "customer \(customer) is known")
    itemsByCustomer[customer] = items
  }

  /// Counts that a customer had an item.
  ///
  /// - Parameters:
  ///   - item: the item, below ``itemCount``.
  ///   - customer: any index below ``customerLimit``; memory grows with the customers spoken of.
  /// - Returns: whether that is new; a repetition changes nothing.
  @discardableResult
  public mutating func record(item: Int, customer: Int) -> Bool {
    precondition((0..<itemCount).contains(item), "item \(item) of \(itemCount)")
    precondition((0..<Self.customerLimit).contains(customer), "customer \(customer)")
    let item = UInt32(item)
    let known = itemsByCustomer[customer, default: []]
    let position = Self.position(of: item, in: known)
    if position < known.count && known[position] == item { return false }
    for other in known {
      if rows[item]?[other] == nil { pairCount += 1 }
      rows[item, default: [:]][other, default: 0] += 1
      rows[other, default: [:]][item, default: 0] += 1
    }
    if known.isEmpty { customerCount += 1 }
    itemCounts[Int(item)] += 1
    itemsByCustomer[customer, default: []].insert(item, at: position)
    return true
  }

  /// How many customers had both of two different items, or the one if they are the same.
  public func count(of first: Int, and second: Int) -> UInt32 {
    precondition(
      (0..<itemCount).contains(first) && (0..<itemCount).contains(second),
      "items \(first) and \(second) of \(itemCount)")
    if first == second { return itemCounts[first] }
    return rows[UInt32(first)]?[UInt32(second)] ?? 0
  }

  /// The other items that some customer had with one, and how many did, in no meaningful order.
  func row(of item: Int) -> [UInt32: UInt32] { rows[UInt32(item)] ?? [:] }

  /// The pairs as a matrix of rows.
  var pairs: SparsePairs {
    SparsePairs(
      itemCount: itemCount,
      pairs: rows.lazy.flatMap { item, others in
        others.lazy.filter { $0.key > item }.map { (low: item, high: $0.key, count: $0.value) }
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
