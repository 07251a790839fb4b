/// Number of a method in the frame header.
enum MethodNumber: UInt16, CaseIterable {
  case recommend = 1
  case similarItems = 2
  case feedback = 3
  case health = 4
  case describe = 5
  case putItems = 7
  case getRecommendation = 11
  case listRecommendations = 12

  /// Whether the service answers in its own time, because the disk is asked first.
  var isAnsweredLater: Bool {
    switch self {
    case .feedback, .putItems, .getRecommendation, .listRecommendations: true
    case .recommend, .similarItems, .health, .describe: false
    }
  }

  /// The name Describe gives.
  var name: String {
    switch self {
    case .recommend: "Recommend"
    case .similarItems: "SimilarItems"
    case .feedback: "Feedback"
    case .health: "Health"
    case .describe: "Describe"
    case .putItems: "PutItems"
    case .getRecommendation: "GetRecommendation"
    case .listRecommendations: "ListRecommendations"
    }
  }
}
