internal import InteractionData

/// The numbers of a step's features: which rows of a table a step's one-hot inputs name.
///
/// They stand in this order: items held, taken and given up; months since the customer joined;
/// present; active; the month of the year that is predicted.
struct PanelFeatures: Equatable, Sendable {
  let items: Int

  /// Months since joining that have a place of their own; longer ago has one together.
  static let joiningMonths = 6
  private static let joiningPlaces = joiningMonths + 1

  private var joiningBase: Int { 3 * items }
  private var presentBase: Int { joiningBase + Self.joiningPlaces }

  /// Where the months of the year begin.
  var monthBase: Int { presentBase + 2 }
  /// The number of features.
  var count: Int { monthBase + 12 }

  /// The most features that are 1 at a time: no item is given up and held.
  static let activeLimit = 2 * HoldingsPanel.itemLimit + 4

  /// Writes the numbers of the features that are 1.
  ///
  /// - Parameters:
  ///   - step: the step.
  ///   - indexes: where they go; room for ``activeLimit``.
  /// - Returns: how many there are.
  @inline(__always)
  func write(_ step: PanelStep, into indexes: UnsafeMutablePointer<UInt32>) -> Int {
    var count = Self.writeBits(step.held, base: 0, into: indexes, at: 0)
    count = Self.writeBits(step.added, base: items, into: indexes, at: count)
    count = Self.writeBits(step.dropped, base: 2 * items, into: indexes, at: count)
    func append(_ number: Int) {
      indexes[count] = UInt32(truncatingIfNeeded: number)
      count += 1
    }
    if step.monthsSinceJoining != PanelAges.never {
      append(joiningBase + min(Int(step.monthsSinceJoining), Self.joiningMonths))
    }
    if step.isPresent { append(presentBase) }
    if step.isActive { append(presentBase + 1) }
    append(monthBase + Int(step.targetMonthOfYear))
    return count
  }

  /// Writes the numbers of a word's bits, each plus `base`, and returns the next free place.
  @inline(__always)
  static func writeBits(
    _ bits: UInt64, base: Int, into indexes: UnsafeMutablePointer<UInt32>, at start: Int
  ) -> Int {
    var bits = bits
    var count = start
    while bits != 0 {
      indexes[count] = UInt32(truncatingIfNeeded: base + bits.trailingZeroBitCount)
      count += 1
      bits &= bits - 1
    }
    return count
  }
}
