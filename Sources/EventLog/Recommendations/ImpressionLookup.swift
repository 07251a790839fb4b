/// What a customer had before their eyes when an event happened.
public enum Impressions: Sendable, Equatable {
  /// What the event itself lists.
  case listed([String])
  /// What the answer listed that the event names.
  case answered([String])
  /// Nothing is known: the event names no answer, or none that is on record.
  case unknown
}

extension SQLiteRecommendationStore {
  /// What a customer had before their eyes when an event happened.
  ///
  /// A list in the event wins, for a channel may show less than it was answered. Otherwise the event
  /// means all that the answer of its `recommendation_id` listed. An identifier that is not on record
  /// is no reason to refuse an event: answers are recorded behind the answer, may be left out under
  /// pressure, and go after their time, and an acceptance is true all the same.
  ///
  /// - Parameter event: the event.
  /// - Returns: the products, best first.
  /// - Throws: ``EventLogError/unreadable(path:reason:)``.
  public func impressions(of event: Event) throws(EventLogError) -> Impressions {
    if !event.impressionItemIDs.isEmpty { return .listed(event.impressionItemIDs) }
    guard let record = try find(event.recommendationID), record.userID == event.userID else {
      return .unknown
    }
    return .answered(record.itemIDs)
  }
}
