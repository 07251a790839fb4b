internal import InteractionData
internal import TensorFiles

/// Orders customers, items and rows, and makes the dataset of them.
struct InteractionsAssembly {
  let events: EventRows
  let users: MetadataTable?
  let items: MetadataTable?
  let usersFile: String
  let itemsFile: String
  var report: ImportReport

  mutating func result(interactionsFile: String) throws(ImportError) -> ImportResult {
    let customerOrder = events.users.sortedIndexes()
    let itemOrder = events.items.sortedIndexes()
    let customerPositions = Self.inverse(customerOrder)
    let itemPositions = Self.inverse(itemOrder)
    let types = try eventTypes(file: interactionsFile)
    let table = interactions(customerPositions, itemPositions, types)
    let attributes = users.map {
      AttributeTable(
        columns: $0.columns(
          excluding: [], positions: customerPositions, warnings: &report.warnings,
          file: usersFile))
    }
    let catalogue = catalogue(itemOrder, itemPositions)
    let panel = try PanelDerivation.derive(from: table, items: catalogue.count)
    report.customers = customerOrder.count
    report.items = catalogue.count
    report.interactions = table.count
    report.months = panel?.panel.monthCount ?? 0
    report.acquisitions =
      panel?.acquisitions ?? table.count(ofEventType: EventType.acquired)
    report.drops = panel?.drops ?? table.count(ofEventType: EventType.dropped)
    let dataset = Dataset(
      customers: Self.identifiers(events.users, customerOrder),
      customerAttributes: attributes ?? AttributeTable(), items: catalogue,
      interactions: table, panel: panel?.panel)
    return ImportResult(dataset: dataset, report: report)
  }

  private static func inverse(_ order: [Int]) -> [Int] {
    var positions = [Int](repeating: 0, count: order.count)
    for (position, index) in order.enumerated() { positions[index] = position }
    return positions
  }

  private static func identifiers(_ texts: TextInterner, _ order: [Int]) -> IdentifierTable {
    var bytes: [UInt8] = []
    var offsets: [UInt32] = [0]
    bytes.reserveCapacity(texts.bytes.count)
    for index in order {
      bytes.append(contentsOf: texts[index])
      offsets.append(UInt32(bytes.count))
    }
    return IdentifierTable(bytes: Column(bytes), offsets: Column(offsets))
  }

  /// The names of all event types, and the code of each type of the file.
  private func eventTypes(
    file: String
  ) throws(ImportError) -> (names: [String], codes: [UInt8]) {
    let texts = (0..<events.types.count).map { String(decoding: events.types[$0], as: UTF8.self) }
    let isFixed = Set(EventType.fixedNames)
    let others = Set(texts.filter { !isFixed.contains($0.lowercased()) }).sorted {
      $0.utf8.lexicographicallyPrecedes($1.utf8)
    }
    let names = EventType.fixedNames + others
    guard names.count <= EventType.limit else {
      throw .tooManyEventTypes(file: file, actual: names.count, limit: EventType.limit)
    }
    let codes = texts.map { text in
      UInt8(names.firstIndex(of: text) ?? names.firstIndex(of: text.lowercased()) ?? 0)
    }
    return (names, codes)
  }

  /// The rows by customer and time; rows of the same second keep the file's order.
  private func interactions(
    _ customerPositions: [Int], _ itemPositions: [Int], _ types: (names: [String], codes: [UInt8])
  ) -> InteractionTable {
    var offsets = [UInt32](repeating: 0, count: customerPositions.count + 1)
    for user in events.userIndexes { offsets[customerPositions[Int(user)] + 1] += 1 }
    for customer in customerPositions.indices { offsets[customer + 1] += offsets[customer] }
    var cursors = offsets
    var order = [UInt32](repeating: 0, count: events.count)
    for (row, user) in events.userIndexes.enumerated() {
      let customer = customerPositions[Int(user)]
      order[Int(cursors[customer])] = UInt32(row)
      cursors[customer] += 1
    }
    let timestamps = events.timestamps
    for customer in customerPositions.indices {
      order[Int(offsets[customer])..<Int(offsets[customer + 1])].sort {
        (timestamps[Int($0)], $0) < (timestamps[Int($1)], $1)
      }
    }
    return InteractionTable(
      offsets: Column(offsets),
      itemIndexes: Column(order.map { UInt32(itemPositions[Int(events.itemIndexes[Int($0)])]) }),
      timestamps: Column(order.map { timestamps[Int($0)] }),
      eventTypes: Column(order.map { types.codes[Int(events.typeIndexes[Int($0)])] }),
      values: Column(events.hasValues ? order.map { events.values[Int($0)] } : []),
      eventTypeNames: types.names)
  }

  private mutating func catalogue(_ order: [Int], _ positions: [Int]) -> ItemCatalogue {
    let identifiers = Self.identifiers(events.items, order)
    guard let items else { return ItemCatalogue(identifiers: identifiers) }
    let upper = items.names.map { $0.uppercased() }
    let created = upper.firstIndex(of: "CREATION_TIMESTAMP")
    let name = upper.firstIndex(of: "NAME") ?? upper.firstIndex(of: "TITLE")
    var names = identifiers.all
    var times = [Int64](repeating: .min, count: created == nil ? 0 : order.count)
    for (row, identifier) in items.identifiers.enumerated() {
      if let name, !items.text(column: name, row: row).isEmpty {
        names[positions[identifier]] = String(
          decoding: items.text(column: name, row: row), as: UTF8.self)
      }
      if let created {
        let time = Array(items.text(column: created, row: row))
          .withUnsafeBufferPointer(TimestampText.seconds)
        if time.reason == nil { times[positions[identifier]] = time.seconds }
      }
    }
    let attributes = items.columns(
      excluding: Set([created, name].compactMap { $0 }), positions: positions,
      warnings: &report.warnings, file: itemsFile)
    return ItemCatalogue(
      identifiers: identifiers, names: names, creationTimes: Column(times),
      attributes: AttributeTable(columns: attributes))
  }
}
