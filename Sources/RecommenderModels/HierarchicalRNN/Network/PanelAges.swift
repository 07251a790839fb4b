internal import InteractionData

/// How many months ago each item was last taken and last given up.
struct PanelAges {
  /// Stands for what has not happened, as far as is known.
  static let never = UInt8.max
  /// Months that have a place of their own in the network; longer ago has one together.
  static let limit = 13
  /// The rows of the network's table of ages: those since items were taken, then those since they
  /// were given up.
  static let places = 2 * (limit + 1)
  /// The most ages that ``write(held:items:into:)`` writes.
  static let activeLimit = 2 * HoldingsPanel.itemLimit

  /// Months passed. Ages are counted from when things happened: a month that passes changes nothing
  /// else, and most months nothing happens.
  private var month: UInt16 = 0
  /// The months in which items were last taken and last given up; 0 for never.
  private var addedMonths = SIMD64<UInt16>()
  private var droppedMonths = SIMD64<UInt16>()
  /// The items of which any age is known.
  private var known: UInt64 = 0

  /// Lets a month pass, then notes what happened in it.
  mutating func advance(added: UInt64, dropped: UInt64) {
    month += 1
    known |= added | dropped
    Self.note(month, added, in: &addedMonths)
    Self.note(month, dropped, in: &droppedMonths)
  }

  @inline(__always)
  private static func note(_ month: UInt16, _ items: UInt64, in months: inout SIMD64<UInt16>) {
    var items = items
    while items != 0 {
      months[items.trailingZeroBitCount] = month
      items &= items - 1
    }
  }

  /// Months since an item was last taken.
  func sinceAdded(_ item: Int) -> UInt8 { age(addedMonths[item]) }

  /// Months since an item was last given up.
  func sinceDropped(_ item: Int) -> UInt8 { age(droppedMonths[item]) }

  @inline(__always)
  private func age(_ happened: UInt16) -> UInt8 {
    happened == 0 ? Self.never : UInt8(min(month - happened, UInt16(Self.never) - 1))
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
      count = Self.write(sinceAdded(item), base: 0, item, items, indexes, count)
      count = Self.write(sinceDropped(item), base: Self.limit + 1, item, items, indexes, count)
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
