internal import TensorFiles

extension DatasetFile {
  /// The names of the tensors, in one place for writer and reader.
  enum TensorName {
    static let customerIDs = "customer_ids"
    static let itemIDs = "item_ids"
    static let itemNames = "item_names"
    static let itemCreationTimes = "items.creation_times"
    static let customerAttribute = "customer_attributes."
    static let itemAttribute = "item_attributes."
  }

  static func describe(_ dataset: Dataset) -> DatasetDescription {
    DatasetDescription(
      customers: dataset.customers.count, items: dataset.items.count,
      interactions: dataset.interactions.count,
      eventTypes: dataset.interactions.eventTypeNames,
      firstMonth: dataset.panel?.firstMonth.description,
      monthCount: dataset.panel?.monthCount,
      customerAttributes: describe(dataset.customerAttributes),
      itemAttributes: describe(dataset.items.attributes))
  }

  private static func describe(_ table: AttributeTable) -> [DatasetDescription.Attribute] {
    table.columns.map { column in
      switch column.values {
      case .categorical(_, let categories): .init(name: column.name, categories: categories)
      case .numeric: .init(name: column.name, categories: nil)
      }
    }
  }

  static func addTensors(of dataset: Dataset, to writer: inout SafetensorsWriter) {
    add(dataset.customers, TensorName.customerIDs, to: &writer)
    add(dataset.items.identifiers, TensorName.itemIDs, to: &writer)
    addText(dataset.items.names, TensorName.itemNames, to: &writer)
    if !dataset.items.creationTimes.isEmpty {
      writer.add(TensorName.itemCreationTimes, dataset.items.creationTimes)
    }
    add(dataset.customerAttributes, TensorName.customerAttribute, to: &writer)
    add(dataset.items.attributes, TensorName.itemAttribute, to: &writer)
    let interactions = dataset.interactions
    writer.add("interactions.offsets", interactions.offsets)
    writer.add("interactions.items", interactions.itemIndexes)
    writer.add("interactions.timestamps", interactions.timestamps)
    writer.add("interactions.event_types", interactions.eventTypes)
    if !interactions.values.isEmpty { writer.add("interactions.values", interactions.values) }
    if let panel = dataset.panel {
      writer.add("panel.offsets", panel.offsets)
      writer.add("panel.months", panel.monthIndexes)
      writer.add("panel.held", panel.held)
      writer.add("panel.flags", panel.flags)
    }
  }

  /// Names may repeat, so they are no identifiers.
  private static func addText(
    _ texts: [String], _ name: String, to writer: inout SafetensorsWriter
  ) {
    var bytes: [UInt8] = []
    var offsets: [UInt32] = [0]
    for text in texts {
      bytes.append(contentsOf: text.utf8)
      offsets.append(UInt32(bytes.count))
    }
    writer.add("\(name).bytes", Column(bytes))
    writer.add("\(name).offsets", Column(offsets))
  }

  private static func add(
    _ table: IdentifierTable, _ name: String, to writer: inout SafetensorsWriter
  ) {
    writer.add("\(name).bytes", table.bytes)
    writer.add("\(name).offsets", table.offsets)
  }

  private static func add(
    _ table: AttributeTable, _ prefix: String, to writer: inout SafetensorsWriter
  ) {
    for column in table.columns {
      switch column.values {
      case .categorical(let codes, _): writer.add(prefix + column.name, codes)
      case .numeric(let numbers): writer.add(prefix + column.name, numbers)
      }
    }
  }

