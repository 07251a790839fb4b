public import TensorFiles

/// What customers did with items: rows grouped by customer, times ascending.
public struct InteractionTable: Sendable {
  /// Where each customer's rows start. `[customers + 1]`
  public let offsets: Column<UInt32>
  /// The item of each row. `[rows]`
  public let itemIndexes: Column<UInt32>
  /// Seconds since 1970. `[rows]`
  public let timestamps: Column<Int64>
  /// A code of ``EventType`` each. `[rows]`
  public let eventTypes: Column<UInt8>
  /// The value that came with each event, NaN where none did; empty when no row has one. `[rows]`
  public let values: Column<Float>
  /// The name of each event type by code; starts with ``EventType/fixedNames``.
  public let eventTypeNames: [String]

  /// Makes a table from its columns.
  public init(
    offsets: Column<UInt32>, itemIndexes: Column<UInt32>, timestamps: Column<Int64>,
    eventTypes: Column<UInt8>, values: Column<Float> = Column([]),
    eventTypeNames: [String] = EventType.fixedNames
  ) {
    precondition(
      itemIndexes.count == timestamps.count && timestamps.count == eventTypes.count
        && Int(offsets[offsets.count - 1]) == itemIndexes.count
        && (values.isEmpty || values.count == itemIndexes.count),
      "interaction columns of \(itemIndexes.count), \(timestamps.count), \(eventTypes.count) rows")
    self.offsets = offsets
    self.itemIndexes = itemIndexes
    self.timestamps = timestamps
    self.eventTypes = eventTypes
    self.values = values
    self.eventTypeNames = eventTypeNames
  }

  /// The number of rows.
  public var count: Int { itemIndexes.count }

  /// The rows of a customer.
  public func rows(of customer: Int) -> Range<Int> {
    Int(offsets[customer])..<Int(offsets[customer + 1])
  }

  /// For each event type code, whether it speaks for the item.
  public var positiveEventTypes: [Bool] {
    eventTypeNames.map { !EventType.negativeNames.contains($0.lowercased()) }
  }

  /// The number of rows of an event type.
  public func count(ofEventType code: UInt8) -> Int {
    eventTypes.buffer.reduce(0) { $0 + ($1 == code ? 1 : 0) }
  }
}
