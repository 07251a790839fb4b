public import EventLog
public import RecommenderRPC

/// Brings feedback to the log, and what it changes to the thread that answers.
///
/// The order of things is the promise of the method: first the events are on disk, then the
/// customers' new scores and the lists of similar items are in force, and only then is the caller
/// told. Of a large catalogue's lists some follow later; see ``LiveSimilarity``.
final class FeedbackIngest: Sendable {
  private let committer: GroupCommitter
  private let follower: LogFollower
  private let metrics: FeedbackMetrics
  private let report: @Sendable (ServiceEvent) -> Void

  init(
    committer: GroupCommitter, follower: LogFollower, metrics: FeedbackMetrics,
    report: @escaping @Sendable (ServiceEvent) -> Void
  ) {
    self.metrics = metrics
    self.committer = committer
    self.follower = follower
    self.report = report
  }

  /// Logs the events that passed validation.
  ///
  /// - Parameters:
  ///   - checked: the events of a request.
  ///   - publish: puts new scores and lists in force and then runs what it is given; called on the
  ///     event log's thread.
  ///   - completion: the caller.
  func ingest(
    _ checked: FeedbackValidation,
    publish: @escaping @Sendable (LiveUpdates, @escaping @Sendable () -> Void) -> Void,
    completion: FeedbackCompletion
  ) {
    let (events, rejections) = (checked.events, checked.rejections)
    guard !events.isEmpty else {
      let outcomes = Self.outcomes(rejections, appended: [])
      metrics.count(outcomes)
      completion(.success(outcomes))
      return
    }
    let (follower, metrics, report) = (follower, metrics, report)
    committer.submit(events) { result in
      switch result {
      case .failure(let error):
        metrics.countFailed(events.count)
        completion(.failure(error.rpcError))
      case .success(let appended):
        let updates = follower.apply(events, appended)
        let outcomes = Self.outcomes(rejections, appended: appended)
        metrics.count(
          outcomes, liveCustomers: follower.generation.live.personalization.customerCount)
        for transition in follower.takeTransitions() { report(transition) }
        publish(updates) { completion(.success(outcomes)) }
      }
    }
  }

  /// Puts the log's outcomes back between the rejected events.
  private static func outcomes(
    _ rejections: [String?], appended: [AppendOutcome]
  ) -> [FeedbackOutcome] {
    if rejections.isEmpty { return appended.map { $0 == .duplicate ? .duplicate : .accepted } }
    var next = appended.makeIterator()
    return rejections.map { reason in
      if let reason { return .rejected(reason: reason) }
      return next.next() == .duplicate ? .duplicate : .accepted
    }
  }
}

extension EventLogError: RPCErrorConvertible {
  /// A log that cannot take events now is a matter of trying again; no event of the call was kept.
  public var rpcError: RPCError {
    switch self {
    case .queueFull: RPCError(code: .resourceExhausted, message: description)
    case .batchTooLarge: RPCError(code: .invalidArgument, message: description)
    case .closed: RPCError(code: .unavailable, message: "the server is stopping")
    case .unopenable, .unwritable, .unreadable:
      // The path of the log is nobody's business outside.
      RPCError(code: .unavailable, message: "the event log does not take events at the moment")
    }
  }
}
