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
  /// What SQLite holds in memory: the pages of a transaction at full load, none of which is then
  /// written before its time.
  private static let pageCacheKibibytes = 8192

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
        try database.execute(sql: "PRAGMA cache_size = -\(Self.pageCacheKibibytes)")
        try database.execute(sql: "PRAGMA wal_autocheckpoint = \(Self.checkpointPageCount)")
      }
    } catch {
      throw .unopenable(path: path, reason: EventLogError.line(error))
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
      throw .unwritable(path: path, reason: EventLogError.line(error))
    }
  }

  /// Brings the write-ahead log into the file. A byte that changes in the write-ahead log costs all
  /// that was written after it, as a power cut does, and nothing tells that it was there; in the file
  /// it shows.
  ///
  /// - Throws: ``EventLogError/unwritable(path:reason:)``, also where somebody reads meanwhile.
  func settle() throws(EventLogError) {
    do {
      try writer.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
    } catch {
      throw .unwritable(path: path, reason: EventLogError.line(error))
    }
  }

  /// The last block's sequence number and hash, or those that the first block will follow.
  static func head(_ database: Database) throws -> (sequence: Int64, hash: Data) {
    let row =
      try Row.fetchOne(
        database, sql: "SELECT sequence, hash FROM blocks ORDER BY sequence DESC LIMIT 1")
      ?? Row.fetchOne(database, sql: "SELECT sequence - 1, previous_hash FROM kept")
    guard let row else { return (0, RecommendationBlock.firstHash) }
    return (try row.decode(atIndex: 0), try row.decode(atIndex: 1))
  }
}
