internal import ArgumentParser
internal import Foundation
internal import Logging
internal import RecommenderModels
internal import RecommenderRPC
internal import RecommenderService

/// The options of how a server comes to newer models.
struct ModelUpdateOptions: ParsableArguments {
  /// How often the workspace is looked at, in seconds.
  static let watchSeconds = 5
  /// The range of `--retrain-every`, in hours.
  static let retrainHours = 1.0...8760

  @Flag(help: "Put newer models and a newly imported dataset in force as soon as they are there.")
  var watchModels = false

  @Option(
    help: """
      Hours after which the models are trained anew when the dataset or, for the network, what \
      customers hold by their feedback has changed, in another process of low priority, and put \
      in force; 1 to 8760. SIGUSR1 does the same at once. [default: never]
      """)
  var retrainEvery: Double?

  func validate() throws {
    if let retrainEvery, !Self.retrainHours.contains(retrainEvery) {
      throw ValidationError("--retrain-every is \(retrainEvery), it must be from 1 to 8760 hours")
    }
  }

  /// Does what was asked for until the task is cancelled.
  func run(
    _ updater: ModelUpdater, _ source: ModelSource, _ retraining: Retraining,
    at signal: AwaitedSignal, _ logger: Logger
  ) async {
    await withTaskGroup(of: Void.self) { group in
      if watchModels { group.addTask { await watch(updater, source) } }
      group.addTask {
        while await signal.wait() != nil {
          if await retraining.run(logger) { updater.update(.reload, on: .discovery) }
        }
      }
      if let retrainEvery {
        group.addTask {
          while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(retrainEvery * 3600))
            if Task.isCancelled { return }
            // The task that waits for signals trains: one training at a time.
            kill(getpid(), SIGUSR1)
          }
        }
      }
    }
  }

  private func watch(_ updater: ModelUpdater, _ source: ModelSource) async {
    var seen = source.signature
    while !Task.isCancelled {
      try? await Task.sleep(for: .seconds(Self.watchSeconds))
      let now = source.signature
      guard now != seen, !Task.isCancelled else { continue }
      let isDone = await withCheckedContinuation { continuation in
        updater.update(.reload, on: .discovery) { result in
          // While another update is under way it is too early; what cannot be loaded is left
          // alone until it changes again.
          if case .failure(let error) = result, error.code == .aborted {
            continuation.resume(returning: false)
          } else {
            continuation.resume(returning: true)
          }
        }
      }
      if isDone { seen = now }
    }
  }
}
