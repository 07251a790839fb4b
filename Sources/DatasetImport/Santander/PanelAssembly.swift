internal import InteractionData
internal import TensorFiles

/// Sorts the workers' rows by customer and month into the columns of a panel.
///
/// A row's place among its customer's rows is known from the workers' counts, so every worker
/// scatters its own rows without locks; then each customer's few rows are sorted where they lie.
struct PanelAssembly: Sendable {
  /// A row that repeats a customer's month, by its place in the files.
  struct Duplicate: Sendable {
    let sequence: Int
    let line: Int
    let customer: UInt64
    let month: Month
  }

  private static let sequenceBits: UInt64 = 28
  static let sequenceLimit = 1 << 28

  let panel: HoldingsPanel
  let duplicateCount: Int
  /// The first duplicates in the order of the input, at most ``ImportReport/reasonLimit``.
  let firstDuplicates: [Duplicate]

  /// Sorts the rows of all workers, whose stores are emptied; `sequences` gives, for each worker
  /// and block, the block's place in the order of the input.
  init(
    workers: [SantanderWorker], order: CustomerOrder, sequences: [[Int]], parts: Int
  ) throws(ImportError) {
    let total = workers.reduce(0) { $0 + $1.rows.count }
    guard total < Int(UInt32.max) else {
      throw .tooManyRows(actual: total, limit: Int(UInt32.max) - 1)
    }
    let offsets = WorkBuffer<UInt32>(count: order.count + 1)
    let cursors = Self.cursors(workers, order, offsets)
    let keys = WorkBuffer<UInt64>(count: total)
    let held = WorkBuffer<UInt64>(count: total)
    Parallel.run(workers.count) { index in
      Self.scatter(workers[index], sequences[index], cursors[index], keys, held)
    }
    let ranges = Parallel.ranges(order.count, parts: parts)
    let summaries = WorkBuffer<Summary>(repeating: Summary(), count: parts)
    Parallel.run(parts) { part in
      summaries.base[part] = Self.sort(ranges[part], offsets, keys, held)
    }
    let all = UnsafeBufferPointer(start: summaries.base, count: parts)
    let first = all.map(\.firstMonth).min() ?? 0
    let last = all.map(\.lastMonth).max() ?? 0
    let firstMonth = Month(number: first + PackedRow.firstMonthNumber)
    guard last - first < HoldingsPanel.monthLimit else {
      throw .tooManyMonths(
        first: firstMonth, last: firstMonth.advanced(by: last - first),
        limit: HoldingsPanel.monthLimit)
    }
    duplicateCount = all.reduce(0) { $0 + $1.duplicates }
    firstDuplicates =
      duplicateCount == 0 ? [] : Self.removeDuplicates(order, offsets, keys, held)
    let rows = Int(offsets.base[order.count])
    let monthIndexes = WorkBuffer<UInt8>(count: rows)
    let flags = WorkBuffer<UInt8>(count: rows)
    for row in 0..<rows {
      monthIndexes.base[row] = UInt8(Self.month(keys.base[row]) - first)
      flags.base[row] = UInt8(keys.base[row] & 1) * HoldingsPanel.activeFlag
    }
    panel = HoldingsPanel(
      firstMonth: firstMonth, monthCount: last - first + 1, offsets: offsets.column,
      monthIndexes: monthIndexes.column, flags: flags.column,
      heldRows: held, count: rows)
  }

  /// What one thread has seen while it sorted.
  private struct Summary: BitwiseCopyable, Sendable {
    var firstMonth = Int.max
    var lastMonth = Int.min
    var duplicates = 0
  }

  /// A sort key: month, then place in the input (block, line), then the active bit.
  private static func key(_ row: PackedRow, sequence: Int) -> UInt64 {
    UInt64(row.month) << 52 | UInt64(sequence) << 24 | UInt64(row.line) << 1
      | (row.isActive ? 1 : 0)
  }

  private static func month(_ key: UInt64) -> Int { Int(key >> 52) }

  /// Fills the offsets and says where each worker's rows of each of its customers go.
  private static func cursors(
    _ workers: [SantanderWorker], _ order: CustomerOrder, _ offsets: WorkBuffer<UInt32>
  ) -> [WorkBuffer<UInt32>] {
    let cursors = workers.map { WorkBuffer<UInt32>(count: $0.records.count) }
    var position: UInt32 = 0
    for customer in 0..<order.count {
      offsets.base[customer] = position
      for index in order.entries(of: customer) {
        let entry = order.entries.base[index]
        cursors[Int(entry.worker)].base[Int(entry.local)] = position
        position += workers[Int(entry.worker)].records[Int(entry.local)].pointee.rowCount
      }
    }
    offsets.base[order.count] = position
    return cursors
  }

