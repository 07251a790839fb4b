/// Keeps the largest of many 64-bit keys, and puts them in order.
///
/// Keys are gathered until there are four times as many as wanted, then all but the wanted ones are
/// thrown away and the least of those is what further keys must exceed. That costs a comparison for
/// most keys, and no allocation.
final class BestKeys {
  /// The most keys kept.
  let limit: Int
  /// The keys; the first ``count`` are meant.
  let keys: UnsafeMutablePointer<UInt64>
  /// The number of keys gathered.
  private(set) var count = 0
  /// What a key must exceed to be worth adding.
  private(set) var threshold: UInt64 = 0
  private let capacity: Int

  init(limit: Int) {
    self.limit = limit
    capacity = limit * 4
    keys = .allocate(capacity: capacity)
    keys.initialize(repeating: 0, count: capacity)
  }

  deinit { keys.deallocate() }

  /// Forgets all keys.
  func removeAll() {
    count = 0
    threshold = 0
  }

  /// Adds a key, which must exceed ``threshold`` and differ from those added before.
  func add(_ key: UInt64) {
    keys[count] = key
    count += 1
    if count == capacity {
      Self.partition(keys, count, limit)
      count = limit
      threshold = keys[limit - 1]
    }
  }

  /// Drops all but the best keys and puts them in descending order.
  func finish() {
    if count > limit {
      Self.partition(keys, count, limit)
      count = limit
    }
    Self.sort(keys, 0, count - 1)
  }

  /// Moves the `wanted` largest keys to the front, the least of them last (Hoare's quickselect).
  static func partition(_ keys: UnsafeMutablePointer<UInt64>, _ count: Int, _ wanted: Int) {
    let target = wanted - 1
    var low = 0
    var high = count - 1
    while low < high {
      let pivot = median(keys[low], keys[(low + high) / 2], keys[high])
      var left = low
      var right = high
      while left <= right {
        while keys[left] > pivot { left &+= 1 }
        while keys[right] < pivot { right &-= 1 }
        if left <= right {
          (keys[left], keys[right]) = (keys[right], keys[left])
          left &+= 1
          right &-= 1
        }
      }
      if target <= right { high = right } else if target >= left { low = left } else { return }
    }
  }

  /// Puts the keys from `first` to `last` in descending order: quicksort down to short runs.
  private static func sort(_ keys: UnsafeMutablePointer<UInt64>, _ first: Int, _ last: Int) {
    var low = first
    var high = last
    while high - low > 16 {
      let pivot = median(keys[low], keys[(low + high) / 2], keys[high])
      var left = low
      var right = high
      while left <= right {
        while keys[left] > pivot { left &+= 1 }
        while keys[right] < pivot { right &-= 1 }
        if left <= right {
          (keys[left], keys[right]) = (keys[right], keys[left])
          left &+= 1
          right &-= 1
        }
      }
      // The shorter part first, so that the depth stays logarithmic.
      if right - low < high - left {
        sort(keys, low, right)
        low = left
      } else {
        sort(keys, left, high)
        high = right
      }
    }
    if low >= high { return }
    for position in low + 1...high {
      let key = keys[position]
      var hole = position
      while hole > low && keys[hole - 1] < key {
        keys[hole] = keys[hole - 1]
        hole &-= 1
      }
      keys[hole] = key
    }
  }

  private static func median(_ first: UInt64, _ second: UInt64, _ third: UInt64) -> UInt64 {
    max(min(first, second), min(max(first, second), third))
  }
}
