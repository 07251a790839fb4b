internal import Foundation
internal import GRDB

/// What checking the chain of the log of recommendations found.
public struct RecommendationChain: Sendable, Equatable {
  /// The first place where the log is not what was written.
  public struct Fault: Sendable, Equatable {
    /// The block's sequence number.
    public var sequence: Int64
    /// What is wrong with it.
    public var reason: String
    /// The name of the first answer it may have held; empty when that cannot be told.
    public var recommendationID: String
  }

  /// The whole blocks before the fault, or all.
  public var blockCount = 0
  /// The answers in them.
  public var recordCount = 0
  /// The sequence number of the first block that retention has left; note it with the head, and a
  /// later check can tell whether blocks went that should not have.
  public var firstSequence: Int64 = 1
  /// The sequence number of the last of them.
  public var headSequence: Int64 = 0
  /// Its hash, 64 hexadecimal digits: note it elsewhere, and a later check can tell whether what
  /// was written until now is still there.
  public var headHash = ""
  /// Whether the head that was asked for is in the chain.
  public var hasExpectedHead = false
  /// The first fault; nil when there is none.
  public var fault: Fault?
}

extension SQLiteRecommendationStore {
  /// Checks every hash from the oldest block on, and stops at the first fault.
  ///
  /// A block that was altered, taken out or put in shows, and so does an altered catalogue. Blocks
  /// taken away at the end do not, and neither does a log that was made anew as a whole: only a hash
  /// noted elsewhere shows those. Blocks taken away at the start as retention takes them show by the
  /// number of the first block, noted elsewhere. At last SQLite checks its own file, so that what
  /// answers are found by is whole, too.
  ///
  /// - Parameters:
  ///   - expectedHead: the ``RecommendationChain/headHash`` of an earlier check, which must be in
  ///     the chain; nil to expect none.
  ///   - expectedFirst: the ``RecommendationChain/firstSequence`` of an earlier check, before which
  ///     the chain must not start later; nil to let retention take what it takes.
  /// - Returns: how far the chain holds.
  /// - Throws: ``EventLogError/unreadable(path:reason:)``, also where SQLite finds damage that the
  ///   chain does not show.
  public func verify(
    expectedHead: String? = nil, expectedFirst: Int64? = nil
  ) throws(EventLogError) -> RecommendationChain {
    let chain = try chain(expectedHead, expectedFirst)
    if chain.fault == nil, let damage = try reading(Self.damage) {
      throw .unreadable(path: path, reason: "the database is damaged: \(damage)")
    }
    return chain
  }

  /// What SQLite finds wrong with the file, its first line; nil when it is whole.
  private static func damage(_ database: Database) throws -> String? {
    let text = try String.fetchOne(database, sql: "PRAGMA integrity_check(1)") ?? ""
    guard text != "ok" else { return nil }
    return String(text.split(separator: "\n").last ?? "")
  }

  private func chain(
    _ expectedHead: String?, _ expectedFirst: Int64?
  ) throws(EventLogError) -> RecommendationChain {
    try reading { database in
      var chain = RecommendationChain()
      let start = try Row.fetchOne(database, sql: "SELECT sequence, previous_hash FROM kept")
      var sequence: Int64 = try start?.decode(atIndex: 0) ?? 1
      var previous: Data = try start?.decode(atIndex: 1) ?? RecommendationBlock.firstHash
      chain.firstSequence = sequence
      if let expectedFirst, sequence > expectedFirst {
        chain.fault = RecommendationChain.Fault(
          sequence: expectedFirst, reason: "blocks \(expectedFirst) to \(sequence - 1) are gone",
          recommendationID: "")
        return chain
      }
      chain.hasExpectedHead = expectedHead == nil || Self.digits(previous) == expectedHead
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT sequence, hash, instance, first, last, last_time_ms, user_hashes, payload
          FROM blocks ORDER BY sequence
          """)
      while let row = try rows.next() {
        let stored = try StoredBlock(row)
        if let fault = try Self.fault(stored, sequence, previous, database, &chain) {
          chain.fault = fault
          return chain
        }
        previous = stored.hash
        chain.blockCount += 1
        chain.headSequence = sequence
        chain.headHash = Self.digits(previous)
        if chain.headHash == expectedHead { chain.hasExpectedHead = true }
        sequence += 1
      }
      // Retention leaves the newest block, whatever its age.
      if chain.blockCount == 0, sequence > 1 {
        chain.fault = RecommendationChain.Fault(
          sequence: sequence - 1, reason: "the newest block is missing", recommendationID: "")
      } else if !chain.hasExpectedHead {
        chain.fault = RecommendationChain.Fault(
          sequence: sequence, reason: "the expected head is not in the log: its end is missing",
          recommendationID: "")
      }
      return chain
    }
  }

  /// A row, as it stands in the file.
  private struct StoredBlock {
    let sequence: Int64
    let hash: Data
    let instance: UInt64
    let index: RecommendationBlock.Index
    let payload: Data

    /// Throws where a column does not hold what it must, as in a page that was overwritten.
    init(_ row: Row) throws {
      sequence = try row.decode(atIndex: 0)
      hash = try row.decode(atIndex: 1)
      instance = UInt64(bitPattern: try row.decode(atIndex: 2))
      index = RecommendationBlock.Index(
        first: UInt64(bitPattern: try row.decode(atIndex: 3)),
        last: UInt64(bitPattern: try row.decode(atIndex: 4)),
        lastTimeMilliseconds: try row.decode(atIndex: 5), userHashes: try row.decode(atIndex: 6))
      payload = try row.decode(atIndex: 7)
    }
  }

  private static func fault(
    _ stored: StoredBlock, _ sequence: Int64, _ previous: Data, _ database: Database,
    _ chain: inout RecommendationChain
  ) throws -> RecommendationChain.Fault? {
    func fault(_ reason: String) -> RecommendationChain.Fault {
      let name = RecommendationName(high: stored.instance, low: stored.index.first)
      return RecommendationChain.Fault(
        sequence: sequence, reason: reason, recommendationID: name.text)
    }
    let found = stored.sequence
    if found > sequence { return fault("blocks \(sequence) to \(found - 1) are missing") }
    if found < sequence { return fault("block \(found) stands before the first") }
    guard let block = RecommendationBlock(payload: stored.payload) else {
      return fault("the block cannot be read")
    }
    let hash = RecommendationBlock.hash(of: stored.payload, after: previous, sequence: sequence)
    guard hash == stored.hash else {
      return fault("the hash is not that of the block and the one before")
    }
    guard let index = block.index() else { return fault("an answer cannot be read") }
    guard index == stored.index, stored.instance == block.instance else {
      return fault("what the block is found by is not what it holds")
    }
    for hash in block.catalogueHashes.values {
      let content = try Data.fetchOne(
        database, sql: "SELECT content FROM catalogues WHERE hash = ?", arguments: [hash])
      guard let content, RecommendationCatalogue.hash(of: content) == hash else {
        return fault("the catalogue it refers to is missing or altered")
      }
    }
    chain.recordCount += index.userHashes.count / 4
    return nil
  }

  private static func digits(_ hash: Data) -> String {
    hash.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
