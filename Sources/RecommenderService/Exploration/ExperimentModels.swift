internal import Experiments
internal import RecommenderModels

extension Experiment {
  /// Sees to it that every arm can be answered from these models.
  ///
  /// - Throws: ``ServiceError/experiment(_:)``.
  func check(_ models: ServingModels) throws(ServiceError) {
    let primary = models.primary
    guard primary.recommender.scoreScale != .ordinal else {
      throw .experiment(.onlyOrders(experiment: name, model: primary.version))
    }
    var served = [primary.manifest.kind.rawValue, RecommenderKind.popularity.rawValue]
    if served[0] == served[1] { served.removeLast() }
    for arm in arms {
      guard let model = arm.model, !served.contains(model) else { continue }
      throw .experiment(.unservedModel(arm: arm.name, model: model, served: served))
    }
  }
}
