internal import Digests
internal import Foundation
internal import GRDB
internal import InteractionData

extension Tamperer {
  private static let dayMilliseconds: Int64 = 86_400_000
  private static let timeByteCount = 6

  /// Changes a byte of a column of bytes.
  func flip(
    _ column: String, _ table: String, _ condition: String, _ database: Database,
    _ random: inout SeededGenerator
  ) throws {
    let found = try Data.fetchOne(
      database, sql: "SELECT \(column) FROM \(table) WHERE \(condition)")
    guard var bytes = found, !bytes.isEmpty else { return }
    bytes[Int(random.next() % UInt64(bytes.count))] ^= UInt8(1 + random.next() % 255)
    try database.execute(
      sql: "UPDATE \(table) SET \(column) = ? WHERE \(condition)", arguments: [bytes])
  }

  func changeCatalogue(_ database: Database, _ random: inout SeededGenerator) throws {
    switch random.next() % 3 {
    case 0: try flip("content", "catalogues", "true", database, &random)
    case 1: try flip("hash", "catalogues", "true", database, &random)
    default: try database.execute(sql: "DELETE FROM catalogues")
    }
  }

  func changeColumn(
    _ sequence: Int64, _ database: Database, _ random: inout SeededGenerator
  ) throws {
    let columns = ["instance", "first", "last", "last_time_ms", "user_hashes"]
    let column = columns[Int(random.next() % UInt64(columns.count))]
    guard column != "user_hashes" else {
      return try flip(column, "blocks", "sequence = \(sequence)", database, &random)
    }
    let by = Int64(1 + random.next() % UInt64(Self.dayMilliseconds))
    try database.execute(
      sql: "UPDATE blocks SET \(column) = \(column) + ? WHERE sequence = ?",
      arguments: [random.next() % 2 == 0 ? by : -by, sequence])
  }

  func changeStart(_ database: Database, _ random: inout SeededGenerator) throws {
    switch random.next() % 3 {
    case 0: try flip("previous_hash", "kept", "true", database, &random)
    case 1:
      let by = Int64(random.next() % 3) - 3
      try database.execute(sql: "UPDATE kept SET sequence = sequence - ?", arguments: [by])
    default: try database.execute(sql: "UPDATE kept SET sequence = sequence - 1")
    }
  }

  /// Gives an answer to another customer, in the block and in what it is found by, and makes hashes
  /// anew as the kind has it.
  func changeCustomer(
    _ kind: Tampering, _ sequences: [Int64], from place: Int, _ database: Database,
    _ random: inout SeededGenerator
  ) throws -> Bool {
    let payload = try Data.fetchOne(
      database, sql: "SELECT payload FROM blocks WHERE sequence = ?", arguments: [sequences[place]])
    guard var payload else { return false }
    let start = Int(random.next() % UInt64(customers.count))
    let order = customers[start...] + customers[..<start]
    for customer in order {
      let name = Data(customer.utf8)
      guard let range = payload.range(of: name),
        let another = order.first(where: { $0 != customer && $0.utf8.count == name.count })
      else { continue }
      payload.replaceSubrange(range, with: Data(another.utf8))
      let hashes = try Data.fetchOne(
        database, sql: "SELECT user_hashes FROM blocks WHERE sequence = ?",
        arguments: [sequences[place]])
      try database.execute(
        sql: "UPDATE blocks SET payload = ?, user_hashes = ? WHERE sequence = ?",
        arguments: [
          payload, Self.replaced(hashes ?? Data(), customer, by: another), sequences[place],
        ])
      let count = kind == .customer ? 0 : kind == .newHash ? 1 : sequences.count
      for sequence in sequences[place...].prefix(count) { try remakeHash(sequence, database) }
      return true
    }
    return false
  }

  /// Moves a block's latest answer by a day, in the block and in what it is found by.
  func changeTime(
    _ sequence: Int64, _ database: Database, _ random: inout SeededGenerator
  ) throws -> Bool {
    let row = try Row.fetchOne(
      database, sql: "SELECT last_time_ms, payload FROM blocks WHERE sequence = ?",
      arguments: [sequence])
    guard let row else { return false }
    let time: Int64 = row[0]
    var payload: Data = row[1]
    guard let range = payload.range(of: Self.bytes(time).prefix(Self.timeByteCount)) else {
      return false
    }
    let later = time + Self.dayMilliseconds
    payload.replaceSubrange(range, with: Self.bytes(later).prefix(Self.timeByteCount))
    try database.execute(
      sql: "UPDATE blocks SET payload = ?, last_time_ms = ? WHERE sequence = ?",
      arguments: [payload, later, sequence])
    return true
  }

  /// Hashes a block as the record does, so that it follows the one before it.
  private func remakeHash(_ sequence: Int64, _ database: Database) throws {
    let previous = try Data.fetchOne(
      database,
      sql: """
        SELECT coalesce((SELECT hash FROM blocks WHERE sequence = ?),
          (SELECT previous_hash FROM kept))
        """, arguments: [sequence - 1])
    let payload = try Data.fetchOne(
      database, sql: "SELECT payload FROM blocks WHERE sequence = ?", arguments: [sequence])
    let hashed = (previous ?? Data()) + Self.bytes(sequence) + (payload ?? Data())
    let hash = hashed.withUnsafeBytes { SHA256.hash($0) }
    try database.execute(
      sql: "UPDATE blocks SET hash = ? WHERE sequence = ?", arguments: [Data(hash.bytes), sequence])
  }

  /// The first hash of 4 bytes that is a customer's becomes another's.
  private static func replaced(_ hashes: Data, _ customer: String, by another: String) -> Data {
    var hashes = hashes
    for start in stride(from: 0, to: hashes.count, by: 4)
    where hashes[start..<start + 4] == userHash(customer) {
      hashes.replaceSubrange(start..<start + 4, with: userHash(another))
      break
    }
    return hashes
  }

  /// FNV-1a, as the record has it.
  private static func userHash(_ customer: String) -> Data {
    let hash = customer.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
    return withUnsafeBytes(of: hash.littleEndian) { Data($0) }
  }

  private static func bytes(_ number: Int64) -> Data {
    withUnsafeBytes(of: number.littleEndian) { Data($0) }
  }
}
