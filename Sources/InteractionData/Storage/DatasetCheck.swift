internal import TensorFiles

/// Checks once, when a dataset is opened, what everything later indexes memory by.
///
/// Checksums tell damage; these checks tell a file that another program wrote wrongly.
enum DatasetCheck {
  /// The times that are told apart, in seconds since 1970: any two of them have a difference, in
  /// milliseconds too. Some 285,000 years either way.
  private static let secondsRange: ClosedRange<Int64> = -(1 << 43)...(1 << 43)

  /// Checks the counts before anything is looked for by them.
  static func check(_ description: DatasetDescription, path: String) throws(TensorFileError) {
    for count in [description.customers, description.items, description.interactions] {
      try require(
        (0...Int(UInt32.max)).contains(count), path, "it is to hold \(count) of something")
    }
  }

  static func check(_ dataset: Dataset, path: String) throws(TensorFileError) {
    let interactions = dataset.interactions
    try require(
      Array(interactions.eventTypeNames.prefix(3)) == EventType.fixedNames
        && interactions.eventTypeNames.count <= EventType.limit,
      path, "its event types are not \(EventType.fixedNames) and at most \(EventType.limit) in all")
    try require(
      (interactions.itemIndexes.buffer.max() ?? 0) < max(dataset.items.count, 1), path,
      "an interaction is with an item that is not in the catalogue")
    try require(
      (interactions.eventTypes.buffer.max() ?? 0) < interactions.eventTypeNames.count, path,
      "an interaction has an event type without a name")
    let (earliest, latest) = interactions.timestamps.buffer.reduce((Int64(0), Int64(0))) {
      (min($0.0, $1), max($0.1, $1))
    }
    try require(
      secondsRange.contains(earliest) && secondsRange.contains(latest), path,
      "an interaction is dated past every calendar")
    try require(
      dataset.items.creationTimes.buffer.allSatisfy { $0 == .min || secondsRange.contains($0) },
      path, "an item is dated past every calendar")
    try check(dataset.customerAttributes, path: path)
    try check(dataset.items.attributes, path: path)
    if let panel = dataset.panel { try check(panel, itemCount: dataset.items.count, path: path) }
  }

  private static func check(
    _ panel: HoldingsPanel, itemCount: Int, path: String
  ) throws(TensorFileError) {
    let held = panel.held.buffer.reduce(0, |)
    try require(
      itemCount >= 64 || held >> UInt64(itemCount) == 0, path,
      "the panel holds items that are not in the catalogue")
    var ascends = (panel.monthIndexes.buffer.max() ?? 0) < max(panel.monthCount, 1)
    for customer in 0..<panel.offsets.count - 1 {
      for row in panel.rows(of: customer).dropFirst() {
        ascends = ascends && panel.monthIndexes[row - 1] < panel.monthIndexes[row]
      }
    }
    try require(ascends, path, "the months of a customer are out of order or past the last")
  }

  private static func check(_ table: AttributeTable, path: String) throws(TensorFileError) {
    for column in table.columns {
      guard case .categorical(let codes, let categories) = column.values else { continue }
      let isKnown = codes.buffer.allSatisfy {
        Int($0) < categories.count || $0 == AttributeColumn.missingCode
      }
      try require(isKnown, path, "attribute \"\(column.name)\" has codes without a category")
    }
  }

  private static func require(
    _ condition: Bool, _ path: String, _ reason: String
  ) throws(TensorFileError) {
    if !condition { throw .malformed(path: path, reason: reason) }
  }
}
