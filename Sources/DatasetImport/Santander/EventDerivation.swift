internal import InteractionData
internal import TensorFiles

/// Derives opening stock, acquisitions and drops from a panel.
///
/// Between two consecutive rows of a customer an item that appears is an acquisition and one that
/// vanishes a drop, dated by the later row. Where the customer missed months between the two, nobody
/// knows when it happened: those are counted apart as well, so that both ways to count agree.
struct EventDerivation: Sendable {
  private struct Counts: BitwiseCopyable, Sendable {
    var events = 0
    var acquisitions = 0
    var drops = 0
    var acquisitionsAcrossGaps = 0
    var dropsAcrossGaps = 0
  }

  let interactions: InteractionTable
  let acquisitions: Int
  let drops: Int
  let acquisitionsAcrossGaps: Int
  let dropsAcrossGaps: Int

  init(panel: HoldingsPanel, parts: Int) throws(ImportError) {
    let customers = panel.offsets.count - 1
    let ranges = Parallel.ranges(customers, parts: parts)
    let offsets = WorkBuffer<UInt32>(count: customers + 1)
    let counts = WorkBuffer<Counts>(repeating: Counts(), count: parts)
    Parallel.run(parts) { part in
      counts.base[part] = Self.count(ranges[part], panel, offsets)
    }
    let all = Array(UnsafeBufferPointer(start: counts.base, count: parts))
    let total = all.reduce(0) { $0 + $1.events }
    guard total < Int(UInt32.max) else {
      throw .tooManyRows(actual: total, limit: Int(UInt32.max) - 1)
    }
    // The counting pass left each customer's number of events where its offset belongs.
    var position: UInt32 = 0
    for customer in 0..<customers {
      let count = offsets.base[customer]
      offsets.base[customer] = position
      position += count
    }
    offsets.base[customers] = position
    let items = WorkBuffer<UInt32>(count: total)
    let times = WorkBuffer<Int64>(count: total)
    let types = WorkBuffer<UInt8>(count: total)
    let seconds = (0..<max(panel.monthCount, 1)).map {
      panel.firstMonth.advanced(by: $0).secondsSince1970(day: 28)
    }
    Parallel.run(parts) { part in
      for customer in ranges[part] {
        var row = Int(offsets.base[customer])
        Self.forEachEvent(panel.rows(of: customer), panel) { month, item, type in
          items.base[row] = UInt32(item)
          times.base[row] = seconds[month]
          types.base[row] = type
          row += 1
        }
      }
    }
    interactions = InteractionTable(
      offsets: offsets.column, itemIndexes: items.column, timestamps: times.column,
      eventTypes: types.column)
    acquisitions = all.reduce(0) { $0 + $1.acquisitions }
    drops = all.reduce(0) { $0 + $1.drops }
    acquisitionsAcrossGaps = all.reduce(0) { $0 + $1.acquisitionsAcrossGaps }
    dropsAcrossGaps = all.reduce(0) { $0 + $1.dropsAcrossGaps }
  }

  private static func count(
    _ customers: Range<Int>, _ panel: HoldingsPanel, _ offsets: WorkBuffer<UInt32>
  ) -> Counts {
    var counts = Counts()
    for customer in customers {
      var events = 0
      let rows = panel.rows(of: customer)
      for row in rows {
        let held = panel.held[row]
        if row == rows.lowerBound {
          events += held.nonzeroBitCount
          continue
        }
        let previous = panel.held[row - 1]
        let added = (held & ~previous).nonzeroBitCount
        let dropped = (previous & ~held).nonzeroBitCount
        events += added + dropped
        counts.acquisitions += added
        counts.drops += dropped
        if panel.monthIndexes[row] != panel.monthIndexes[row - 1] + 1 {
          counts.acquisitionsAcrossGaps += added
          counts.dropsAcrossGaps += dropped
        }
      }
      offsets.base[customer] = UInt32(events)
      counts.events += events
    }
    return counts
  }

  /// Calls the body for each event of a customer, by month, then item.
  @inline(__always)
  private static func forEachEvent(
    _ rows: Range<Int>, _ panel: HoldingsPanel, _ body: (Int, Int, UInt8) -> Void
  ) {
    for row in rows {
      let held = panel.held[row]
      let month = Int(panel.monthIndexes[row])
      let isFirst = row == rows.lowerBound
      let previous = isFirst ? 0 : panel.held[row - 1]
      var changed = held ^ previous
      while changed != 0 {
        let item = changed.trailingZeroBitCount
        changed &= changed - 1
        let isHeld = held >> UInt64(item) & 1 == 1
        let gained = isFirst ? EventType.opening : EventType.acquired
        body(month, item, isHeld ? gained : EventType.dropped)
      }
    }
  }
}
