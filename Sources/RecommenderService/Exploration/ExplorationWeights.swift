internal import Experiments

/// How much answers explore whose request does not say it: as the arm of their customer while an
/// experiment runs, otherwise as the server is set up.
final class ExplorationWeights: Sendable {
  /// The weight outside experiments.
  let server: Float
  /// The experiment, if there is one.
  let experiment: Experiment?
  /// The clock, in milliseconds since 1970.
  let nowMilliseconds: @Sendable () -> Int64

  init(
    server: Float, experiment: Experiment?, nowMilliseconds: @escaping @Sendable () -> Int64
  ) {
    self.server = server
    self.experiment = experiment
    self.nowMilliseconds = nowMilliseconds
  }

  /// The weight for a customer.
  func weight(of userID: UnsafeRawBufferPointer) -> Float {
    guard let experiment, experiment.isRunning(atMilliseconds: nowMilliseconds()) else {
      return server
    }
    return experiment.arms[experiment.armIndex(of: userID)].explorationWeight.map { Float($0) }
      ?? server
  }
}
