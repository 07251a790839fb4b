internal import Dispatch
internal import EventLog
internal import Foundation
internal import Synchronization
internal import TensorFiles

/// Keeps the checkpoint of a running service new enough.
///
/// It is made beside what answers: on a thread of low priority the last checkpoint is taken up again,
/// the log read on from there, and the result written. Nobody waits, nothing is copied while it
/// changes, and what is written follows from the log alone.
final class CheckpointKeeper: Sendable {
  /// How much less urgent the thread is than others, as `nice` counts.
  private static let niceness: CInt = 10
  /// How often it is tried while products are put.
  private static let attemptLimit = 3

  private struct State {
    /// The last event of the checkpoint in the file, and what it was made from.
    var through: Int64 = 0
    var origin = ""
    var isBusy = false
  }

  private let configuration: CheckpointConfiguration
  private let report: @Sendable (ServiceEvent) -> Void
  private let state = Mutex(State())
  private let running = DispatchGroup()
  /// Held while the file is written: its temporary file has one name.
  private let writing = Mutex<Void>(())

  init(
    _ configuration: CheckpointConfiguration, report: @escaping @Sendable (ServiceEvent) -> Void
  ) {
    self.configuration = configuration
    self.report = report
    AtomicFile.removeLeftovers(of: configuration.path)
  }

  /// Lets a generation take up the checkpoint; why it cannot, otherwise.
  func takeUp(_ generation: ServingGeneration) -> ReplayCheckpoint.Unusable? {
    do throws(ReplayCheckpoint.Unusable) {
      try generation.takeUp(path: configuration.path)
      note(generation)
      return nil
    } catch {
      return error
    }
  }

  /// Writes what a generation knows, unless that is in the file already.
  func write(_ generation: ServingGeneration) {
    writing.withLock { _ in
      let isThere = state.withLock {
        $0.through == generation.through && $0.origin == generation.origin
      }
      if isThere { return }
      do {
        try generation.writeCheckpoint(path: configuration.path)
        note(generation)
      } catch {
        report(.checkpointFailed(reason: "\(error)"))
      }
    }
  }

  private func note(_ generation: ServingGeneration) {
    state.withLock { ($0.through, $0.origin) = (generation.through, generation.origin) }
  }

  /// Takes note of the last event that was logged, and renews the checkpoint when it is time.
  func logged(through sequence: Int64, _ generation: ServingGeneration) {
    let isDue = state.withLock { state in
      guard !state.isBusy, sequence - state.through >= Int64(configuration.eventInterval) else {
        return false
      }
      state.isBusy = true
      return true
    }
    guard isDue else { return }
    running.enter()
    let (models, surroundings) = (generation.models, generation.surroundings)
    let thread = Thread { [self] in
      // Of this thread alone: on Linux 0 names the calling thread.
      setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness)
      renew(models, surroundings)
      state.withLock { $0.isBusy = false }
      running.leave()
    }
    thread.name = "checkpoint"
    thread.start()
  }

  private func renew(_ models: ServingModels, _ surroundings: ServingGeneration.Surroundings) {
    do {
      for _ in 0..<Self.attemptLimit {
        let items = try surroundings.items.all()
        let generation = try ServingGeneration(models, surroundings)
        _ = takeUp(generation)
        try generation.catchUp()
        // An event may name a product that was put meanwhile, of which this generation knows nothing.
        guard try surroundings.items.all() == items else { continue }
        return write(generation)
      }
      report(.checkpointFailed(reason: "products are put all the time; it is tried again later"))
    } catch {
      report(.checkpointFailed(reason: "\(error)"))
    }
  }

  /// Waits for what is being made, and writes what a generation knows that follows the log no more.
  func close(_ generation: ServingGeneration) {
    running.wait()
    write(generation)
  }
}
