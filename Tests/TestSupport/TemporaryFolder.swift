internal import Foundation

/// A folder that lives as long as its object.
public final class TemporaryFolder: Sendable {
  /// The folder's path.
  public let path: String

  /// Makes an empty folder of a name nobody else has.
  ///
  /// - Throws: what the file system says.
  public init() throws {
    path =
      NSTemporaryDirectory() + "teller-tests-" + UUID().uuidString.lowercased()
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in the folder.
  public func file(_ name: String) -> String { "\(path)/\(name)" }
}
