/// Number of a method in the frame header.
enum MethodNumber: UInt16, CaseIterable {
  case recommend = 1
  case similarItems = 2
  case feedback = 3
  case health = 4
  case describe = 5

  /// The name Describe gives.
  var name: String {
    switch self {
    case .recommend: "Recommend"
    case .similarItems: "SimilarItems"
    case .feedback: "Feedback"
    case .health: "Health"
    case .describe: "Describe"
    }
  }
}
