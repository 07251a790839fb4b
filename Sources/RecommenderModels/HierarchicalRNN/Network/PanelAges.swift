internal import InteractionData

/// How many months ago each item was last taken and last given up.
///
/// It is the months of the events that are kept, so that nothing changes when nothing happens.
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

  /// One kind of event.
  private struct Events {
    var months = SIMD64<UInt16>()
    /// Bits of the items of which a month is known.
    var known: UInt64 = 0

    @inline(__always)
    mutating func note(_ items: UInt64, month: UInt16) {
      known |= items
      var rest = items
      while rest != 0 {
        months[rest.trailingZeroBitCount] = month
        rest &= rest - 1
      }
    }

    @inline(__always)
    func write(
      _ mask: UInt64, month: UInt16, base: Int, items: Int,
      into indexes: UnsafeMutablePointer<UInt32>
    ) -> Int {
      var count = 0
      var rest = known & mask
      while rest != 0 {
        let item = rest.trailingZeroBitCount
        rest &= rest - 1
        let age = min(Int(month - months[item]), limit)
        indexes[count] = UInt32(truncatingIfNeeded: (base + age) * items + item)
        count += 1
      }
      return count
    }
  }

  private var added = Events()
  private var dropped = Events()
  private var month: UInt16 = 0

  /// Lets a month pass, then notes what happened in it.
  @inline(__always)
  mutating func advance(added items: UInt64, dropped gone: UInt64) {
    month += 1
    added.note(items, month: month)
    dropped.note(gone, month: month)
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
    let count = added.write(~held, month: month, base: 0, items: items, into: indexes)
    return count
      + dropped.write(
        ~held, month: month, base: Self.limit + 1, items: items, into: indexes + count)
  }
}
