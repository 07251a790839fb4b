internal import Foundation
public import InteractionData
internal import TensorFiles

/// The `models` folder of a workspace: one folder a version, never changed once it has its name.
public struct ModelStore: Sendable {
  /// The folder of all versions.
  public let folder: String

  static let manifestName = "manifest.json"
  static let tensorsName = "model.safetensors"

  /// Makes a store over a folder, which need not exist yet.
  public init(folder: String) { self.folder = folder }

  /// The versions present, oldest first within a recipe.
  public var versions: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { Self.parse($0) != nil }.sorted {
      guard let left = Self.parse($0), let right = Self.parse($1) else { return $0 < $1 }
      return (left.kind.rawValue, left.number) < (right.kind.rawValue, right.number)
    }
  }

  /// The newest version of a recipe; nil when there is none.
  public func latest(_ kind: RecommenderKind) -> String? { latest(kind, among: versions) }

  /// The newest version of a recipe among some, which come in the order of ``versions``; nil when
  /// there is none.
  public func latest(_ kind: RecommenderKind, among versions: [String]) -> String? {
    versions.last { Self.parse($0)?.kind == kind }
  }

  /// The version a user means by a recipe's name or a version's.
  ///
  /// - Parameter name: `hrnn` for the newest of the recipe, or `hrnn-0003`.
  /// - Returns: the version.
  /// - Throws: ``ModelError/noSuchModel(name:available:)``.
  public func resolve(_ name: String) throws(ModelError) -> String {
    if let kind = RecommenderKind(rawValue: name), let version = latest(kind) { return version }
    if versions.contains(name) { return name }
    throw .noSuchModel(name: name, available: versions)
  }

  /// Writes a model as the next version of its recipe.
  ///
  /// - Parameters:
  ///   - recommender: the model.
  ///   - manifest: its manifest; the tensors' checksum is filled in.
  /// - Returns: the stored model.
  /// - Throws: ``ModelError/file(_:)``; no version is left half written.
  public func add(
    _ recommender: any Recommender, manifest: ModelManifest
  ) throws(ModelError) -> StoredModel {
    // Another training may take the number meanwhile: then the next one is tried.
    for _ in 0..<Self.numberingAttemptLimit {
      let number = (latest(manifest.kind).flatMap { Self.parse($0)?.number } ?? 0) + 1
      let digits = String(number)
      let version =
        manifest.kind.rawValue + "-" + String(repeating: "0", count: max(0, 4 - digits.count))
        + digits
      let target = "\(folder)/\(version)"
      if let stored = try write(recommender, manifest: manifest, version: version, to: target) {
        return stored
      }
    }
    throw .file(.unwritable(path: folder, reason: "other trainings keep taking the next version"))
  }

  private static let numberingAttemptLimit = 100

  /// Writes a model into a folder of its own, which must not exist; used for versions and for
  /// twins that were trained to be evaluated. Nil when the folder exists already.
  func write(
    _ recommender: any Recommender, manifest: ModelManifest, version: String, to target: String
  ) throws(ModelError) -> StoredModel? {
    let staged = "\(folder)/.staged-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: staged) }
    var manifest = manifest
    do {
      try? FileManager.default.removeItem(atPath: staged)
      try FileManager.default.createDirectory(
        atPath: staged, withIntermediateDirectories: true)
      var writer = SafetensorsWriter(metadata: ["kind": manifest.kind.rawValue])
      recommender.write(into: &writer)
      manifest.tensorsChecksum = Checksum.text(
        try writer.write(to: "\(staged)/\(Self.tensorsName)"))
      let json = String(decoding: try Self.encoder.encode(manifest), as: UTF8.self)
      try AtomicFile.write(path: "\(staged)/\(Self.manifestName)", text: json + "\n")
      let parent = (target as NSString).deletingLastPathComponent
      try FileManager.default.createDirectory(
        atPath: parent, withIntermediateDirectories: true)
      guard rename(staged, target) == 0 else {
        if errno == EEXIST || errno == ENOTEMPTY { return nil }
        throw TensorFileError.unwritable(path: target, reason: String(cString: strerror(errno)))
      }
    } catch let error as TensorFileError {
      throw .file(error)
    } catch {
      throw .file(.unwritable(path: target, reason: error.localizedDescription))
    }
    return StoredModel(
      version: version, folder: target, manifest: manifest, recommender: recommender)
  }

  /// Opens a version.
  ///
  /// - Parameters:
  ///   - version: its name; see ``resolve(_:)``.
  ///   - dataset: whose catalogue the model must know; unchecked when nil.
  /// - Returns: the model.
  /// - Throws: ``ModelError``.
  public func open(
    _ version: String, for dataset: Dataset? = nil
  ) throws(ModelError) -> StoredModel {
    try open(version: version, folder: "\(folder)/\(version)", for: dataset)
  }

  func open(
    version: String, folder: String, for dataset: Dataset?
  ) throws(ModelError) -> StoredModel {
    let path = "\(folder)/\(Self.manifestName)"
    let manifest: ModelManifest
    do {
      let data = try Data(contentsOf: URL(fileURLWithPath: path))
      manifest = try Self.decoder.decode(ModelManifest.self, from: data)
    } catch {
      throw .unreadableManifest(
        path: path, reason: "it is missing, cut short or of another program")
    }
    guard manifest.format == ModelManifest.supportedFormat else {
      throw .unreadableManifest(
        path: path,
        reason: "model format \(manifest.format), this program reads "
          + "\(ModelManifest.supportedFormat)")
    }
    let file: SafetensorsFile
    do throws(TensorFileError) {
      file = try SafetensorsFile(path: "\(folder)/\(Self.tensorsName)")
      guard Checksum.text(file.headerChecksum) == manifest.tensorsChecksum else {
        throw TensorFileError.malformed(
          path: "\(folder)/\(Self.tensorsName)", reason: "its manifest speaks of other tensors")
      }
      try file.verifyChecksums()
    } catch {
      throw .file(error)
    }
    let recommender = try Self.recommender(manifest, file)
    if let dataset {
      guard manifest.catalogueChecksum == Self.catalogueChecksum(dataset.items),
        recommender.itemCount == dataset.items.count
      else {
        throw .catalogueMismatch(
          model: version, modelItems: manifest.items, datasetItems: dataset.items.count)
      }
    }
    return StoredModel(
      version: version, folder: folder, manifest: manifest, recommender: recommender)
  }

  private static func recommender(
    _ manifest: ModelManifest, _ file: SafetensorsFile
  ) throws(ModelError) -> any Recommender {
    switch manifest.kind {
    case .popularity:
      try PopularityRecommender(file: file, configuration: manifest.configuration)
    case .sims:
      try ItemCooccurrenceRecommender(file: file, configuration: manifest.configuration)
    case .hrnn:
      try HRNNRecommender(file: file, configuration: manifest.configuration)
    }
  }

  /// The checksum that tells whether two catalogues list the same items in the same order.
  public static func catalogueChecksum(_ items: ItemCatalogue) -> String {
    let ends = Checksum.crc32(items.identifiers.offsets.bytes)
    return Checksum.text(Checksum.crc32(items.identifiers.bytes.bytes) ^ ends)
  }

  private static func parse(_ version: String) -> (kind: RecommenderKind, number: Int)? {
    let parts = version.split(separator: "-")
    guard parts.count == 2, let kind = RecommenderKind(rawValue: String(parts[0])),
      parts[1].count >= 4, let number = Int(parts[1]), number > 0
    else { return nil }
    return (kind, number)
  }

  private static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return encoder
  }

  private static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }
}
