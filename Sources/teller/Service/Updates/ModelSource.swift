internal import Foundation
internal import InteractionData
internal import RecommenderModels
internal import RecommenderService

/// Where a server finds its models: the dataset and the model store of a workspace.
struct ModelSource: Sendable {
  let datasetFolder: String
  let store: ModelStore
  /// A recipe or a version; the best recipe that was trained, when nil.
  let model: String?

  /// The models to start with.
  func load() throws -> ServingModels {
    let opened = try DatasetFile.open(datasetFolder)
    return try load(opened.dataset, opened.checksum)
  }

  /// The newest models over the dataset as it is now; nil when those are the ones given.
  func newest(than current: ServingModels) throws -> ServingModels? {
    let opened = try DatasetFile.open(datasetFolder)
    let isSameDataset = opened.checksum == current.datasetChecksum
    let isSame =
      try isSameDataset && store.resolveBest(model) == current.primary.version
      && store.latest(.sims) == current.similarity?.version
      // Without a stored one it is counted from the dataset.
      && (store.latest(.popularity) ?? current.popularity.version) == current.popularity.version
    if isSame { return nil }
    return try load(isSameDataset ? current.dataset : opened.dataset, opened.checksum)
  }

  private func load(_ dataset: Dataset, _ checksum: String) throws -> ServingModels {
    func newest(_ kind: RecommenderKind) throws -> StoredModel? {
      try store.latest(kind).map { try store.open($0, for: dataset) }
    }
    return try ServingModels(
      dataset: dataset, datasetChecksum: checksum,
      primary: store.open(store.resolveBest(model), for: dataset),
      popularity: newest(.popularity), similarity: newest(.sims))
  }

  /// Changes whenever a version or the dataset does; costs a look into a folder.
  var signature: String {
    let description = "\(datasetFolder)/\(DatasetFile.descriptionName)"
    let file = try? FileManager.default.attributesOfItem(atPath: description)
    let written = (file?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
    return store.versions.joined(separator: " ") + " \(written)"
  }
}
