internal import InteractionData

/// One event of one customer, as the sequence network sees it.
struct SequenceEvent {
  var item: UInt32 = 0
  /// The item of the next event; meaningful in training.
  var next: UInt32 = 0
  /// Whether a pause before this event ended a session; false for the first event.
  var opensSession = false
  /// The share of its loss that counts in training.
  var weight: Float = 1
}

/// The newest events of a customer that speak for their item.
struct EventWalk {
  let eventLimit: Int
  let sessionGapSeconds: Int64
  let itemCount: Int
  /// By event type code.
  let positive: [Bool]
  /// Whether pauses end sessions; without it all events are one session's.
  var endsSessions = true

  /// Collects the events of a history, oldest first.
  ///
  /// - Parameters:
  ///   - history: the customer's history.
  ///   - events: where they go; emptied first. ``SequenceEvent/next`` is set for all but the last.
  func collect(_ history: CustomerHistory, into events: inout [SequenceEvent]) {
    events.removeAll(keepingCapacity: true)
    var before: Int64?
    for place in window(of: history) where isUsable(history, place) {
      let time = history.timestamps[place]
      var event = SequenceEvent(item: history.itemIndexes[place])
      if let before {
        event.opensSession = opensSession(time, after: before)
        events[events.count - 1].next = event.item
      }
      before = time
      events.append(event)
    }
  }

  /// The places of a history that hold its newest usable events, ``eventLimit`` at most.
  func window(of history: CustomerHistory) -> Range<Int> {
    let count = history.itemIndexes.count
    var start = count
    var kept = 0
    while start > 0 && kept < eventLimit {
      start -= 1
      if isUsable(history, start) { kept += 1 }
    }
    return start..<count
  }

  /// Whether an event begins a session, given the one before.
  func opensSession(_ time: Int64, after before: Int64) -> Bool {
    let (pause, overflow) = time.subtractingReportingOverflow(before)
    return endsSessions && (overflow || pause > sessionGapSeconds)
  }

  /// Whether an event speaks for an item of the catalogue.
  func isUsable(item: UInt32, eventType: UInt8) -> Bool {
    Int(eventType) < positive.count && positive[Int(eventType)] && Int(item) < itemCount
  }

  private func isUsable(_ history: CustomerHistory, _ place: Int) -> Bool {
    isUsable(item: history.itemIndexes[place], eventType: history.eventTypes[place])
  }
}
