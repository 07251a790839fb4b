internal import Foundation
internal import TensorFiles

/// A dataset on disk: `dataset.json` and the tensor file it names.
///
/// Writing makes a new tensor file, flushes it, and then replaces `dataset.json` in one step: a
/// reader, or a crash at any moment, meets the old dataset or the new one.
public enum DatasetFile {
  /// The name of the file that makes a folder a dataset.
  public static let descriptionName = "dataset.json"

  /// A dataset that was opened, with the checksum that names its content.
  public struct Opened: Sendable {
    /// The dataset, its columns mapped from the file.
    public let dataset: Dataset
    /// Eight hexadecimal digits over the content; equal content gives equal digits.
    public let checksum: String
  }

  /// Writes a dataset into a folder, replacing the one that may be there.
  ///
  /// - Parameters:
  ///   - dataset: what to write.
  ///   - folder: the folder; made when missing.
  /// - Returns: the checksum of the content.
  /// - Throws: ``DatasetError/unwritable(path:reason:)``; an earlier dataset is unchanged.
  @discardableResult
  public static func write(_ dataset: Dataset, to folder: String) throws(DatasetError) -> String {
    let description = describe(dataset)
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
      let json = try encode(description, pretty: false)
      var writer = SafetensorsWriter(metadata: ["description": json])
      addTensors(of: dataset, to: &writer)
      let staged = "\(folder)/staged-\(getpid()).safetensors"
      let checksum = Checksum.text(try writer.write(to: staged))
      let name = "dataset-\(checksum).safetensors"
      guard rename(staged, "\(folder)/\(name)") == 0 else {
        throw DatasetError.unwritable(path: folder, reason: String(cString: strerror(errno)))
      }
      let pointer = DatasetPointer(
        format: DatasetDescription.supportedFormat, tensors: name, checksum: checksum,
        description: description)
      try AtomicFile.write(
        path: "\(folder)/\(descriptionName)", text: try encode(pointer, pretty: true) + "\n")
      removeStale(in: folder, except: name)
      return checksum
    } catch let error as DatasetError {
      throw error
    } catch let error as TensorFileError {
      throw .unwritable(path: folder, reason: error.description)
    } catch {
      throw .unwritable(path: folder, reason: "\(error.localizedDescription)")
    }
  }

  /// Opens the dataset of a folder by memory-map.
  ///
  /// - Parameters:
  ///   - folder: the folder.
  ///   - verifyingChecksums: whether to read every byte and compare the checksums.
  /// - Returns: the dataset.
  /// - Throws: ``DatasetError``.
  public static func open(
    _ folder: String, verifyingChecksums: Bool = true
  ) throws(DatasetError) -> Opened {
    let path = "\(folder)/\(descriptionName)"
    guard FileManager.default.fileExists(atPath: path) else { throw .absent(folder: folder) }
    let pointer: DatasetPointer
    do {
      let data = try Data(contentsOf: URL(fileURLWithPath: path))
      pointer = try decoder.decode(DatasetPointer.self, from: data)
    } catch {
      throw .unreadableDescription(path: path, reason: "it is cut short or of another program")
    }
    guard pointer.format == DatasetDescription.supportedFormat else {
      throw .unsupportedFormat(
        path: path, found: pointer.format, supported: DatasetDescription.supportedFormat)
    }
    let tensorPath = "\(folder)/\(pointer.tensors)"
    do {
      let file = try SafetensorsFile(path: tensorPath)
      guard Checksum.text(file.headerChecksum) == pointer.checksum else {
        throw DatasetError.foreignTensors(path: tensorPath)
      }
      // The description that counts is the one under the checksum; the other is for people.
      guard let json = file.metadata["description"],
        let description = try? decoder.decode(DatasetDescription.self, from: Data(json.utf8)),
        description == pointer.description
      else { throw DatasetError.foreignTensors(path: tensorPath) }
      if verifyingChecksums { try file.verifyChecksums() }
      let dataset = try read(file, description, path: tensorPath)
      return Opened(dataset: dataset, checksum: pointer.checksum)
    } catch let error as DatasetError {
      throw error
    } catch let error as TensorFileError {
      throw .file(error)
    } catch {
      throw .unreadableDescription(path: path, reason: error.localizedDescription)
    }
  }

  private static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }

  private static func encode(_ value: some Encodable, pretty: Bool) throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// Removes tensor files of earlier datasets and of imports that were killed.
  private static func removeStale(in folder: String, except name: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for other in names where other != name && other != descriptionName {
      let isOurs = other.hasPrefix("dataset-") || other.hasPrefix("staged-")
      if isOurs && other.contains(".safetensors") {
        try? FileManager.default.removeItem(atPath: "\(folder)/\(other)")
      }
    }
  }
}
