internal import Foundation

/// An event as one line of JSON, for other programs: the fields of the protocol under their names,
/// absent ones left out, keys in alphabetical order.
public struct EventJSONLines {
  private struct Line: Encodable {
    let sequence: Int64
    let event: Event

    enum Key: String, CodingKey {
      case sequence, type, value, channel
      case eventID = "event_id"
      case userID = "user_id"
      case itemID = "item_id"
      case timeMilliseconds = "time_ms"
      case recommendationID = "recommendation_id"
      case sessionID = "session_id"
      case impressionItemIDs = "impression_item_ids"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(sequence, forKey: .sequence)
      try container.encode(event.userID, forKey: .userID)
      try container.encode(event.itemID, forKey: .itemID)
      try container.encode(event.kind.rawValue, forKey: .type)
      try container.encode(event.timeMilliseconds, forKey: .timeMilliseconds)
      for (text, key) in [
        (event.eventID, Key.eventID), (event.recommendationID, .recommendationID),
        (event.sessionID, .sessionID), (event.channel, .channel),
      ] where !text.isEmpty {
        try container.encode(text, forKey: key)
      }
      if let value = event.value { try container.encode(value, forKey: .value) }
      if !event.impressionItemIDs.isEmpty {
        try container.encode(event.impressionItemIDs, forKey: .impressionItemIDs)
      }
    }
  }

  private let encoder = JSONEncoder()

  /// Makes a writer of lines.
  public init() { encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes] }

  /// The line of an event, with its line feed, in UTF-8.
  ///
  /// - Parameters:
  ///   - event: the event.
  ///   - sequence: its place in the log.
  /// - Returns: the line.
  /// - Throws: what `JSONEncoder` throws for a value that is not finite.
  public func line(_ event: Event, sequence: Int64) throws -> [UInt8] {
    try Array(encoder.encode(Line(sequence: sequence, event: event))) + [0x0A]
  }
}
