internal import EventLog
internal import InteractionData

/// A customer's history with what happened since the dataset was imported.
///
/// Taking or giving up an item changes the holdings of the dataset's last month: that is the month
/// the prediction starts from.
struct LiveHistory: Sendable {
  /// An event of an item of the catalogue.
  struct Entry {
    let kind: Event.Kind
    let item: Int
    /// Seconds since 1970, after everything the dataset tells of.
    let timestamp: Int64

    /// The code it is kept under; nil for what does not become part of a history.
    var eventType: UInt8? {
      switch kind {
      case .accepted: EventType.acquired
      case .dropped: EventType.dropped
      case .shown, .clicked, .dismissed: nil
      }
    }
  }

  /// What an event changed.
  enum Change {
    case nothing
    /// Holdings alone: the same was known of a later time.
    case holdings
    /// Holdings, and the event stands last in time.
    case newestEvent
    /// Holdings, and the events before the last: it came late, or replaced an equal one.
    case earlierEvents
  }

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
  private let importedCount: Int

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
    importedCount = history.itemIndexes.count
    lastMonthIndex = dataset.panel.map { UInt8($0.monthCount - 1) }
  }

  /// Takes an event in. Events that were only seen or turned down leave holdings as they are.
  ///
  /// Holdings follow the order of arrival: the last that was heard is what holds. The events that
  /// the models read stand in order of time, those of the same second in order of arrival.
  mutating func apply(_ entry: Entry) -> Change {
    guard let type = entry.eventType else { return .nothing }
    let bit: UInt64 = 1 << UInt64(entry.item)
    changeHoldings { entry.kind == .accepted ? $0 | bit : $0 & ~bit }
    return append(type, entry.item, entry.timestamp)
  }

  /// Lends the history as the models take it.
  func withHistory<Result>(_ body: (CustomerHistory) -> Result) -> Result {
    withHistory { history, _ in body(history) }
  }

  /// Lends the history, and tells how many of its events, the first ones, are the dataset's.
  func withHistory<Result>(_ body: (CustomerHistory, _ importedCount: Int) -> Result) -> Result {
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
                    eventTypes: eventTypes), importedCount)
              }
            }
          }
        }
      }
    }
  }

  /// Whether the customer has an item: holds it now, or where holdings are not known, ever took it.
  func has(_ item: Int) -> Bool {
    if lastMonthIndex != nil { return (held.last ?? 0) >> UInt64(item) & 1 == 1 }
    return itemIndexes.indices.contains {
      itemIndexes[$0] == UInt32(item) && eventTypes[$0] != EventType.dropped
    }
  }

  /// Whether nothing is known: then there is nothing to score.
  var isEmpty: Bool { monthIndexes.isEmpty && itemIndexes.isEmpty }

  /// What happened since the dataset, in order of time.
  var liveEntries: [Entry] {
    (importedCount..<itemIndexes.count).map { place in
      Entry(
        kind: eventTypes[place] == EventType.dropped ? .dropped : .accepted,
        item: Int(itemIndexes[place]), timestamp: timestamps[place])
    }
  }

  // MARK: As bytes

  /// Appends what happened since the dataset; a customer of whom nothing did takes four bytes.
  func write(to writer: inout StateWriter) {
    writer.append(count: itemIndexes.count - importedCount)
    guard itemIndexes.count > importedCount else { return }
    for place in importedCount..<itemIndexes.count {
      writer.append(itemIndexes[place])
      writer.append(eventTypes[place])
      writer.append(timestamps[place])
    }
    writer.append(held.last ?? 0)
  }

  /// Starts from a customer of the dataset, with what was written.
  init(
    from reader: inout StateReader, customer: Int?, in dataset: Dataset
  ) throws(StateReader.Damaged) {
    self.init(customer: customer, in: dataset)
    let count = try reader.count()
    guard count > 0 else { return }
    for _ in 0..<count {
      let item = UInt32(try reader.index(below: dataset.items.count))
      let type = try reader.integer(UInt8.self)
      let timestamp = try reader.integer(Int64.self)
      guard type == EventType.acquired || type == EventType.dropped,
        timestamps.count == importedCount || timestamps[timestamps.count - 1] <= timestamp,
        liveTimestamps[EventKey(item: item, type: type)] == nil
      else { throw StateReader.Damaged() }
      itemIndexes.append(item)
      eventTypes.append(type)
      timestamps.append(timestamp)
      liveTimestamps[EventKey(item: item, type: type)] = timestamp
    }
    let now = try reader.integer(UInt64.self)
    let itemCount = UInt64(dataset.items.count)
    guard itemCount >= 64 || now >> itemCount == 0 else { throw StateReader.Damaged() }
    changeHoldings { _ in now }
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

  private mutating func append(_ type: UInt8, _ item: Int, _ timestamp: Int64) -> Change {
    let key = EventKey(item: UInt32(item), type: type)
    let earlier = liveTimestamps[key]
    if let earlier {
      if earlier > timestamp { return .holdings }
      remove(key, timestamp: earlier)
    }
    liveTimestamps[key] = timestamp
    // Late events take their place in time, never before the dataset's.
    var position = timestamps.count
    while position > importedCount && timestamps[position - 1] > timestamp { position -= 1 }
    itemIndexes.insert(UInt32(item), at: position)
    timestamps.insert(timestamp, at: position)
    eventTypes.insert(type, at: position)
    return earlier == nil && position == timestamps.count - 1 ? .newestEvent : .earlierEvents
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
