internal import Foundation
internal import GRDB

extension SQLiteRecommendationStore {
  /// The most blocks that one call removes: the recorder must not fall behind meanwhile.
  public static let removalLimit = 1024

  /// Removes the oldest blocks: those that are too old, and as many as the file is too large by. The
  /// newest block always stays, so that the chain has an end to go on from.
  ///
  /// It looks at what it removes and at nothing else, whatever the size of the log, and at most at
  /// `blockLimit` blocks: call it again while it returns that many.
  ///
  /// - Parameters:
  ///   - cutMilliseconds: blocks whose latest answer is of before this time go.
  ///   - byteLimit: the most bytes that stay; pages that are free do not count.
  ///   - blockLimit: the most blocks that go.
  /// - Returns: how many blocks went.
  /// - Throws: ``EventLogError/unwritable(path:reason:)``.
  public func compact(
    cutMilliseconds: Int64, byteLimit: Int, blockLimit: Int = removalLimit
  ) throws(EventLogError) -> Int {
    do {
      return try writer.write { database in
        let newest = try Self.head(database).sequence
        var excess = try Self.usedByteCount(database) - byteLimit
        var last: (sequence: Int64, hash: Data)?
        var count = 0
        let rows = try Row.fetchCursor(
          database,
          sql: """
            SELECT sequence, last_time_ms, length(payload) + length(user_hashes), hash
            FROM blocks WHERE sequence < ? ORDER BY sequence LIMIT ?
            """, arguments: [newest, blockLimit])
        while let row = try rows.next() {
          let lastTimeMilliseconds: Int64 = try row.decode(atIndex: 1)
          guard lastTimeMilliseconds < cutMilliseconds || excess > 0 else { break }
          excess -= try row.decode(Int.self, atIndex: 2)
          last = (try row.decode(atIndex: 0), try row.decode(atIndex: 3))
          count += 1
        }
        guard let last else { return 0 }
        try database.execute(
          sql: "UPDATE kept SET sequence = ?, previous_hash = ?",
          arguments: [last.sequence + 1, last.hash])
        try database.execute(
          sql: "DELETE FROM blocks WHERE sequence <= ?", arguments: [last.sequence])
        return count
      }
    } catch {
      throw .unwritable(path: path, reason: EventLogError.line(error))
    }
  }

  private static func usedByteCount(_ database: Database) throws -> Int {
    func number(_ name: String) throws -> Int {
      try Int.fetchOne(database, sql: "PRAGMA \(name)") ?? 0
    }
    return try (number("page_count") - number("freelist_count")) * number("page_size")
  }
}
