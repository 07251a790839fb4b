internal import Experiments
internal import RecommenderModels

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

  /// The place of a customer's arm; nil while no experiment runs.
  func arm(of userID: UnsafeRawBufferPointer) -> Int? {
    guard let experiment, experiment.isRunning(atMilliseconds: nowMilliseconds()) else {
      return nil
    }
    return experiment.armIndex(of: userID)
  }

  /// Whether an arm ranks by popularity, whatever the model; false for nil.
  func isByPopularity(arm place: Int?) -> Bool {
    guard let experiment, let place else { return false }
    return experiment.arms[place].model == RecommenderKind.popularity.rawValue
  }

  /// The weight of an arm; the server's for nil and for arms without one.
  func weight(ofArm place: Int?) -> Float {
    guard let experiment, let place, let weight = experiment.arms[place].explorationWeight else {
      return server
    }
    return Float(weight)
  }
}
