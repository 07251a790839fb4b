internal import Foundation

/// A folder to serve from that has the dataset and the models of a workspace, and logs of its own.
struct ScratchWorkspace {
  /// The folder.
  let folder: String

  /// The event log's file.
  var eventLogPath: String { "\(folder)/events.sqlite" }
  /// The file of the record of answers.
  var recommendationLogPath: String { "\(folder)/recommendations.sqlite" }

  private let workspace: String

  /// Makes the folder, anew when it is there.
  ///
  /// - Parameters:
  ///   - folder: where.
  ///   - workspace: what gives the dataset and the models, and stays as it is.
  /// - Throws: what the file system throws.
  init(folder: String, workspace: String) throws {
    self.folder = folder
    self.workspace = URL(fileURLWithPath: workspace).standardizedFileURL.path
    try clear()
  }

  /// A folder for temporary files that nobody else uses.
  static func temporaryFolder(_ name: String) -> String {
    "\(NSTemporaryDirectory())/teller-\(name)-\(ProcessInfo.processInfo.processIdentifier)"
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
