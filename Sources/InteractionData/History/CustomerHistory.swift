/// One customer's history as pointers into a dataset, or into memory of whoever extends it.
///
/// The pointers are valid as long as what they were taken from; a history is made, scored and
/// dropped within one call.
public struct CustomerHistory {
  /// The row of the customer's attributes; nil for a customer the dataset does not know.
  public var attributeIndex: Int?
  /// Months since the panel's first month, ascending; empty without a panel. `[months]`
  public var monthIndexes: UnsafeBufferPointer<UInt8>
  /// The items held in each of those months, bit `i` for item `i`. `[months]`
  public var held: UnsafeBufferPointer<UInt64>
  /// ``HoldingsPanel/activeFlag`` or 0 for each of those months. `[months]`
  public var flags: UnsafeBufferPointer<UInt8>
  /// The items of the customer's interactions, times ascending. `[interactions]`
  public var itemIndexes: UnsafeBufferPointer<UInt32>
  /// Seconds since 1970. `[interactions]`
  public var timestamps: UnsafeBufferPointer<Int64>
  /// A code of ``EventType`` each. `[interactions]`
  public var eventTypes: UnsafeBufferPointer<UInt8>

  /// Makes a history; whatever is not given is empty.
  public init(
    attributeIndex: Int? = nil,
    monthIndexes: UnsafeBufferPointer<UInt8> = .init(start: nil, count: 0),
    held: UnsafeBufferPointer<UInt64> = .init(start: nil, count: 0),
    flags: UnsafeBufferPointer<UInt8> = .init(start: nil, count: 0),
    itemIndexes: UnsafeBufferPointer<UInt32> = .init(start: nil, count: 0),
    timestamps: UnsafeBufferPointer<Int64> = .init(start: nil, count: 0),
    eventTypes: UnsafeBufferPointer<UInt8> = .init(start: nil, count: 0)
  ) {
    self.attributeIndex = attributeIndex
    self.monthIndexes = monthIndexes
    self.held = held
    self.flags = flags
    self.itemIndexes = itemIndexes
    self.timestamps = timestamps
    self.eventTypes = eventTypes
  }

  /// The items held in the last month of the panel; 0 without one.
  public var currentHoldings: UInt64 { held.last ?? 0 }
}
