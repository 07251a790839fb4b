internal import TensorFiles

extension Dataset {
  /// The dataset as it was at the end of a month: later rows are left out, customers keep their
  /// indexes (those who came later have no rows).
  ///
  /// Attributes stay as of the last month imported, because only those are stored. A model that is
  /// evaluated on the last month thus knows, say, a customer's segment of that month, as it does
  /// where a bank predicts a month whose customer file it has already.
  public func truncated(through month: Month) -> Dataset {
    let limit = month.advanced(by: 1).secondsSince1970()
    let events = interactions
    let kept = RowSelection(offsets: events.offsets) { events.timestamps[$0] < limit }
    let values = events.values
    let truncatedEvents = InteractionTable(
      offsets: kept.offsets, itemIndexes: kept.gather(events.itemIndexes),
      timestamps: kept.gather(events.timestamps), eventTypes: kept.gather(events.eventTypes),
      values: values.isEmpty ? values : kept.gather(values),
      eventTypeNames: events.eventTypeNames)
    return Dataset(
      customers: customers, customerAttributes: customerAttributes, items: items,
      interactions: truncatedEvents, panel: panel?.truncated(through: month))
  }
}

extension HoldingsPanel {
  /// The panel's rows up to a month, that month included.
  func truncated(through month: Month) -> HoldingsPanel {
    let count = min(monthCount, max(month.distance(from: firstMonth) + 1, 0))
    let kept = RowSelection(offsets: offsets) { Int(monthIndexes[$0]) < count }
    return HoldingsPanel(
      firstMonth: firstMonth, monthCount: count, offsets: kept.offsets,
      monthIndexes: kept.gather(monthIndexes), held: kept.gather(held), flags: kept.gather(flags))
  }
}

/// The rows of a grouped table that pass a test.
private struct RowSelection {
  let offsets: Column<UInt32>
  private let rows: [UInt32]

  init(offsets: Column<UInt32>, keep: (Int) -> Bool) {
    var rows: [UInt32] = []
    rows.reserveCapacity(Int(offsets[offsets.count - 1]))
    self.offsets = Column(count: offsets.count) { newOffsets in
      for group in 0..<offsets.count - 1 {
        for row in Int(offsets[group])..<Int(offsets[group + 1]) where keep(row) {
          rows.append(UInt32(row))
        }
        newOffsets[group + 1] = UInt32(rows.count)
      }
    }
    self.rows = rows
  }

  func gather<Element>(_ column: Column<Element>) -> Column<Element> {
    Column(count: rows.count) { destination in
      for (index, row) in rows.enumerated() { destination[index] = column[Int(row)] }
    }
  }
}