  private static func scatter(
    _ worker: SantanderWorker, _ sequences: [Int], _ cursors: WorkBuffer<UInt32>,
    _ keys: WorkBuffer<UInt64>, _ held: WorkBuffer<UInt64>
  ) {
    for (block, sequence) in zip(worker.blocks, sequences) {
      for index in block.firstRow..<block.firstRow + block.rowCount {
        let row = worker.rows[index]
        let position = Int(cursors.base[row.customer])
        cursors.base[row.customer] += 1
        keys.base[position] = key(row, sequence: sequence)
        held.base[position] = row.held
      }
    }
    worker.rows.removeAll()
  }

  /// Sorts the rows of each customer of a range by key.
  private static func sort(
    _ customers: Range<Int>, _ offsets: WorkBuffer<UInt32>, _ keys: WorkBuffer<UInt64>,
    _ held: WorkBuffer<UInt64>
  ) -> Summary {
    var summary = Summary()
    for customer in customers {
      let start = Int(offsets.base[customer])
      let end = Int(offsets.base[customer + 1])
      if end - start > 256 {
        sortMany(start..<end, keys, held)
      } else {
        insertionSort(start..<end, keys, held)
      }
      summary.firstMonth = min(summary.firstMonth, month(keys.base[start]))
      summary.lastMonth = max(summary.lastMonth, month(keys.base[end - 1]))
      for row in start + 1..<max(end, start + 1)
      where month(keys.base[row]) == month(keys.base[row - 1]) {
        summary.duplicates += 1
      }
    }
    return summary
  }

  private static func insertionSort(
    _ rows: Range<Int>, _ keys: WorkBuffer<UInt64>, _ held: WorkBuffer<UInt64>
  ) {
    for row in rows.dropFirst() {
      let key = keys.base[row]
      guard key < keys.base[row - 1] else { continue }
      let holdings = held.base[row]
      var position = row
      while position > rows.lowerBound && keys.base[position - 1] > key {
        keys.base[position] = keys.base[position - 1]
        held.base[position] = held.base[position - 1]
        position -= 1
      }
      keys.base[position] = key
      held.base[position] = holdings
    }
  }

  /// More rows than months: a file that repeats one customer must not take quadratic time.
  private static func sortMany(
    _ rows: Range<Int>, _ keys: WorkBuffer<UInt64>, _ held: WorkBuffer<UInt64>
  ) {
    let sorted = rows.map { (keys.base[$0], held.base[$0]) }.sorted { $0.0 < $1.0 }
    for (row, pair) in zip(rows, sorted) {
      keys.base[row] = pair.0
      held.base[row] = pair.1
    }
  }

  /// The duplicates that come first in the input; no others are told of.
  private static func first(_ duplicates: [Duplicate]) -> [Duplicate] {
    Array(
      duplicates.sorted { ($0.sequence, $0.line) < ($1.sequence, $1.line) }
        .prefix(ImportReport.reasonLimit))
  }

  /// Keeps the first row of each customer and month in the order of the input.
  private static func removeDuplicates(
    _ order: CustomerOrder, _ offsets: WorkBuffer<UInt32>, _ keys: WorkBuffer<UInt64>,
    _ held: WorkBuffer<UInt64>
  ) -> [Duplicate] {
    var duplicates: [Duplicate] = []
    var target = 0
    for customer in 0..<order.count {
      let rows = Int(offsets.base[customer])..<Int(offsets.base[customer + 1])
      offsets.base[customer] = UInt32(target)
      for row in rows {
        let key = keys.base[row]
        if row > rows.lowerBound && month(keys.base[target - 1]) == month(key) {
          duplicates.append(
            Duplicate(
              sequence: Int(key >> 24) & (sequenceLimit - 1),
              line: Int(key >> 1) & (1 << Int(PackedRow.lineBits) - 1),
              customer: order.entries.base[Int(order.starts[customer])].identifier,
              month: Month(number: month(key) + PackedRow.firstMonthNumber)))
        } else {
          keys.base[target] = key
          held.base[target] = held.base[row]
          target += 1
        }
      }
      if duplicates.count > 4096 { duplicates = first(duplicates) }
    }
    offsets.base[order.count] = UInt32(target)
    return first(duplicates)
  }
}

extension HoldingsPanel {
  /// A panel whose holdings are the first `count` values of a buffer, which may have more.
  fileprivate init(
    firstMonth: Month, monthCount: Int, offsets: Column<UInt32>, monthIndexes: Column<UInt8>,
    flags: Column<UInt8>, heldRows: WorkBuffer<UInt64>, count: Int
  ) {
    self.init(
      firstMonth: firstMonth, monthCount: monthCount, offsets: offsets,
      monthIndexes: monthIndexes,
      held: Column(
        buffer: UnsafeBufferPointer(start: heldRows.base, count: count), owner: heldRows),
      flags: flags)
  }
}
