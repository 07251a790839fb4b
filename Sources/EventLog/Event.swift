/// Something a customer did, or was shown, as it stands in the log.
public struct Event: Sendable, Equatable {
  /// What happened.
  public enum Kind: String, CaseIterable, Sendable {
    /// The item stood in a list the customer saw.
    case shown
    /// The customer looked closer.
    case clicked
    /// The customer took the item and now holds it.
    case accepted
    /// The customer turned the item down.
    case dismissed
    /// The customer gave the item up and no longer holds it.
    case dropped
  }

  /// The sender's name for the event; a later event of the same name is a duplicate. Empty when
  /// the sender gave none: then nothing is a duplicate of it.
  public var eventID: String
  /// The customer.
  public var userID: String
  /// The item.
  public var itemID: String
  /// What happened.
  public var kind: Kind
  /// When it happened, in milliseconds since 1970.
  public var timeMilliseconds: Int64
  /// The answer that showed the item; empty when unknown.
  public var recommendationID: String
  /// The session it belongs to; empty when unknown.
  public var sessionID: String
  /// The channel, such as `branch` or `mobile`; empty when unknown.
  public var channel: String
  /// A value that came with it.
  public var value: Double?
  /// The items that were really shown, when that was not the whole answer.
  public var impressionItemIDs: [String]
  /// What the answer was decided on, as exploration reads it again; empty when the answer did not
  /// explore, or an earlier event of it has it.
  public var slate: [UInt8]

  /// Makes an event.
  public init(
    eventID: String, userID: String, itemID: String, kind: Kind, timeMilliseconds: Int64,
    recommendationID: String = "", sessionID: String = "", channel: String = "",
    value: Double? = nil, impressionItemIDs: [String] = [], slate: [UInt8] = []
  ) {
    self.eventID = eventID
    self.userID = userID
    self.itemID = itemID
    self.kind = kind
    self.timeMilliseconds = timeMilliseconds
    self.recommendationID = recommendationID
    self.sessionID = sessionID
    self.channel = channel
    self.value = value
    self.impressionItemIDs = impressionItemIDs
    self.slate = slate
  }
}

/// What became of an event that was to be appended.
public enum AppendOutcome: Sendable, Equatable {
  /// It is on disk, with this place in the log's order.
  case appended(sequence: Int64)
  /// An event of the same identifier is there already; nothing was written.
  case duplicate
}
