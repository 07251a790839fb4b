internal import EventLog
internal import Exploration

/// The generation of models that follows the event log now.
///
/// Touched on the event log's thread alone once that runs, so that every event goes to one
/// generation, whichever was in force when its caller came.
final class LogFollower: @unchecked Sendable {
  private(set) var generation: ServingGeneration

  private let checkpoints: CheckpointKeeper?

  init(_ generation: ServingGeneration, _ checkpoints: CheckpointKeeper? = nil) {
    self.generation = generation
    self.checkpoints = checkpoints
  }

  /// Takes events in that were just logged; what that changes is to be put in force.
  ///
  /// Events that a generation already knows from reading the log are passed over: they were in the
  /// same transaction as the change to it.
  func apply(_ events: [Event], _ outcomes: [AppendOutcome]) -> LiveUpdates {
    var touched: Set<LivePersonalization.CustomerKey> = []
    for (event, outcome) in zip(events, outcomes) {
      guard case .appended(let sequence) = outcome else { continue }
      generation.apply(event, sequence: sequence, touched: &touched)
    }
    checkpoints?.logged(through: generation.through, generation)
    return generation.live.updates(for: touched, listLimit: LiveSimilarity.commitListLimit)
  }

  /// The cold products that came into the buffer or left it since this was last asked for.
  func takeTransitions() -> [ServiceEvent] {
    guard let exploration = generation.live.exploration else { return [] }
    let transitions = exploration.takeTransitions()
    if transitions.isEmpty { return [] }
    let items = generation.catalogue.current.itemIDs
    return transitions.map { .coldItem(itemID: items[$0.item], progress: $0.progress) }
  }

  /// Lets another generation follow, which must know all that was logged.
  func follow(_ next: ServingGeneration) { generation = next }

  /// Ranks a large catalogue's popular items anew, makes a few stale lists of similar items, and
  /// scores a few customers of a long log that was replayed; whether there is more of that.
  func continueWhenIdle() -> Bool {
    generation.publishPopularity()
    let isStale = generation.live.similarity?.continueWhenIdle() ?? false
    return generation.scoreDeferred() || isStale
  }
}
