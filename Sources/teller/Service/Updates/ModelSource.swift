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
    return try load(opened.dataset, opened.checksum, wanted())
  }

  /// The newest models over the dataset as it is now, those that were withdrawn left out; nil when
  /// those are the ones given, or the dataset itself was withdrawn.
  func newest(
    than current: ServingModels, without withdrawn: WithdrawnModels
  ) throws -> ServingModels? {
    let opened = try DatasetFile.open(datasetFolder)
    if withdrawn.contains(dataset: opened.checksum) { return nil }
    let isSameDataset = opened.checksum == current.datasetChecksum
    let wanted = try wanted(withdrawn)
    let isSame =
      isSameDataset && wanted.primary == current.primary.version
      && wanted.similarity == current.similarity?.version
      // Without a stored one it is counted from the dataset.
      && (wanted.popularity ?? current.popularity.version) == current.popularity.version
    if isSame { return nil }
    return try load(
      isSameDataset ? current.dataset : opened.dataset, opened.checksum, wanted)
  }

  /// The versions to answer from.
  private struct Versions {
    var primary: String
    var popularity: String?
    var similarity: String?
  }

  private func wanted(_ withdrawn: WithdrawnModels = WithdrawnModels()) throws -> Versions {
    let versions = store.versions.filter { !withdrawn.contains(version: $0) }
    return Versions(
      primary: try store.resolveBest(model, among: versions),
      popularity: store.latest(.popularity, among: versions),
      similarity: store.latest(.sims, among: versions))
  }

  private func load(
    _ dataset: Dataset, _ checksum: String, _ versions: Versions
  ) throws -> ServingModels {
    func open(_ version: String?) throws -> StoredModel? {
      try version.map { try store.open($0, for: dataset) }
    }
    return try ServingModels(
      dataset: dataset, datasetChecksum: checksum,
      primary: store.open(versions.primary, for: dataset),
      popularity: open(versions.popularity), similarity: open(versions.similarity))
  }

  /// Changes whenever a version or the dataset does; costs a look into a folder.
  var signature: String {
    let description = "\(datasetFolder)/\(DatasetFile.descriptionName)"
    let file = try? FileManager.default.attributesOfItem(atPath: description)
    let written = (file?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
    return store.versions.joined(separator: " ") + " \(written)"
  }
}
