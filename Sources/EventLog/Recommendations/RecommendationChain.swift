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
  /// noted elsewhere shows those.
  ///
  /// - Parameter expectedHead: the ``RecommendationChain/headHash`` of an earlier check, which must
  ///   be in the chain; nil to expect none.
  /// - Returns: how far the chain holds.
  /// - Throws: ``EventLogError/unreadable(path:reason:)``.
  public func verify(expectedHead: String? = nil) throws(EventLogError) -> RecommendationChain {
    try reading { database in
      var chain = RecommendationChain()
      let start = try Row.fetchOne(database, sql: "SELECT sequence, previous_hash FROM kept")
      var sequence: Int64 = start?[0] ?? 1
      var previous: Data = start?[1] ?? RecommendationBlock.firstHash
      chain.hasExpectedHead = expectedHead == nil || Self.digits(previous) == expectedHead
      let rows = try Row.fetchCursor(
        database,
        sql: """
          SELECT sequence, hash, instance, first, last, last_time_ms, user_hashes, payload
          FROM blocks ORDER BY sequence
          """)
      while let row = try rows.next() {
        if let fault = try Self.fault(row, sequence, previous, database, &chain) {
          chain.fault = fault
          return chain
        }
        previous = row[1]
        chain.blockCount += 1
        chain.headSequence = sequence
        chain.headHash = Self.digits(previous)
        if chain.headHash == expectedHead { chain.hasExpectedHead = true }
        sequence += 1
      }
      if !chain.hasExpectedHead {
        chain.fault = RecommendationChain.Fault(
          sequence: sequence, reason: "the expected head is not in the log: its end is missing",
          recommendationID: "")
      }
      return chain
    }
  }

  private static func fault(
    _ row: Row, _ sequence: Int64, _ previous: Data, _ database: Database,
    _ chain: inout RecommendationChain
  ) throws -> RecommendationChain.Fault? {
    func fault(_ reason: String) -> RecommendationChain.Fault {
      let name = RecommendationName(
        high: UInt64(bitPattern: row[2]), low: UInt64(bitPattern: row[3]))
      return RecommendationChain.Fault(
        sequence: sequence, reason: reason, recommendationID: name.text)
    }
    let found: Int64 = row[0]
    if found != sequence { return fault("blocks \(sequence) to \(found - 1) are missing") }
    guard let block = RecommendationBlock(payload: row[7]) else {
      return fault("the block cannot be read")
    }
    guard RecommendationBlock.hash(of: row[7], after: previous, sequence: sequence) == row[1] else {
      return fault("the hash is not that of the block and the one before")
    }
    guard let index = block.index() else { return fault("an answer cannot be read") }
    let stored = RecommendationBlock.Index(
      first: UInt64(bitPattern: row[3]), last: UInt64(bitPattern: row[4]),
      lastTimeMilliseconds: row[5], userHashes: row[6])
    guard index == stored, UInt64(bitPattern: row[2]) == block.instance else {
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
