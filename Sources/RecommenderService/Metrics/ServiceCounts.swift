public import RecommenderModels

/// What a service holds now, for metrics.
public struct ServiceCounts: Sendable {
  /// The models in force, the ranking one first.
  public internal(set) var models: [StoredModel]
  /// Products in the catalogue.
  public internal(set) var items: Int
  /// Customers of the dataset.
  public internal(set) var customers: Int
  /// Customers whose scores are computed ahead.
  public internal(set) var scoredCustomers: Int
  /// Customers whose answers follow from feedback.
  public internal(set) var liveCustomers: Int
  /// Events of the log that the models were told of when they were loaded.
  public internal(set) var replayedEvents: Int
  /// Events in the log.
  public internal(set) var loggedEvents: Int
  /// Events that wait to be written.
  public internal(set) var queuedEvents: Int
}
