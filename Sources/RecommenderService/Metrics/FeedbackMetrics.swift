internal import CoreMetrics
internal import EventLog
internal import RecommenderRPC
internal import Synchronization

/// Counts what becomes of events, where nobody waits for it: on the event log's thread.
final class FeedbackMetrics: Sendable {
  private let accepted: Counter
  private let duplicate: Counter
  private let rejected: Counter
  private let failed: Counter
  private let logged = Atomic<Int>(0)
  private let live = Atomic<Int>(0)

  /// - Parameter factory: where swift-metrics counts.
  init(factory: any MetricsFactory) {
    func counter(_ outcome: String) -> Counter {
      Counter(
        label: "teller_feedback_events_total", dimensions: [("outcome", outcome)],
        factory: factory)
    }
    accepted = counter("accepted")
    duplicate = counter("duplicate")
    rejected = counter("rejected")
    failed = counter("failed")
  }

  /// Events in the log.
  var loggedEvents: Int { logged.load(ordering: .relaxed) }
  /// Customers that feedback speaks of.
  var liveCustomers: Int { live.load(ordering: .relaxed) }

  /// Tells of a log that was replayed.
  func replayed(events: Int, customers: Int) {
    logged.store(events, ordering: .relaxed)
    live.store(customers, ordering: .relaxed)
  }

  /// Tells of other models, which may know other customers.
  func show(liveCustomers: Int) { live.store(liveCustomers, ordering: .relaxed) }

  /// Counts the outcomes of a call.
  func count(_ outcomes: [FeedbackOutcome], liveCustomers: Int? = nil) {
    var (new, known) = (0, 0)
    for outcome in outcomes {
      switch outcome {
      case .accepted: new += 1
      case .duplicate: known += 1
      case .rejected: break
      }
    }
    accepted.increment(by: new)
    duplicate.increment(by: known)
    rejected.increment(by: outcomes.count - new - known)
    logged.add(new, ordering: .relaxed)
    if let liveCustomers { live.store(liveCustomers, ordering: .relaxed) }
  }

  /// Counts events that the log did not take.
  func countFailed(_ events: Int) { failed.increment(by: events) }
}
