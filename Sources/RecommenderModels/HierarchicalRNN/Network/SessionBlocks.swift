/// The events of a pass, laid out for the session layer.
///
/// Most customers have no event in most months, so the layer only runs over those who do: of each
/// month, the rows with events in falling order of their number. Block `k` of a month holds the
/// `k`-th event of all rows that have one, which are the first rows of the list.
struct SessionBlocks {
  /// The `k`-th events of one month.
  struct Block {
    /// Where its events begin.
    let offset: Int
    /// The number of its events.
    let count: Int
  }

  /// For each step, where its rows begin in ``rows``, and at last where the final ones end.
  private(set) var rowOffsets: [Int] = [0]
  /// For each step, where its blocks begin in ``blocks``, and at last where the final ones end.
  private(set) var blockOffsets: [Int] = [0]
  private(set) var rows: [Int32] = []
  private(set) var blocks: [Block] = []
  /// The event of each place: twice the item, plus 1 when it was dropped.
  private(set) var events: [UInt32] = []
  private var remaining: [UInt64] = []

  var eventCount: Int { events.count }

  func rows(of step: Int) -> Range<Int> { rowOffsets[step]..<rowOffsets[step + 1] }
  func blocks(of step: Int) -> Range<Int> { blockOffsets[step]..<blockOffsets[step + 1] }

  mutating func build(
    steps: UnsafeBufferPointer<PanelStep>, offsets: [Int], activeRows: [Int]
  ) {
    rows.removeAll(keepingCapacity: true)
    blocks.removeAll(keepingCapacity: true)
    events.removeAll(keepingCapacity: true)
    rowOffsets.removeAll(keepingCapacity: true)
    blockOffsets.removeAll(keepingCapacity: true)
    rowOffsets.append(0)
    blockOffsets.append(0)
    for (step, active) in activeRows.enumerated() {
      append(UnsafeBufferPointer(rebasing: steps[offsets[step]..<offsets[step] + active]))
      rowOffsets.append(rows.count)
      blockOffsets.append(blocks.count)
    }
  }

  private mutating func append(_ steps: UnsafeBufferPointer<PanelStep>) {
    var most = 0
    for step in steps { most = max(most, step.events.nonzeroBitCount) }
    if most == 0 { return }
    let first = rows.count
    for count in stride(from: most, to: 0, by: -1) {
      for row in steps.indices where steps[row].events.nonzeroBitCount == count {
        rows.append(Int32(row))
      }
    }
    remaining.removeAll(keepingCapacity: true)
    for row in rows[first...] { remaining.append(steps[Int(row)].events) }
    for _ in 0..<most {
      let offset = events.count
      for place in remaining.indices {
        let bits = remaining[place]
        if bits == 0 { break }
        let item = bits.trailingZeroBitCount
        remaining[place] = bits & (bits - 1)
        let dropped = steps[Int(rows[first + place])].dropped >> UInt64(item) & 1
        events.append(UInt32(2 * item) + UInt32(dropped))
      }
      blocks.append(Block(offset: offset, count: events.count - offset))
    }
  }
}
