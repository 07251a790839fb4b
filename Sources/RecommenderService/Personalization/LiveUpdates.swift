internal import Exploration
internal import RecommenderModels

/// What feedback changed, to be handed to the thread that answers.
struct LiveUpdates: Sendable {
  /// Customers with new scores.
  var customers: [LivePersonalization.Update]
  /// New lists of similar items.
  var lists: [SimilarItemList]
  /// What is believed of cold products, when that has changed.
  var policy: SlatePolicy?
  /// What is popular, when that has changed.
  var popularity: LivePopularity.Ranking?
}
