internal import Foundation

/// A folder to serve from that has the dataset and the models of a workspace, and logs of its own.
struct ScratchWorkspace {
  /// There is something that nobody may have meant to lose.
  struct FolderExists: Error, CustomStringConvertible {
    let folder: String

    var description: String {
      "\(folder) is there already; name a folder that is not, or remove it"
    }
  }

  /// The folder.
  let folder: String

  /// The event log's file.
  var eventLogPath: String { "\(folder)/events.sqlite" }
  /// The file of the record of answers.
  var recommendationLogPath: String { "\(folder)/recommendations.sqlite" }

  private let workspace: String

  /// Makes the folder.
  ///
  /// - Parameters:
  ///   - folder: where; nothing may be there.
  ///   - workspace: what gives the dataset and the models, and stays as it is.
  /// - Throws: ``FolderExists``, and what the file system throws.
  init(folder: String, workspace: String) throws {
    try Self.requireAbsent(folder)
    self.folder = folder
    self.workspace = URL(fileURLWithPath: workspace).standardizedFileURL.path
    try clear()
  }

  /// A folder for temporary files that nobody else uses.
  static func temporaryFolder(_ name: String) -> String {
    "\(NSTemporaryDirectory())/teller-\(name)-\(ProcessInfo.processInfo.processIdentifier)"
  }

  /// Makes sure that nothing is lost when a folder is removed after its use.
  ///
  /// - Throws: ``FolderExists``.
  static func requireAbsent(_ folder: String) throws {
    if FileManager.default.fileExists(atPath: folder) { throw FolderExists(folder: folder) }
  }

  /// Takes away all logs; no server may serve from the folder.
  func clear() throws {
    remove()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for name in ["dataset", "models"] {
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/\(name)", withDestinationPath: "\(workspace)/\(name)")
    }
  }

  /// Takes the folder away.
  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  /// How long the longest file of the logs is, in bytes; 0 when there is none.
  var longestFileByteCount: Int {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.contains(".sqlite") }
      .map { RecordFiles.byteCount("\(folder)/\($0)") }.max() ?? 0
  }
}
