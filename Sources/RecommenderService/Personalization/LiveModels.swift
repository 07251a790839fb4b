internal import EventLog
internal import Exploration

/// What follows the log: customers, lists of similar items, and what is believed of cold products.
///
/// Used by one thread at a time: by the starting thread while the log is replayed, afterwards by the
/// event log's thread alone.
struct LiveModels: Sendable {
  let personalization: LivePersonalization
  let similarity: LiveSimilarity?
  let exploration: LiveExploration?
  let popularity: LivePopularity

  /// Takes an event of the log in, and notes whose scores may have changed.
  func apply(_ event: Event, touched: inout Set<LivePersonalization.CustomerKey>) {
    exploration?.apply(event)
    guard let customer = personalization.apply(event) else { return }
    if let item = personalization.lastAddition { popularity.record(item: item) }
    touched.insert(customer)
    similarity?.record(event, of: customer)
    for (item, customer) in personalization.takeJoinedItems() {
      similarity?.record(item: item, of: customer)
    }
  }

  /// What is to be put in force.
  func updates(
    for touched: Set<LivePersonalization.CustomerKey>, listLimit: Int, threadCount: Int = 1
  ) -> LiveUpdates {
    LiveUpdates(
      customers: personalization.updates(for: touched, threadCount: threadCount),
      lists: similarity?.rebuild(listLimit: listLimit) ?? [],
      policy: exploration?.changedPolicy(),
      popularity: popularity.changedRanking(isIdle: false))
  }
}
