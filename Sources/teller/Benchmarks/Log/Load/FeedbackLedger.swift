internal import RecommenderRPC

/// What became of the events that a server was sent.
struct FeedbackLedger: Sendable {
  /// A batch that no server has acknowledged.
  struct OpenBatch: Sendable {
    var events: [FeedbackEvent]
    /// Whether its answer never came: then all of it may be in the log, or nothing.
    var mayBeLogged: Bool
  }

  /// Identifiers in acknowledged batches, in the order of each batch.
  var acknowledged: [[String]] = []
  /// What is to be sent again.
  var open: [OpenBatch] = []
  /// The answers that refused a batch for the time being.
  var refusalCount = 0
  /// What a server said that it never may.
  var faults: [String] = []

  /// The events in acknowledged batches.
  var acknowledgedCount: Int { acknowledged.reduce(0) { $0 + $1.count } }
}
