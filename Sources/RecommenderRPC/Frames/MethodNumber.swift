/// Number of a method in the frame header.
enum MethodNumber: UInt16, CaseIterable {
  case recommend = 1
  case similarItems = 2
  case feedback = 3
  case health = 4
  case describe = 5
  case putItems = 7
  case status = 13
  case updateModels = 14

  /// Whether the service answers in its own time, because something is brought to disk first, or
  /// models are loaded.
  var isAnsweredLater: Bool { self == .feedback || self == .putItems || self == .updateModels }

  /// The name Describe gives.
  var name: String {
    switch self {
    case .recommend: "Recommend"
    case .similarItems: "SimilarItems"
    case .feedback: "Feedback"
    case .health: "Health"
    case .describe: "Describe"
    case .putItems: "PutItems"
    case .status: "Status"
    case .updateModels: "UpdateModels"
    }
  }
}
