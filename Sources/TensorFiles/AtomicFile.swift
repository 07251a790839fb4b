internal import Foundation

/// Writes files so that a reader, or a crash, sees the old content or the new, never a mixture.
public enum AtomicFile {
  /// Replaces the file at `path` with the given parts, one after another.
  ///
  /// The bytes go to a temporary file in the same folder, are flushed to the disk, and take the
  /// name in one step; the folder is flushed too.
  ///
  /// - Parameters:
  ///   - path: the file to replace or create.
  ///   - parts: the content.
  /// - Throws: ``TensorFileError/unwritable(path:reason:)``; what stood at `path` is unchanged.
  public static func write(
    path: String, parts: [UnsafeRawBufferPointer]
  ) throws(TensorFileError) {
    let temporary = "\(path).partial-\(getpid())"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure(path) }
    var written = false
    defer {
      close(descriptor)
      if !written { unlink(temporary) }
    }
    for part in parts {
      var rest = part
      while let base = rest.baseAddress, rest.count > 0 {
        let count = Foundation.write(descriptor, base, min(rest.count, 1 << 30))
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { throw failure(path) }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }
    guard fsync(descriptor) == 0, rename(temporary, path) == 0 else { throw failure(path) }
    written = true
    flushFolder(of: path)
  }

  /// Replaces the file at `path` with text in UTF-8.
  ///
  /// - Parameters:
  ///   - path: the file to replace or create.
  ///   - text: the content.
  /// - Throws: ``TensorFileError/unwritable(path:reason:)``.
  public static func write(path: String, text: String) throws(TensorFileError) {
    let bytes = Array(text.utf8)
    let copy = Column(bytes)
    defer { withExtendedLifetime(copy) {} }
    try write(path: path, parts: [copy.bytes])
  }

  /// Removes what processes that were killed while they wrote `path` have left beside it. Nobody else
  /// may be writing it.
  ///
  /// - Parameter path: the file, which itself stays.
  public static func removeLeftovers(of path: String) {
    let (folder, name) = (
      (path as NSString).deletingLastPathComponent, (path as NSString).lastPathComponent
    )
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for other in names where other.hasPrefix("\(name).partial-") { unlink("\(folder)/\(other)") }
  }

  private static func failure(_ path: String) -> TensorFileError {
    .unwritable(path: path, reason: String(cString: strerror(errno)))
  }

  /// Without this the new name itself may be lost in a power cut.
  private static func flushFolder(of path: String) {
    let folder = (path as NSString).deletingLastPathComponent
    let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}
