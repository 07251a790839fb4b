internal import Foundation
internal import TestSupport

/// Files for readers that take a path; `scripts/fuzz.sh` puts them in memory.
public struct FuzzFolder: Sendable {
  private let folder: TemporaryFolder

  /// Makes an empty folder.
  public init() {
    guard let folder = try? TemporaryFolder() else {
      preconditionFailure("no folder for temporary files; TMPDIR says where")
    }
    self.folder = folder
  }

  /// Its path.
  public var path: String { folder.path }

  /// Writes a file.
  ///
  /// - Returns: its path.
  @discardableResult
  public func write(_ name: String, _ bytes: UnsafeRawBufferPointer) -> String {
    let path = folder.file(name)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    precondition(descriptor >= 0, "\(path) cannot be written")
    defer { close(descriptor) }
    if let start = bytes.baseAddress {
      precondition(Foundation.write(descriptor, start, bytes.count) == bytes.count, path)
    }
    return path
  }

  /// Writes a file of text.
  ///
  /// - Returns: its path.
  @discardableResult
  public func write(_ name: String, text: String) -> String {
    Array(text.utf8).withUnsafeBytes { write(name, $0) }
  }
}
