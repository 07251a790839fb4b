public import InteractionData
internal import TensorFiles

/// Small datasets written by hand.
public enum DatasetFixture {
  /// A panel that begins in 2015-01.
  ///
  /// - Parameters:
  ///   - itemCount: the number of items, named `i0`, `i1`, ….
  ///   - customers: for each customer (named `c0`, `c1`, …) the holdings of each month, bit `i` for
  ///     item `i`; nil for a month without a row.
  ///   - attributes: attributes of the customers.
  /// - Returns: the dataset, its interactions derived from the panel.
  public static func panel(
    itemCount: Int, customers: [[UInt64?]], attributes: AttributeTable = AttributeTable()
  ) -> Dataset {
    let firstMonth = Month(year: 2015, month: 1)
    var offsets: [UInt32] = [0]
    var months: [UInt8] = []
    var held: [UInt64] = []
    var events = EventColumns()
    for rows in customers {
      var previous: UInt64?
      for (month, row) in rows.enumerated() {
        guard let row else { continue }
        months.append(UInt8(month))
        held.append(row)
        let timestamp = firstMonth.advanced(by: month).secondsSince1970(day: 28)
        for item in 0..<itemCount {
          let bit: UInt64 = 1 << UInt64(item)
          let isHeld = row & bit != 0
          if let previous {
            let wasHeld = previous & bit != 0
            if isHeld && !wasHeld { events.add(item, timestamp, EventType.acquired) }
            if !isHeld && wasHeld { events.add(item, timestamp, EventType.dropped) }
          } else if isHeld {
            events.add(item, timestamp, EventType.opening)
          }
        }
        previous = row
      }
      offsets.append(UInt32(held.count))
      events.endCustomer()
    }
    let monthCount = customers.map(\.count).max() ?? 0
    return Dataset(
      customers: IdentifierTable(customers.indices.map { "c\($0)" }),
      customerAttributes: attributes,
      items: ItemCatalogue(identifiers: IdentifierTable((0..<itemCount).map { "i\($0)" })),
      interactions: events.table(EventType.fixedNames),
      panel: HoldingsPanel(
        firstMonth: firstMonth, monthCount: monthCount, offsets: Column(offsets),
        monthIndexes: Column(months), held: Column(held),
        flags: Column([UInt8](repeating: HoldingsPanel.activeFlag, count: held.count))))
  }

  /// Interactions without a panel, one a day from 2015-01-01 on for each customer.
  ///
  /// - Parameters:
  ///   - itemCount: the number of items, named `i0`, `i1`, ….
  ///   - customers: for each customer (named `c0`, `c1`, …) the items in time order.
  ///   - attributes: attributes of the items.
  /// - Returns: the dataset.
  public static func interactions(
    itemCount: Int, customers: [[Int]], attributes: AttributeTable = AttributeTable()
  ) -> Dataset {
    var events = EventColumns()
    for items in customers {
      for (day, item) in items.enumerated() {
        events.add(
          item, Month(year: 2015, month: 1).secondsSince1970() + Int64(day) * 86_400, 3)
      }
      events.endCustomer()
    }
    return Dataset(
      customers: IdentifierTable(customers.indices.map { "c\($0)" }),
      items: ItemCatalogue(
        identifiers: IdentifierTable((0..<itemCount).map { "i\($0)" }), attributes: attributes),
      interactions: events.table(EventType.fixedNames + ["interaction"]), panel: nil)
  }

  /// A categorical attribute from a text for each row; nil where nothing is known.
  public static func categories(_ name: String, _ texts: [String?]) -> AttributeColumn {
    let categories = Set(texts.compactMap { $0 }).sorted()
    let codes = texts.map { text in
      text.flatMap { categories.firstIndex(of: $0) }.map { UInt16($0) }
        ?? AttributeColumn.missingCode
    }
    return AttributeColumn(
      name: name, values: .categorical(codes: Column(codes), categories: categories))
  }

  /// A numeric attribute; NaN where nothing is known.
  public static func numbers(_ name: String, _ numbers: [Float]) -> AttributeColumn {
    AttributeColumn(name: name, values: .numeric(Column(numbers)))
  }

  private struct EventColumns {
    var offsets: [UInt32] = [0]
    var items: [UInt32] = []
    var timestamps: [Int64] = []
    var types: [UInt8] = []

    mutating func add(_ item: Int, _ timestamp: Int64, _ type: UInt8) {
      items.append(UInt32(item))
      timestamps.append(timestamp)
      types.append(type)
    }

    mutating func endCustomer() { offsets.append(UInt32(items.count)) }

    func table(_ names: [String]) -> InteractionTable {
      InteractionTable(
        offsets: Column(offsets), itemIndexes: Column(items), timestamps: Column(timestamps),
        eventTypes: Column(types), eventTypeNames: names)
    }
  }
}
