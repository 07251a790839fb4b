internal import Foundation
internal import GRDB

extension SQLiteRecommendationStore {
  /// Finds an answer by its name.
  ///
  /// - Parameter recommendationID: 32 hexadecimal digits; any other text finds nothing.
  /// - Returns: the answer; nil when it is not on record.
  /// - Throws: ``EventLogError/unreadable(path:reason:)``.
  public func find(_ recommendationID: String) throws(EventLogError) -> RecommendationRecord? {
    guard let name = RecommendationName(recommendationID) else { return nil }
    return try reading { database in
      let payload = try Data.fetchOne(
        database,
        sql: """
          SELECT payload FROM blocks WHERE instance = ? AND first <= ?
          ORDER BY first DESC LIMIT 1
          """, arguments: [Int64(bitPattern: name.high), Int64(bitPattern: name.low)])
      guard let payload else { return nil }
      var known: [Data: RecommendationCatalogue] = [:]
      let (records, _) = try Self.records(payload, database, known: &known) {
        $0.number == name.low
      }
      return records.first
    }
  }

  /// The newest answers to a customer, newest first.
  ///
  /// - Parameters:
  ///   - userID: the customer.
  ///   - count: the most answers, at most ``RecommendationLogLimits/listLimit``.
  ///   - timeMilliseconds: only answers of before this time; nil for all.
  /// - Returns: the answers.
  /// - Throws: ``EventLogError/unreadable(path:reason:)``.
  public func list(
    userID: String, count: Int, before timeMilliseconds: Int64? = nil
  ) throws(EventLogError) -> [RecommendationRecord] {
    let count = min(count, RecommendationLogLimits.listLimit)
    let user = Array(userID.utf8)
    let hash = user.withUnsafeBytes { RecommendationBlock.userHash($0) }
    return try reading { database in
      var found: [RecommendationRecord] = []
      var known: [Data: RecommendationCatalogue] = [:]
      // The payload stands last: SQLite does not read it from disk unless it is asked for.
      let rows = try Row.fetchCursor(
        database, sql: "SELECT user_hashes, payload FROM blocks ORDER BY sequence DESC")
      while found.count < count, let row = try rows.next() {
        let mayHold = try row.withUnsafeData(atIndex: 0) { hashes in
          hashes?.withUnsafeBytes { RecommendationBlock.mayHold(hash, in: $0) } ?? false
        }
        guard mayHold else { continue }
        let payload: Data = try row.decode(atIndex: 1)
        let (records, _) = try Self.records(payload, database, known: &known) { reader in
          reader.userID.elementsEqual(user)
            && reader.timeMilliseconds < timeMilliseconds ?? .max
        }
        found += records.reversed().prefix(count - found.count)
      }
      return found
    }
  }

  /// Hands over every answer on record, block by block, in the order in which they were written.
  ///
  /// - Parameter body: takes each answer.
  /// - Throws: ``EventLogError/unreadable(path:reason:)``.
  public func forEach(_ body: (RecommendationRecord) -> Void) throws(EventLogError) {
    try reading { database in
      let payloads = try Data.fetchCursor(
        database, sql: "SELECT payload FROM blocks ORDER BY sequence")
      var known: [Data: RecommendationCatalogue] = [:]
      while let payload = try payloads.next() {
        try Self.records(payload, database, known: &known) { _ in true }.records.forEach(body)
      }
    }
  }

  /// The answers of a block that are wanted, in order; whether the block holds together.
  /// `known` are the catalogues read so far, by hash: a walk over all blocks meets the same few.
  private static func records(
    _ payload: Data, _ database: Database, known: inout [Data: RecommendationCatalogue],
    where isWanted: (RecordReader) -> Bool
  ) throws -> (records: [RecommendationRecord], isWhole: Bool) {
    guard let block = RecommendationBlock(payload: payload) else { return ([], false) }
    var catalogues: [UInt32: RecommendationCatalogue] = [:]
    for (number, hash) in block.catalogueHashes {
      if known[hash] == nil {
        let content = try Data.fetchOne(
          database, sql: "SELECT content FROM catalogues WHERE hash = ?", arguments: [hash])
        known[hash] = try content.map {
          try JSONDecoder().decode(RecommendationCatalogue.self, from: $0)
        }
      }
      catalogues[number] = known[hash]
    }
    var records: [RecommendationRecord] = []
    let isWhole = block.forEach { reader in
      guard isWanted(reader), let catalogue = catalogues[reader.catalogue] else { return }
      records.append(reader.record(instance: block.instance, catalogue: catalogue))
    }
    return (records, isWhole)
  }

  func reading<Value>(_ body: (Database) throws -> Value) throws(EventLogError) -> Value {
    do {
      return try reader.read(body)
    } catch {
      throw .unreadable(path: path, reason: EventLogError.line(error))
    }
  }
}
