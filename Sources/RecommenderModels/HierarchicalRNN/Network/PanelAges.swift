internal import InteractionData

/// How many months ago each item was last taken and last given up.
struct PanelAges: Equatable {
  /// Stands for what has not happened, as far as is known.
  static let never = UInt8.max
  /// Months that have a place of their own in the network; longer ago has one together.
  static let limit = 13
  /// The rows of the network's table of ages: those since items were taken, then those since they
  /// were given up.
  static let places = 2 * (limit + 1)
  /// The most ages that ``write(held:items:into:)`` writes.
  static let activeLimit = 2 * HoldingsPanel.itemLimit

  private(set) var sinceAdded = SIMD64<UInt8>(repeating: never)
  private(set) var sinceDropped = SIMD64<UInt8>(repeating: never)
  /// The items of which any age is known.
  private var known: UInt64 = 0

  /// Lets a month pass, then notes what happened in it.
  mutating func advance(added: UInt64, dropped: UInt64) {
    known |= added | dropped
    if known == 0 { return }
    Self.age(&sinceAdded)
    Self.age(&sinceDropped)
    Self.reset(&sinceAdded, added)
    Self.reset(&sinceDropped, dropped)
  }

  private static func age(_ ages: inout SIMD64<UInt8>) {
    // 254 and what stands for never stay as they are.
    ages.replace(with: ages &+ 1, where: ages .< never - 1)
  }

  private static func reset(_ ages: inout SIMD64<UInt8>, _ items: UInt64) {
    var items = items
    while items != 0 {
      ages[items.trailingZeroBitCount] = 0
      items &= items - 1
    }
  }

  /// Writes where the ages of items that can be taken stand in a table `[places, items]`.
  ///
  /// - Parameters:
  ///   - held: items that cannot be taken.
  ///   - items: the number of items.
  ///   - indexes: where they go; room for ``activeLimit``.
  /// - Returns: how many there are.
  @inline(__always)
  func write(held: UInt64, items: Int, into indexes: UnsafeMutablePointer<UInt32>) -> Int {
    var count = 0
    var rest = known & ~held
    while rest != 0 {
      let item = rest.trailingZeroBitCount
      rest &= rest - 1
      count = Self.write(sinceAdded[item], base: 0, item, items, indexes, count)
      count = Self.write(sinceDropped[item], base: Self.limit + 1, item, items, indexes, count)
    }
    return count
  }

  @inline(__always)
  private static func write(
    _ age: UInt8, base: Int, _ item: Int, _ items: Int,
    _ indexes: UnsafeMutablePointer<UInt32>, _ count: Int
  ) -> Int {
    if age == never { return count }
    let place = base + min(Int(age), limit)
    indexes[count] = UInt32(truncatingIfNeeded: place * items + item)
    return count + 1
  }
}
