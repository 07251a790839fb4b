internal import EventLog
internal import RecommenderRPC

/// Tells events that can be logged from those that cannot.
struct FeedbackValidation: Sendable {
  /// The events that can be logged, in the order of the request.
  private(set) var events: [Event] = []
  /// Why each event of the request cannot be logged, nil where it can; empty when all can.
  private(set) var rejections: [String?] = []

  /// Checks the events of a request.
  init(_ events: [FeedbackEvent], items: CatalogueSnapshot, nowMilliseconds: Int64) {
    self.events.reserveCapacity(events.count)
    for place in events.indices {
      switch Self.check(events[place], items: items, nowMilliseconds: nowMilliseconds) {
      case .success(let event):
        self.events.append(event)
      case .failure(let rejection):
        if rejections.isEmpty { rejections = Array(repeating: nil, count: events.count) }
        rejections[place] = rejection.reason
      }
    }
  }

  /// Lets each event that names an answer be changed before it is logged, in order.
  mutating func forEachOfAnAnswer(_ body: (inout Event) -> Void) {
    for place in events.indices where !events[place].recommendationID.isEmpty {
      body(&events[place])
    }
  }

  /// How far ahead of the server's clock an event may be, in milliseconds: one day, which forgives
  /// a sender's time zone.
  static let futureToleranceMilliseconds: Int64 = 86_400_000

  /// The event for the log, or why it cannot be logged.
  private static func check(
    _ event: FeedbackEvent, items: CatalogueSnapshot, nowMilliseconds: Int64
  ) -> Result<Event, Rejection> {
    guard items.index(of: event.itemID) != nil else {
      return .failure(Rejection(reason: "unknown item \"\(event.itemID)\""))
    }
    if let unknown = event.impressionItemIDs.first(where: { items.index(of: $0) == nil }) {
      return .failure(Rejection(reason: "unknown impression item \"\(unknown)\""))
    }
    let time = event.timeMilliseconds == 0 ? nowMilliseconds : event.timeMilliseconds
    guard time > 0 else {
      return .failure(Rejection(reason: "time_ms is \(time), before 1970"))
    }
    guard time <= nowMilliseconds + futureToleranceMilliseconds else {
      return .failure(
        Rejection(
          reason: "time_ms is \(time), more than a day after the server's \(nowMilliseconds)"))
    }
    return .success(
      Event(
        eventID: event.eventID, userID: event.userID, itemID: event.itemID,
        kind: kind(event.type), timeMilliseconds: time,
        recommendationID: event.recommendationID, sessionID: event.sessionID,
        channel: event.channel, value: event.value,
        impressionItemIDs: event.impressionItemIDs))
  }

  /// Why an event was not logged.
  private struct Rejection: Error {
    let reason: String
  }

  private static func kind(_ type: FeedbackEventType) -> Event.Kind {
    switch type {
    case .shown: .shown
    case .clicked: .clicked
    case .accepted: .accepted
    case .dismissed: .dismissed
    case .dropped: .dropped
    }
  }
}
