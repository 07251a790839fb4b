internal import Foundation
internal import TensorFiles

/// A file of rankings that grows model by model and takes its name when it is complete.
final class RankingDumpFile {
  private let path: String
  private let temporary: String
  private let file: FileHandle

  /// Opens the file, so that one that cannot be written is known before anything is computed.
  init(path: String) throws {
    self.path = path
    temporary = "\(path).partial-\(getpid())"
    guard FileManager.default.createFile(atPath: temporary, contents: nil),
      let file = FileHandle(forWritingAtPath: temporary)
    else {
      throw TensorFileError.unwritable(path: path, reason: String(cString: strerror(errno)))
    }
    self.file = file
  }

  deinit { try? FileManager.default.removeItem(atPath: temporary) }

  /// Adds the rankings of a model.
  func append(_ rankings: RankingDump) throws {
    do {
      try rankings.write(to: file)
    } catch {
      throw TensorFileError.unwritable(path: path, reason: error.localizedDescription)
    }
  }

  /// Gives the file its name.
  func finish() throws {
    do {
      try file.synchronize()
      try file.close()
    } catch {
      throw TensorFileError.unwritable(path: path, reason: error.localizedDescription)
    }
    guard rename(temporary, path) == 0 else {
      throw TensorFileError.unwritable(path: path, reason: String(cString: strerror(errno)))
    }
  }
}
