internal import Foundation
internal import GRDB

/// The log of recommendations: one SQLite file of blocks, each with a hash over itself and the one
/// before.
///
/// It is not flushed at every commit: a killed process loses nothing that was committed, a power cut
/// may lose the last moments, and never the middle.
public final class SQLiteRecommendationStore: Sendable {
  let writer: DatabaseQueue
  let reader: DatabaseQueue
  let path: String

  /// The largest pages there are: a block lies on one, and is written in one piece.
  private static let pageByteCount = 65_536
  /// The pages after which the write-ahead log is brought into the file: 16 MiB.
  private static let checkpointPageCount = 256

  /// Opens the log, making it when it is not there.
  ///
  /// - Parameter path: the file.
  /// - Throws: ``EventLogError/unopenable(path:reason:)``.
  public init(path: String) throws(EventLogError) {
    self.path = path
    writer = try SQLiteFile.open(
      path, migrator: Self.migrator, pageByteCount: Self.pageByteCount)
    reader = try SQLiteFile.open(path, migrator: Self.migrator)
    do {
      try writer.writeWithoutTransaction { database in
        try database.execute(sql: "PRAGMA synchronous = NORMAL")
        try database.execute(sql: "PRAGMA wal_autocheckpoint = \(Self.checkpointPageCount)")
      }
    } catch {
      throw .unopenable(path: path, reason: "\(error)")
    }
  }

  /// Each migration is applied once and never edited afterwards.
  private static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("blocks") { database in
      try database.execute(
        sql: """
          CREATE TABLE blocks (
            sequence INTEGER PRIMARY KEY,
            instance INTEGER NOT NULL,
            first INTEGER NOT NULL,
            last INTEGER NOT NULL,
            last_time_ms INTEGER NOT NULL,
            hash BLOB NOT NULL,
            user_hashes BLOB NOT NULL,
            payload BLOB NOT NULL
          ) STRICT;
          CREATE INDEX blocks_by_number ON blocks (instance, first);
          CREATE TABLE catalogues (hash BLOB PRIMARY KEY, content BLOB NOT NULL) STRICT;
          CREATE TABLE kept (sequence INTEGER NOT NULL, previous_hash BLOB NOT NULL) STRICT;
          """)
      try database.execute(
        sql: "INSERT INTO kept VALUES (1, ?)", arguments: [RecommendationBlock.firstHash])
    }
    return migrator
  }

  /// Appends blocks in one transaction, all or none.
  ///
  /// - Parameters:
  ///   - blocks: the blocks, in order.
  ///   - instance: the run of the server that their answers are of.
  ///   - catalogues: the stored forms of the catalogues they refer to, by hash.
  /// - Throws: ``EventLogError/unwritable(path:reason:)``.
  func append(
    _ blocks: [NewRecommendationBlock], instance: UInt64, catalogues: [Data: Data]
  ) throws(EventLogError) {
    let instance = Int64(bitPattern: instance)
    do {
      try writer.write { database in
        for (hash, content) in catalogues {
          try database.execute(
            sql: "INSERT INTO catalogues VALUES (?, ?) ON CONFLICT DO NOTHING",
            arguments: [hash, content])
        }
        var (sequence, previous) = try Self.head(database)
        let statement = try database.cachedStatement(
          sql: "INSERT INTO blocks VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        for block in blocks {
          sequence += 1
          previous = RecommendationBlock.hash(
            of: block.payload, after: previous, sequence: sequence)
          try statement.execute(arguments: [
            sequence, instance, Int64(bitPattern: block.index.first),
            Int64(bitPattern: block.index.last), block.index.lastTimeMilliseconds, previous,
            block.index.userHashes, block.payload,
          ])
        }
      }
    } catch {
      throw .unwritable(path: path, reason: "\(error)")
    }
  }

  /// The last block's sequence number and hash, or those that the first block will follow.
  static func head(_ database: Database) throws -> (sequence: Int64, hash: Data) {
    let row =
      try Row.fetchOne(
        database, sql: "SELECT sequence, hash FROM blocks ORDER BY sequence DESC LIMIT 1")
      ?? Row.fetchOne(database, sql: "SELECT sequence - 1, previous_hash FROM kept")
    guard let row else { return (0, RecommendationBlock.firstHash) }
    return (row[0], row[1])
  }

  /// Whether the oldest block is too old or the file too large, without a walk over all blocks.
  private static func mayRemove(
    _ database: Database, _ cutMilliseconds: Int64, _ byteLimit: Int
  ) throws -> Bool {
    let oldest = try Int64.fetchOne(
      database, sql: "SELECT last_time_ms FROM blocks ORDER BY sequence LIMIT 1")
    if let oldest, oldest < cutMilliseconds { return true }
    func number(_ name: String) throws -> Int {
      try Int.fetchOne(database, sql: "PRAGMA \(name)") ?? 0
    }
    return try (number("page_count") - number("freelist_count")) * number("page_size") > byteLimit
  }

  /// Removes the oldest blocks: those all older than a time, and those beyond a size. The newest
  /// block always stays, so that the chain has an end to go on from.
  ///
  /// - Parameters:
  ///   - cutMilliseconds: blocks whose latest answer is of before this time go.
  ///   - byteLimit: the most bytes of payload that stay.
  /// - Returns: how many blocks went.
  /// - Throws: ``EventLogError/unwritable(path:reason:)``.
  public func compact(cutMilliseconds: Int64, byteLimit: Int) throws(EventLogError) -> Int {
    do {
      return try writer.write { database in
        guard try Self.mayRemove(database, cutMilliseconds, byteLimit) else { return 0 }
        // From the newest on, until one is too old or the room is used up.
        var bytes = 0
        var firstKept: Int64?
        let rows = try Row.fetchCursor(
          database,
          sql: """
            SELECT sequence, last_time_ms, length(payload) FROM blocks ORDER BY sequence DESC
            """)
        while let row = try rows.next() {
          bytes += row[2]
          if firstKept != nil, row[1] < cutMilliseconds || bytes > byteLimit { break }
          firstKept = row[0]
        }
        guard let firstKept,
          let previous = try Data.fetchOne(
            database, sql: "SELECT hash FROM blocks WHERE sequence = ?",
            arguments: [firstKept - 1])
        else { return 0 }
        try database.execute(
          sql: "UPDATE kept SET sequence = ?, previous_hash = ?",
          arguments: [firstKept, previous])
        try database.execute(
          sql: "DELETE FROM blocks WHERE sequence < ?", arguments: [firstKept])
        return database.changesCount
      }
    } catch {
      throw .unwritable(path: path, reason: "\(error)")
    }
  }
}
