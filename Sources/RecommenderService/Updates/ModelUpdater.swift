public import CoreMetrics
internal import Foundation
internal import RecommenderModels
public import RecommenderRPC
internal import Synchronization

/// Changes the models of a running service, one update at a time, on a thread of low priority.
public final class ModelUpdater: Sendable {
  /// Newer models than those given, without those that were withdrawn; nil when there are none. May
  /// throw anything that describes itself in a line.
  public typealias Source =
    @Sendable (_ current: ServingModels, _ withdrawn: WithdrawnModels) throws -> ServingModels?

  /// Who wants an update: it decides what may come in force.
  public enum Occasion: Sendable {
    /// Somebody asked for it, and gets the newest there is.
    case request
    /// Something was found to be new. What somebody has rolled back is left alone.
    case discovery
  }

  /// How much less urgent the thread is than others, as `nice` counts.
  private static let niceness: CInt = 10

  private let service: LoadedService
  private let newest: Source
  private let report: @Sendable (ServiceEvent) -> Void
  private let isBusy = Atomic<Bool>(false)
  private let factory: any MetricsFactory
  /// What was rolled back and not asked for again.
  private let withdrawn = Mutex(WithdrawnModels())

  /// Makes an updater.
  ///
  /// - Parameters:
  ///   - service: whose models change.
  ///   - factory: where swift-metrics counts updates.
  ///   - report: told what becomes of each.
  ///   - newest: finds newer models.
  public init(
    service: LoadedService, metrics factory: any MetricsFactory = NOOPMetricsHandler.instance,
    report: @escaping @Sendable (ServiceEvent) -> Void = { _ in }, newest: @escaping Source
  ) {
    self.service = service
    self.factory = factory
    self.report = report
    self.newest = newest
  }

  /// Starts an update; the completion comes when the models are in force, or cannot be.
  public func update(
    _ update: ModelUpdate, on occasion: Occasion = .request,
    completion: @escaping @Sendable (Result<ModelUpdateOutcome, RPCError>) -> Void = { _ in }
  ) {
    guard !isBusy.exchange(true, ordering: .acquiringAndReleasing) else {
      completion(
        .failure(
          RPCError(
            code: .aborted, message: "another update of the models is under way: ask again later")))
      return
    }
    let thread = Thread { [self] in
      // Of this thread alone: on Linux 0 names the calling thread.
      setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness)
      let result = carryOut(update, occasion)
      count(update, result)
      isBusy.store(false, ordering: .releasing)
      completion(result)
    }
    thread.name = "models"
    thread.start()
  }

  private func carryOut(
    _ update: ModelUpdate, _ occasion: Occasion
  ) -> Result<ModelUpdateOutcome, RPCError> {
    let models = service.models
    let before = models.primary.version
    do {
      switch update {
      case .reload:
        let unwanted = occasion == .request ? WithdrawnModels() : withdrawn.withLock { $0 }
        if let newer = try newest(models, unwanted) { try service.replace(by: newer) }
      case .rollback:
        guard try service.rollBack() else {
          return .failure(
            RPCError(
              code: .failedPrecondition, message: "no other models were in force before these"))
        }
        withdrawn.withLock { $0.withdraw(models) }
      }
      withdrawn.withLock { $0.admit(service.models) }
    } catch {
      report(.modelUpdateFailed(update: update, reason: "\(error)"))
      return .failure(
        RPCError(code: .failedPrecondition, message: "the models stay as they are: \(error)"))
    }
    return .success(
      ModelUpdateOutcome(
        modelVersion: service.models.primary.version, previousModelVersion: before))
  }

  private func count(_ update: ModelUpdate, _ result: Result<ModelUpdateOutcome, RPCError>) {
    let outcome = if case .success = result { "done" } else { "failed" }
    Counter(
      label: "teller_model_updates_total",
      dimensions: [("update", "\(update)"), ("result", outcome)], factory: factory
    ).increment()
    if case .success(let outcome) = result {
      report(
        .modelsInForce(
          update: update, version: outcome.modelVersion, previous: outcome.previousModelVersion))
    }
  }
}
