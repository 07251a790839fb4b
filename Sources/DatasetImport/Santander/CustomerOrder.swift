internal import InteractionData
internal import TensorFiles

/// All workers' customers in the order of their identifiers, each once.
struct CustomerOrder: Sendable {
  /// One worker's record of a customer.
  struct Entry: BitwiseCopyable, Sendable {
    var identifier: UInt64
    var worker: UInt32
    var local: UInt32
  }

  /// Every worker's records, ascending by identifier, then worker.
  let entries: WorkBuffer<Entry>
  /// Where each customer's entries begin. `[customers + 1]`
  let starts: [UInt32]

  var count: Int { starts.count - 1 }

  init(_ workers: [SantanderWorker]) {
    let total = workers.reduce(0) { $0 + $1.records.count }
    let unsorted = WorkBuffer<Entry>(count: total)
    var position = 0
    for (worker, records) in workers.map(\.records).enumerated() {
      for local in 0..<records.count {
        (unsorted.base + position).initialize(
          to: Entry(
            identifier: records[local].pointee.identifier, worker: UInt32(worker),
            local: UInt32(local)))
        position += 1
      }
    }
    entries = Self.sorted(unsorted)
    var starts: [UInt32] = []
    starts.reserveCapacity(total / max(workers.count, 1) + 1)
    for index in 0..<total
    where index == 0 || entries.base[index].identifier != entries.base[index - 1].identifier {
      starts.append(UInt32(index))
    }
    starts.append(UInt32(total))
    self.starts = starts
  }

  /// The entries of a customer.
  func entries(of customer: Int) -> Range<Int> {
    Int(starts[customer])..<Int(starts[customer + 1])
  }

  /// Sorts by identifier, 16 bits at a time from the lowest, which keeps the workers' order.
  private static func sorted(_ unsorted: WorkBuffer<Entry>) -> WorkBuffer<Entry> {
    var from = unsorted
    var to = WorkBuffer<Entry>(count: unsorted.count)
    var highest: UInt64 = 0
    for index in 0..<from.count { highest |= from.base[index].identifier }
    var shift: UInt64 = 0
    while shift < 64 && highest >> shift != 0 {
      var positions = [Int](repeating: 0, count: 65_537)
      for index in 0..<from.count {
        positions[Int(truncatingIfNeeded: from.base[index].identifier >> shift) & 0xFFFF + 1] += 1
      }
      for digit in 1...65_536 { positions[digit] += positions[digit - 1] }
      for index in 0..<from.count {
        let entry = from.base[index]
        let digit = Int(truncatingIfNeeded: entry.identifier >> shift) & 0xFFFF
        (to.base + positions[digit]).initialize(to: entry)
        positions[digit] += 1
      }
      swap(&from, &to)
      shift += 16
    }
    return from
  }

  /// The identifiers as decimal text.
  func identifierTable() -> IdentifierTable {
    var bytes: [UInt8] = []
    var offsets: [UInt32] = [0]
    bytes.reserveCapacity(count * 8)
    offsets.reserveCapacity(count + 1)
    var digits = [UInt8](repeating: 0, count: 20)
    for customer in 0..<count {
      var value = entries.base[Int(starts[customer])].identifier
      var used = 0
      repeat {
        digits[19 - used] = UInt8(0x30 + value % 10)
        value /= 10
        used += 1
      } while value > 0
      bytes.append(contentsOf: digits[(20 - used)...])
      offsets.append(UInt32(bytes.count))
    }
    return IdentifierTable(bytes: Column(bytes), offsets: Column(offsets))
  }
}
