internal import GRDB

/// How the stores open their files.
enum SQLiteFile {
  private static let lockTimeoutSeconds = 5.0

  /// Opens a file, making it when it is not there: a write-ahead log, flushed at every commit.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - migrator: brings it to the form of this version.
  ///   - pageByteCount: the size of its pages if it is made; a file that is there keeps its own.
  /// - Returns: the connection.
  /// - Throws: ``EventLogError/unopenable(path:reason:)``.
  static func open(
    _ path: String, migrator: DatabaseMigrator, pageByteCount: Int? = nil
  ) throws(EventLogError) -> DatabaseQueue {
    var configuration = Configuration()
    if let pageByteCount {
      configuration.prepareDatabase { database in
        try database.execute(sql: "PRAGMA page_size = \(pageByteCount)")
      }
    }
    configuration.journalMode = .wal
    // A connection that is just closing may hold the lock for a moment.
    configuration.busyMode = .timeout(lockTimeoutSeconds)
    do {
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.writeWithoutTransaction { database in
        // What was acknowledged must survive a power cut: flush the write-ahead log at each commit.
        // It is set here because opening the connection in this journal mode sets NORMAL.
        try database.execute(sql: "PRAGMA synchronous = FULL")
      }
      try migrator.migrate(queue)
      return queue
    } catch {
      throw .unopenable(path: path, reason: EventLogError.line(error))
    }
  }

  /// Opens a file that is there once more, to read it while another connection writes.
  static func openForReading(_ path: String) throws(EventLogError) -> DatabaseQueue {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(lockTimeoutSeconds)
    do {
      return try DatabaseQueue(path: path, configuration: configuration)
    } catch {
      throw .unopenable(path: path, reason: EventLogError.line(error))
    }
  }
}

extension EventLogError {
  /// What went wrong, on one line: SQLite's errors quote statements of several.
  static func line(_ error: any Error) -> String {
    // It would quote the whole row.
    if error is RowDecodingError { return "a row of it is damaged" }
    return "\(error)".split(whereSeparator: \.isNewline)
      .map { $0.trimmingPrefix(while: \.isWhitespace) }.joined(separator: " ")
  }
}
