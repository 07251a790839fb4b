internal import Dispatch
internal import EventLog
internal import RecommenderRPC
internal import Synchronization

/// What answers from a generation, on its way to the event loop: made on one thread, used on another.
struct EngineHandover: @unchecked Sendable {
  let generation: ServingGeneration
  let engine: RecommendationEngine
}

// Models change hands as follows (time runs down):
//
//     updater's thread             event log's thread              event loop
//     loads, replays the log,      logs events, tells the old
//     scores everybody             generation                      answers from the old one
//     reads on until little
//     is left
//                                  reads the rest of the log
//                                  into the new generation, which
//                                  follows the log from here on
//                                                                  puts the new engine in force
//                                  logs events, tells the new
//                                  generation                      answers from the new one
//
// Nothing is logged while the event log's thread reads, and what it hands to the event loop arrives
// in order: an event that was acknowledged is known to whoever answers.
extension LoadedService {
  /// Events of the log that may be left for the event log's thread to read.
  private static let catchUpLimit = 1000
  /// The most rounds of reading on before that thread reads what is left, however much.
  private static let catchUpRounds = 10

  /// Puts other models in force between two requests. Takes as long as loading them and scoring all
  /// customers on one thread; nobody waits for it but the caller.
  ///
  /// To be called by one thread at a time, after methods were made.
  ///
  /// - Parameter models: the models.
  /// - Throws: ``ServiceError``; then the old ones stay in force. `eventLog(.closed)` after ``close()``.
  public func replace(by models: ServingModels) throws(ServiceError) {
    // What is put meanwhile goes to the old generation: then another is made, and puts wait for it.
    for mayBePut in [true, false] {
      if !mayBePut { holdPuts() }
      let putCount = current.catalogue.putCount
      let handover: EngineHandover
      do {
        handover = try build(models)
      } catch {
        if !mayBePut { puts.resume() }
        throw error
      }
      if mayBePut {
        holdPuts()
        if current.catalogue.putCount != putCount {
          puts.resume()
          continue
        }
      }
      defer { puts.resume() }
      // What there is was made of the models that are about to go.
      checkpoints?.write(handover.generation)
      try putInForce(handover)
      return
    }
  }

  /// Puts the models in force again that were before these.
  ///
  /// - Returns: false when there are none.
  /// - Throws: ``ServiceError``; then nothing has changed.
  public func rollBack() throws(ServiceError) -> Bool {
    guard let previous = generations.withLock({ $0.previous }) else { return false }
    try replace(by: previous)
    return true
  }

  /// Returns when no product is being put; further ones wait until the queue is resumed.
  private func holdPuts() {
    // From inside, for then nothing else is running on it.
    puts.sync { puts.suspend() }
    current.catalogue.close()
  }

  private func build(_ models: ServingModels) throws(ServiceError) -> EngineHandover {
    let next = try ServingGeneration(models, surroundings)
    _ = checkpoints?.takeUp(next)
    try next.catchUp()
    let engine = next.makeEngine(next.takeUpdates(threadCount: 1))
    // Before it answers: an answer that has to be scored first takes longer.
    _ = next.table.fill(threadCount: 1)
    for _ in 0..<Self.catchUpRounds where try next.catchUp() <= Self.catchUpLimit { break }
    engine.publish(next.takeUpdates(threadCount: 1))
    return EngineHandover(generation: next, engine: engine)
  }

  private func putInForce(_ handover: EngineHandover) throws(ServiceError) {
    // There is nobody to hand them to before methods were made, and after the end.
    guard let adopt = adopting.withLock({ $0 }) else { throw .eventLog(.closed) }
    let next = handover.generation
    let finished = DispatchSemaphore(value: 0)
    let failure = Mutex<ServiceError?>(nil)
    committer.submit([]) { [follower, metrics] result in
      do throws(ServiceError) {
        if case .failure(let error) = result { throw .eventLog(error) }
        try next.catchUp()
      } catch {
        failure.withLock { $0 = error }
        finished.signal()
        return
      }
      let updates = next.takeUpdates(
        listLimit: LiveSimilarity.commitListLimit, threadCount: 1)
      follower.follow(next)
      metrics.show(liveCustomers: next.live.personalization.customerCount)
      adopt(handover, updates) { finished.signal() }
    }
    finished.wait()
    if let error = failure.withLock({ $0 }) { throw error }
    let old = generations.withLock { generations in
      defer { generations = (next, generations.current.models) }
      return generations.current
    }
    old.table.stopFilling()
  }
}