  static func read(
    _ file: SafetensorsFile, _ description: DatasetDescription, path: String
  ) throws -> Dataset {
    try DatasetCheck.check(description, path: path)
    let customers = try identifiers(file, TensorName.customerIDs, description.customers, path)
    let itemIDs = try identifiers(file, TensorName.itemIDs, description.items, path)
    let names = try text(file, TensorName.itemNames, description.items, path)
    let itemNames = (0..<description.items).map { index in
      String(
        decoding: names.bytes.slice(
          Int(names.offsets[index])..<Int(names.offsets[index + 1])), as: UTF8.self)
    }
    var creationTimes: Column<Int64>?
    if file.tensors[TensorName.itemCreationTimes] != nil {
      creationTimes = try file.column(
        TensorName.itemCreationTimes, as: Int64.self, shape: [description.items])
    }
    let items = ItemCatalogue(
      identifiers: itemIDs, names: itemNames, creationTimes: creationTimes,
      attributes: try attributes(
        file, TensorName.itemAttribute, description.itemAttributes, description.items))
    let rows = description.interactions
    let hasValues = file.tensors["interactions.values"] != nil
    let interactions = InteractionTable(
      offsets: try offsets(file, "interactions", description.customers, rows, path),
      itemIndexes: try file.column("interactions.items", as: UInt32.self, shape: [rows]),
      timestamps: try file.column("interactions.timestamps", as: Int64.self, shape: [rows]),
      eventTypes: try file.column("interactions.event_types", as: UInt8.self, shape: [rows]),
      values: hasValues
        ? try file.column("interactions.values", as: Float.self, shape: [rows]) : Column([]),
      eventTypeNames: description.eventTypes)
    let dataset = Dataset(
      customers: customers,
      customerAttributes: try attributes(
        file, TensorName.customerAttribute, description.customerAttributes,
        description.customers),
      items: items, interactions: interactions, panel: try panel(file, description, path))
    try DatasetCheck.check(dataset, path: path)
    return dataset
  }

  private static func panel(
    _ file: SafetensorsFile, _ description: DatasetDescription, _ path: String
  ) throws -> HoldingsPanel? {
    guard let text = description.firstMonth, let monthCount = description.monthCount else {
      return nil
    }
    guard let firstMonth = Month(text), (0...HoldingsPanel.monthLimit).contains(monthCount),
      description.items <= HoldingsPanel.itemLimit
    else {
      throw TensorFileError.malformed(
        path: path, reason: "a panel of \(monthCount) months from \(text) on")
    }
    let held = try file.column("panel.held", as: UInt64.self)
    return HoldingsPanel(
      firstMonth: firstMonth, monthCount: monthCount,
      offsets: try offsets(file, "panel", description.customers, held.count, path),
      monthIndexes: try file.column("panel.months", as: UInt8.self, shape: [held.count]),
      held: held, flags: try file.column("panel.flags", as: UInt8.self, shape: [held.count]))
  }

  private static func offsets(
    _ file: SafetensorsFile, _ name: String, _ groups: Int, _ rows: Int, _ path: String
  ) throws -> Column<UInt32> {
    let offsets = try file.column("\(name).offsets", as: UInt32.self, shape: [groups + 1])
    try check(offsets, end: rows, name: name, path: path)
    return offsets
  }

  private static func identifiers(
    _ file: SafetensorsFile, _ name: String, _ count: Int, _ path: String
  ) throws -> IdentifierTable {
    let (bytes, offsets) = try text(file, name, count, path)
    return IdentifierTable(bytes: bytes, offsets: offsets)
  }

  private static func text(
    _ file: SafetensorsFile, _ name: String, _ count: Int, _ path: String
  ) throws -> (bytes: Column<UInt8>, offsets: Column<UInt32>) {
    let bytes = try file.column("\(name).bytes", as: UInt8.self)
    let offsets = try file.column("\(name).offsets", as: UInt32.self, shape: [count + 1])
    try check(offsets, end: bytes.count, name: name, path: path)
    return (bytes, offsets)
  }

  /// Offsets index memory without further checks later, so they are checked once here.
  private static func check(
    _ offsets: Column<UInt32>, end: Int, name: String, path: String
  ) throws(TensorFileError) {
    var previous: UInt32 = 0
    for offset in offsets.buffer {
      guard offset >= previous else {
        throw .malformed(path: path, reason: "the offsets of \"\(name)\" are out of order")
      }
      previous = offset
    }
    guard Int(previous) == end, offsets[0] == 0 else {
      throw .malformed(
        path: path, reason: "the offsets of \"\(name)\" end at \(previous), not \(end)")
    }
  }

  private static func attributes(
    _ file: SafetensorsFile, _ prefix: String, _ columns: [DatasetDescription.Attribute],
    _ count: Int
  ) throws -> AttributeTable {
    AttributeTable(
      columns: try columns.map { column in
        if let categories = column.categories {
          let codes = try file.column(prefix + column.name, as: UInt16.self, shape: [count])
          return AttributeColumn(
            name: column.name, values: .categorical(codes: codes, categories: categories))
        }
        let numbers = try file.column(prefix + column.name, as: Float.self, shape: [count])
        return AttributeColumn(name: column.name, values: .numeric(numbers))
      })
  }
}
