/// Number of a method in the frame header.
enum MethodNumber: UInt16, CaseIterable {
  case recommend = 1
  case similarItems = 2
  case feedback = 3
  case health = 4
  case describe = 5
  case putItems = 7
  case recommendMany = 10
  case getRecommendation = 11
  case listRecommendations = 12
  case status = 13
  case updateModels = 14

  /// Whether the service answers in its own time, because the disk is asked first, because models
  /// are loaded, or because there is much of it.
  var isAnsweredLater: Bool {
    switch self {
    case .feedback, .putItems, .recommendMany, .getRecommendation, .listRecommendations,
      .updateModels:
      true
    case .recommend, .similarItems, .health, .describe, .status: false
    }
  }

  /// Whether the answer is a stream of messages; the request then carries the flag for it.
  var isStreamed: Bool { self == .recommendMany }

  /// The name Describe gives.
  var name: String {
    switch self {
    case .recommend: "Recommend"
    case .similarItems: "SimilarItems"
    case .feedback: "Feedback"
    case .health: "Health"
    case .describe: "Describe"
    case .putItems: "PutItems"
    case .recommendMany: "RecommendMany"
    case .getRecommendation: "GetRecommendation"
    case .listRecommendations: "ListRecommendations"
    case .status: "Status"
    case .updateModels: "UpdateModels"
    }
  }
}
