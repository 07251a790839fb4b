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
    let results = ShardResults<[TransitionRow]>(count: chunks.count, initial: [])
    let itemCount = itemCount
    let pool = WorkspacePool { TransitionScratch(itemCount: itemCount) }
    Parallel.forEach(count: chunks.count, threadCount: threadCount) { chunk in
      pool.withWorkspace { scratch in
        results[chunk] = chunks[chunk].map { row(of: $0, direction, scratch) }
      }
    }
    return TransitionTable(rows: Array(results.values.joined()))
  }

  private func row(
    of item: Int, _ direction: Direction, _ scratch: TransitionScratch
  ) -> TransitionRow {
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
    return scratch.takeRow()
  }
}

/// One thread's memory for counting.
private final class TransitionScratch {
  private var counts: [Float]
  private var touched: [UInt32] = []

  init(itemCount: Int) { counts = Array(repeating: 0, count: itemCount) }

  func add(_ item: UInt32, _ count: Float) {
    if counts[Int(item)] == 0 { touched.append(item) }
    counts[Int(item)] += count
  }

  /// The largest counts as shares, and forgets them all.
  func takeRow() -> TransitionRow {
    touched.sort { (counts[Int($1)], $0) < (counts[Int($0)], $1) }
    let kept = touched.prefix(TransitionTable.rowLimit)
    let sum = kept.reduce(Float(0)) { $0 + counts[Int($1)] }
    let row = TransitionRow(items: Array(kept), shares: kept.map { counts[Int($0)] / sum })
    for item in touched { counts[Int(item)] = 0 }
    touched.removeAll(keepingCapacity: true)
    return row
  }
}
