/// What an item of an answer is worth, by the events that followed.
public enum RewardKind: String, CaseIterable, Sendable {
  /// 1 when the customer took the item.
  case accepted
  /// 1 when the customer looked closer at the item or took it.
  case clicked
  /// The sum of the values that came with taking the item.
  case value

  /// What an item has brought by an event with an optional value, after what earlier events brought.
  func reward(_ type: LoggedEventType, value: Double?, after reward: Double) -> Double {
    switch (self, type) {
    case (.accepted, .accepted), (.clicked, .clicked), (.clicked, .accepted): 1
    case (.value, .accepted): reward + (value ?? 0)
    default: reward
    }
  }
}

/// What a customer did with an item that was shown.
enum LoggedEventType: String, Decodable {
  case shown, clicked, accepted, dismissed, dropped
}
