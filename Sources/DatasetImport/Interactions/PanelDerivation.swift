internal import InteractionData
internal import TensorFiles

/// Derives monthly holdings from events, where a panel can hold them.
struct PanelDerivation {
  let panel: HoldingsPanel
  /// Items not held in one month and held in the next, the customer's first month apart.
  let acquisitions: Int
  let drops: Int

  /// The panel of the events; nil when there are too many items or months, or a single month.
  static func derive(
    from table: InteractionTable, items: Int
  ) throws(ImportError) -> PanelDerivation? {
    guard items <= HoldingsPanel.itemLimit, let earliest = table.timestamps.buffer.min(),
      let latest = table.timestamps.buffer.max()
    else { return nil }
    let first = Month(secondsSince1970: earliest)
    let monthCount = Month(secondsSince1970: latest).distance(from: first) + 1
    guard (2...HoldingsPanel.monthLimit).contains(monthCount) else { return nil }
    var rows = Rows(table: table, firstMonth: first, monthCount: monthCount)
    for customer in 0..<table.offsets.count - 1 { rows.add(customer) }
    guard rows.held.count < Int(UInt32.max) else {
      throw .tooManyRows(actual: rows.held.count, limit: Int(UInt32.max) - 1)
    }
    return PanelDerivation(
      panel: HoldingsPanel(
        firstMonth: first, monthCount: monthCount, offsets: Column(rows.offsets),
        monthIndexes: Column(rows.monthIndexes), held: Column(rows.held),
        flags: Column(rows.flags)),
      acquisitions: rows.acquisitions, drops: rows.drops)
  }

  private struct Rows {
    let table: InteractionTable
    let firstMonth: Month
    let monthCount: Int
    let speaksForItem: [Bool]
    var offsets: [UInt32] = [0]
    var monthIndexes: [UInt8] = []
    var held: [UInt64] = []
    var flags: [UInt8] = []
    var acquisitions = 0
    var drops = 0

    init(table: InteractionTable, firstMonth: Month, monthCount: Int) {
      self.table = table
      self.firstMonth = firstMonth
      self.monthCount = monthCount
      speaksForItem = table.positiveEventTypes
    }

    private func month(of row: Int) -> Int {
      Month(secondsSince1970: table.timestamps[row]).distance(from: firstMonth)
    }

    mutating func add(_ customer: Int) {
      let events = table.rows(of: customer)
      var row = events.lowerBound
      var holdings: UInt64 = 0
      let begins = events.isEmpty ? monthCount : month(of: row)
      for current in begins..<monthCount {
        let previous = holdings
        var isActive = false
        while row < events.upperBound && month(of: row) == current {
          let bit = UInt64(1) << UInt64(table.itemIndexes[row])
          if table.eventTypes[row] == EventType.dropped {
            holdings &= ~bit
          } else if speaksForItem[Int(table.eventTypes[row])] {
            holdings |= bit
          }
          isActive = true
          row += 1
        }
        if current > begins {
          acquisitions += (holdings & ~previous).nonzeroBitCount
          drops += (previous & ~holdings).nonzeroBitCount
        }
        monthIndexes.append(UInt8(current))
        held.append(holdings)
        flags.append(isActive ? HoldingsPanel.activeFlag : 0)
      }
      offsets.append(UInt32(held.count))
    }
  }
}
