internal import EventLog
internal import InteractionData

/// A customer's history with what happened since the dataset was imported.
///
/// Taking or giving up an item changes the holdings of the dataset's last month: that is the month
/// the prediction starts from.
struct LiveHistory: Sendable {
  /// An item and what happened to it; of equal ones only the newest is kept, so that a history
  /// grows with the catalogue at most and not with the log.
  private struct EventKey: Hashable {
    let item: UInt32
    let type: UInt8
  }

  private let attributeIndex: Int?
  private var monthIndexes: [UInt8]
  private var held: [UInt64]
  private var flags: [UInt8]
  private var itemIndexes: [UInt32]
  private var timestamps: [Int64]
  private var eventTypes: [UInt8]
  private var liveTimestamps: [EventKey: Int64] = [:]
  private let lastMonthIndex: UInt8?

  /// Starts from a customer of the dataset, or from nothing for a new one.
  init(customer: Int?, in dataset: Dataset) {
    let history = customer.map { dataset.history(of: $0) } ?? CustomerHistory()
    attributeIndex = customer
    monthIndexes = Array(history.monthIndexes)
    held = Array(history.held)
    flags = Array(history.flags)
    itemIndexes = Array(history.itemIndexes)
    timestamps = Array(history.timestamps)
    eventTypes = Array(history.eventTypes)
    lastMonthIndex = dataset.panel.map { UInt8($0.monthCount - 1) }
  }

  /// Takes an event in. Events that were only seen or turned down leave holdings as they are.
  ///
  /// - Returns: whether the customer's scores may have changed.
  mutating func apply(_ kind: Event.Kind, item: Int, timeMilliseconds: Int64) -> Bool {
    switch kind {
    case .accepted:
      changeHoldings { $0 | 1 << UInt64(item) }
      append(EventType.acquired, item, timeMilliseconds)
    case .dropped:
      changeHoldings { $0 & ~(1 << UInt64(item)) }
      append(EventType.dropped, item, timeMilliseconds)
    case .shown, .clicked, .dismissed:
      return false
    }
    return true
  }

  /// Lends the history as the models take it.
  func withHistory<Result>(_ body: (CustomerHistory) -> Result) -> Result {
    monthIndexes.withUnsafeBufferPointer { monthIndexes in
      held.withUnsafeBufferPointer { held in
        flags.withUnsafeBufferPointer { flags in
          itemIndexes.withUnsafeBufferPointer { itemIndexes in
            timestamps.withUnsafeBufferPointer { timestamps in
              eventTypes.withUnsafeBufferPointer { eventTypes in
                body(
                  CustomerHistory(
                    attributeIndex: attributeIndex, monthIndexes: monthIndexes, held: held,
                    flags: flags, itemIndexes: itemIndexes, timestamps: timestamps,
                    eventTypes: eventTypes))
              }
            }
          }
        }
      }
    }
  }

  private mutating func changeHoldings(_ change: (UInt64) -> UInt64) {
    guard let lastMonthIndex else { return }
    if monthIndexes.last != lastMonthIndex {
      // New, or not seen of late: the row begins with what was held when last seen.
      monthIndexes.append(lastMonthIndex)
      held.append(held.last ?? 0)
      flags.append(HoldingsPanel.activeFlag)
    }
    held[held.count - 1] = change(held[held.count - 1])
    flags[flags.count - 1] |= HoldingsPanel.activeFlag
  }

  private mutating func append(_ type: UInt8, _ item: Int, _ timeMilliseconds: Int64) {
    let timestamp = timeMilliseconds / 1000
    let key = EventKey(item: UInt32(item), type: type)
    if let earlier = liveTimestamps[key] {
      if earlier > timestamp { return }
      remove(key, timestamp: earlier)
    }
    liveTimestamps[key] = timestamp
    // Late events take their place in time; models read histories in time order.
    var position = timestamps.count
    while position > 0 && timestamps[position - 1] > timestamp { position -= 1 }
    itemIndexes.insert(UInt32(item), at: position)
    timestamps.insert(timestamp, at: position)
    eventTypes.insert(type, at: position)
  }

  private mutating func remove(_ key: EventKey, timestamp: Int64) {
    let position = timestamps.indices.last {
      timestamps[$0] == timestamp && itemIndexes[$0] == key.item && eventTypes[$0] == key.type
    }
    guard let position else { return }
    itemIndexes.remove(at: position)
    timestamps.remove(at: position)
    eventTypes.remove(at: position)
  }
}
