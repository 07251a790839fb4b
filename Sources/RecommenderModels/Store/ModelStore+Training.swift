internal import Foundation
public import InteractionData

extension ModelStore {
  /// The manifest of a model that was just trained; the tensors' checksum is filled in by
  /// ``add(_:manifest:)``.
  public static func manifest(
    of outcome: ModelTrainer.Outcome, kind: RecommenderKind, seed: UInt64, dataset: Dataset,
    datasetChecksum: String
  ) -> ModelManifest {
    ModelManifest(
      kind: kind, seed: seed, configuration: outcome.recommender.configuration,
      datasetChecksum: datasetChecksum,
      catalogueChecksum: catalogueChecksum(dataset.items),
      trainedThrough: dataset.lastMonth?.description ?? "",
      items: outcome.recommender.itemCount, parameters: outcome.recommender.parameterCount,
      validation: outcome.validation)
  }

  /// A twin of a stored model, trained with its recipe, settings and seed on less history.
  ///
  /// A model that has seen the month it is to predict proves nothing. The twin is kept in the
  /// version's folder under `twins/NAME`, and is trained again when the dataset has changed.
  ///
  /// - Parameters:
  ///   - model: the stored model.
  ///   - name: the name of the split.
  ///   - training: what the twin may see.
  ///   - datasetChecksum: the checksum of the dataset that `training` was cut from.
  ///   - trainer: the trainer.
  /// - Returns: the twin, and whether it had to be trained.
  /// - Throws: ``ModelError``.
  public func twin(
    of model: StoredModel, name: String, training: Dataset, datasetChecksum: String,
    trainer: ModelTrainer
  ) throws(ModelError) -> (twin: StoredModel, trained: Bool) {
    let target = "\(model.folder)/twins/\(name)"
    if let stored = try? open(version: model.version, folder: target, for: training),
      stored.manifest.datasetChecksum == datasetChecksum
    {
      return (stored, false)
    }
    let outcome = try trainer.train(
      model.manifest.kind, on: training, settings: model.manifest.configuration,
      seed: model.manifest.seed)
    try? FileManager.default.removeItem(atPath: target)
    let manifest = Self.manifest(
      of: outcome, kind: model.manifest.kind, seed: model.manifest.seed, dataset: training,
      datasetChecksum: datasetChecksum)
    let stored = try write(
      outcome.recommender, manifest: manifest, version: model.version, to: target)
    // Where another evaluation was quicker, its twin is the same to the byte.
    if let stored { return (stored, true) }
    return (try open(version: model.version, folder: target, for: training), false)
  }
}
