internal import RecommenderModels

/// Models and datasets that somebody has rolled back: they do not come in force again by themselves.
public struct WithdrawnModels: Equatable, Sendable {
  private var versions: Set<String> = []
  private var datasets: Set<String> = []

  /// Nothing was rolled back.
  public init() {}

  /// Whether this version was rolled back and not asked for since.
  public func contains(version: String) -> Bool { versions.contains(version) }

  /// Whether the dataset with this checksum was.
  public func contains(dataset checksum: String) -> Bool { datasets.contains(checksum) }

  /// Notes that these models were in force and are not wanted.
  mutating func withdraw(_ models: ServingModels) {
    versions.formUnion(models.all.map(\.version))
    if let checksum = models.datasetChecksum { datasets.insert(checksum) }
  }

  /// Notes that these models are in force, because somebody wanted it or they are newer.
  mutating func admit(_ models: ServingModels) {
    versions.subtract(models.all.map(\.version))
    if let checksum = models.datasetChecksum { datasets.remove(checksum) }
  }
}
