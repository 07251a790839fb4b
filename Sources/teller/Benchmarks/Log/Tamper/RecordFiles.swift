internal import Foundation
internal import GRDB

/// The files of a record of answers in a workspace: the database, and beside it what SQLite has not
/// brought into it yet.
struct RecordFiles {
  /// The folder they are in.
  let folder: String

  /// The database.
  var path: String { "\(folder)/recommendations.sqlite" }
  /// What was written last.
  var writeAheadPath: String { "\(path)-wal" }

  private var paths: [String] { ["", "-wal", "-shm"].map { "\(path)\($0)" } }

  /// Makes these files the same as others.
  func replace(by other: RecordFiles) throws {
    for (path, source) in zip(paths, other.paths) {
      try? FileManager.default.removeItem(atPath: path)
      if FileManager.default.fileExists(atPath: source) {
        try FileManager.default.copyItem(atPath: source, toPath: path)
      }
    }
  }

  /// How long a file is; 0 when it is not there.
  static func byteCount(_ path: String) -> Int {
    (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
  }

  /// Changes rows, in one transaction.
  func write<Value>(_ body: (Database) throws -> Value) throws -> Value {
    let queue = try DatabaseQueue(path: path)
    let value = try queue.write(body)
    try queue.close()
    return value
  }

  /// All blocks, in order.
  func blocks() throws -> [Row] {
    try write { try Row.fetchAll($0, sql: "SELECT * FROM blocks ORDER BY sequence") }
  }
}
