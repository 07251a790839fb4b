internal import InteractionData
internal import TensorFiles

/// The different sets of items customers had, of a catalogue that fits the bits of a word, and how
/// many customers had each.
///
/// A bank's customers share few sets: counting pairs in each distinct set once is much less work
/// than in each customer's.
struct DistinctItemSets {
  private var keys: [UInt64]
  private var multiplicities: [UInt32]
  private var distinctCount = 0

  /// The sets and how often each occurs, in no meaningful order.
  var pairs: some Sequence<(UInt64, UInt32)> {
    zip(keys, multiplicities).lazy.filter { $0.1 > 0 }.map { ($0.0, $0.1) }
  }

  init() {
    keys = [UInt64](repeating: 0, count: 1024)
    multiplicities = [UInt32](repeating: 0, count: 1024)
  }

  init(_ interactions: InteractionTable) {
    self.init()
    var isPositive: UInt64 = 0
    for (code, positive) in interactions.positiveEventTypes.enumerated() where positive {
      isPositive |= 1 << code
    }
    let items = interactions.itemIndexes.buffer
    let types = interactions.eventTypes.buffer
    for customer in 0..<interactions.offsets.count - 1 {
      var set: UInt64 = 0
      for row in interactions.rows(of: customer) {
        set |= (isPositive >> UInt64(types[row]) & 1) << UInt64(items[row])
      }
      if set != 0 { add(set) }
    }
  }

  /// Counts one more customer of a set.
  mutating func add(_ set: UInt64, times: UInt32 = 1) {
    var slot = Int(truncatingIfNeeded: (set &* 0x9E37_79B9_7F4A_7C15) >> 32) & (keys.count - 1)
    while multiplicities[slot] > 0 && keys[slot] != set { slot = (slot + 1) & (keys.count - 1) }
    if multiplicities[slot] == 0 { distinctCount += 1 }
    keys[slot] = set
    multiplicities[slot] += times
    if distinctCount * 2 > keys.count { grow() }
  }

  private mutating func grow() {
    let old = zip(keys, multiplicities)
    let size = keys.count * 2
    keys = [UInt64](repeating: 0, count: size)
    multiplicities = [UInt32](repeating: 0, count: size)
    distinctCount = 0
    for (set, times) in old where times > 0 { add(set, times: times) }
  }

  /// How many customers have each number of items, from 0 on. `[65]`
  var customersByLength: [Int] {
    var counts = [Int](repeating: 0, count: 65)
    for (set, times) in pairs { counts[set.nonzeroBitCount] += Int(times) }
    return counts
  }

  /// How many customers had each item. `[items]`
  func itemCounts(_ itemCount: Int) -> [UInt32] {
    var counts = [UInt32](repeating: 0, count: itemCount)
    for (set, times) in pairs {
      var left = set
      while left != 0 {
        counts[left.trailingZeroBitCount] += times
        left &= left - 1
      }
    }
    return counts
  }
}
