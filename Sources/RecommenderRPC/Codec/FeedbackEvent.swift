/// What a customer did with a product.
public enum FeedbackEventType: UInt32, Sendable, CaseIterable {
  /// The product was put before the customer.
  case shown = 1
  /// The customer opened it.
  case clicked = 2
  /// The customer took it.
  case accepted = 3
  /// The customer refused it.
  case dismissed = 4
  /// The customer gave up a product held before.
  case dropped = 5
}

/// One thing that happened, as Feedback reports it. Lengths and presence are checked by the codec
/// before a service sees the event.
public struct FeedbackEvent: Equatable, Sendable {
  /// Names the event, 1 to 256 bytes; the same one twice is a duplicate.
  public var eventID: String
  /// The customer, 1 to 256 bytes.
  public var userID: String
  /// The product, 1 to 256 bytes.
  public var itemID: String
  /// What happened.
  public var type: FeedbackEventType
  /// When, in milliseconds since 1970-01-01T00:00Z; 0 for the server's clock on arrival.
  public var timeMilliseconds: Int64
  /// The answer that led here, at most 40 bytes; empty for none.
  public var recommendationID: String
  /// Groups the events of one visit, at most 256 bytes; empty for none.
  public var sessionID: String
  /// Where it happened, at most 256 bytes; empty when not said.
  public var channel: String
  /// A finite amount in the caller's unit.
  public var value: Double?
  /// What else was on the screen, at most 100 identifiers of 1 to 256 bytes.
  public var impressionItemIDs: [String]

  /// Makes an event; what is not given is absent.
  public init(
    eventID: String, userID: String, itemID: String, type: FeedbackEventType,
    timeMilliseconds: Int64 = 0, recommendationID: String = "", sessionID: String = "",
    channel: String = "", value: Double? = nil, impressionItemIDs: [String] = []
  ) {
    self.eventID = eventID
    self.userID = userID
    self.itemID = itemID
    self.type = type
    self.timeMilliseconds = timeMilliseconds
    self.recommendationID = recommendationID
    self.sessionID = sessionID
    self.channel = channel
    self.value = value
    self.impressionItemIDs = impressionItemIDs
  }
}

/// What became of one event.
public enum FeedbackOutcome: Equatable, Sendable {
  /// Stored durably.
  case accepted
  /// An event of this identifier was stored before; nothing changed.
  case duplicate
  /// Not stored, for a reason only the service can know, such as an unknown product.
  /// The reason is cut to 256 bytes.
  case rejected(reason: String)
}
