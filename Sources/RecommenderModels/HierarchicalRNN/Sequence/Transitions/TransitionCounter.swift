internal import LinearAlgebra

/// Counts which items come after which in the training data.
struct TransitionCounter {
  /// Events further apart than this have nothing to do with each other.
  static let window = 10

  /// Whether to count what came before an item, and not what came after it.
  enum Direction {
    case forward
    case backward
  }

  /// All customers' items, one customer after another.
  private let events: [UInt32]
  /// For each event, where its customer's begin and end.
  private let bounds: [Range<Int32>]
  /// Where each item's occurrences begin in `occurrences`. `[items + 1]`
  private let offsets: [Int]
  /// Places in `events`, grouped by item.
  private let occurrences: [Int32]
  private let itemCount: Int

  /// - Parameters:
  ///   - sequences: each customer's items, oldest first.
  ///   - itemCount: the catalogue's size.
  init(_ sequences: [[UInt32]], itemCount: Int) {
    self.itemCount = itemCount
    var events: [UInt32] = []
    var bounds: [Range<Int32>] = []
    for sequence in sequences {
      let range = Int32(events.count)..<Int32(events.count + sequence.count)
      events += sequence
      for _ in sequence { bounds.append(range) }
    }
    var offsets = [Int](repeating: 0, count: itemCount + 1)
    for item in events { offsets[Int(item) + 1] += 1 }
    for item in 0..<itemCount { offsets[item + 1] += offsets[item] }
    var next = offsets
    var occurrences = [Int32](repeating: 0, count: events.count)
    for (place, item) in events.enumerated() {
      occurrences[next[Int(item)]] = Int32(place)
      next[Int(item)] += 1
    }
    self.events = events
    self.bounds = bounds
    self.offsets = offsets
    self.occurrences = occurrences
  }

  /// Items whose rows are counted in one piece of work.
  private static let chunkSize = 1024

  /// The table of one direction: a pair `d` events apart counts 1/d.
  func table(_ direction: Direction, threadCount: Int) -> TransitionTable {
    let chunks = Parallel.chunks(of: itemCount, chunkSize: Self.chunkSize)
    let results = ShardResults<TransitionRows>(count: chunks.count, initial: TransitionRows())
    let itemCount = itemCount
    let pool = WorkspacePool { TransitionScratch(itemCount: itemCount) }
    Parallel.forEach(count: chunks.count, threadCount: threadCount) { chunk in
      pool.withWorkspace { scratch in
        var rows = TransitionRows()
        for item in chunks[chunk] {
          count(item, direction, scratch)
          scratch.finishRow(of: &rows)
        }
        results[chunk] = rows
      }
    }
    return TransitionTable(results.values)
  }

  private func count(_ item: Int, _ direction: Direction, _ scratch: TransitionScratch) {
    for occurrence in occurrences[offsets[item]..<offsets[item + 1]] {
      let place = Int(occurrence)
      let last = Int(bounds[place].upperBound) - 1
      let first = Int(bounds[place].lowerBound)
      let most = min(Self.window, direction == .forward ? last - place : place - first)
      var distance = 1
      while distance <= most {
        let other = events[direction == .forward ? place + distance : place - distance]
        scratch.add(other, 1 / Float(distance))
        distance += 1
      }
    }
  }
}

/// One thread's memory for counting.
private final class TransitionScratch {
  private let counts: FloatBuffer
  private var touched: [UInt32] = []
  private let best = BestKeys(limit: TransitionTable.rowLimit)

  init(itemCount: Int) { counts = FloatBuffer(count: itemCount) }

  func add(_ item: UInt32, _ count: Float) {
    if counts.base[Int(item)] == 0 { touched.append(item) }
    counts.base[Int(item)] += count
  }

  /// Adds the largest counts, as shares of all and what is not known, and forgets them all.
  func finishRow(of rows: inout TransitionRows) {
    var sum = TransitionTable.unknownWeight
    for item in touched {
      sum += counts.base[Int(item)]
      // Larger counts first, and of equal ones the lower item.
      let key = UInt64(counts.base[Int(item)].bitPattern) << 32 | UInt64(~item)
      if key > best.threshold { best.add(key) }
    }
    best.finish()
    for place in 0..<best.count {
      rows.items.append(~UInt32(truncatingIfNeeded: best.keys[place]))
      rows.shares.append(Self.count(best.keys[place]) / sum)
    }
    rows.ends.append(UInt32(rows.items.count))
    best.removeAll()
    for item in touched { counts.base[Int(item)] = 0 }
    touched.removeAll(keepingCapacity: true)
  }

  private static func count(_ key: UInt64) -> Float {
    Float(bitPattern: UInt32(truncatingIfNeeded: key >> 32))
  }
}
