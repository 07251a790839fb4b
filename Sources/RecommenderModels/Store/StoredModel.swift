/// A model that was opened from a store.
public struct StoredModel: Sendable {
  /// Its version, such as `hrnn-0001`: the name of its folder.
  public let version: String
  /// Its folder.
  public let folder: String
  /// Its manifest.
  public let manifest: ModelManifest
  /// The model itself.
  public let recommender: any Recommender

  /// Makes a stored model.
  public init(
    version: String, folder: String, manifest: ModelManifest, recommender: any Recommender
  ) {
    self.version = version
    self.folder = folder
    self.manifest = manifest
    self.recommender = recommender
  }
}
