internal import Foundation
internal import GRDB
internal import InteractionData

/// A way to change a record of answers behind its keeper's back.
enum Tampering: String, CaseIterable {
  // Changes of somebody who does not know of the chain.
  case blockByte = "a byte of a block"
  case fileByte = "a byte of the files"
  case hash = "a hash"
  case column = "a column"
  case swap = "two blocks swapped"
  case deletion = "a block deleted"
  case copy = "a block copied"
  case foreignBlock = "a block of another record"
  case catalogue = "a catalogue"
  case start = "the start that is kept"
  case truncation = "a file truncated"
  // Changes that hang together but for the chain.
  case customer = "a customer"
  case time = "a time"
  case newHash = "a customer, and the block's hash"
  // Changes that only somebody finds who has noted the head and the first block.
  case newChain = "a customer, and all hashes"
  case end = "the newest blocks deleted"
  case beginning = "the oldest deleted, as by age"
  case otherRecord = "another record as a whole"
}

/// Applies changes to a copy of a record.
struct Tamperer {
  /// The copy.
  let files: RecordFiles
  /// Another record, and its blocks.
  let other: (files: RecordFiles, blocks: [Row])
  /// Customers that were answered.
  let customers: [String]

  /// Changes the copy.
  ///
  /// - Parameters:
  ///   - kind: how.
  ///   - random: draws the place.
  /// - Returns: false where there was nothing to change.
  /// - Throws: what SQLite and files throw.
  func apply(_ kind: Tampering, _ random: inout SeededGenerator) throws -> Bool {
    switch kind {
    case .fileByte, .truncation: return try changeFile(kind, &random)
    case .otherRecord:
      try files.replace(by: other.files)
      return true
    default:
      return try files.write { database in
        let sequences = try Int64.fetchAll(
          database, sql: "SELECT sequence FROM blocks ORDER BY sequence")
        guard sequences.count > 3 else { return false }
        return try change(kind, database, sequences, &random)
      }
    }
  }

  private func changeFile(_ kind: Tampering, _ random: inout SeededGenerator) throws -> Bool {
    let paths = [files.path, files.writeAheadPath].filter { RecordFiles.byteCount($0) > 0 }
    let path = paths[Int(random.next() % UInt64(paths.count))]
    let offset = random.next() % UInt64(RecordFiles.byteCount(path))
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    defer { try? file.close() }
    guard kind == .fileByte else {
      try file.truncate(atOffset: random.next() % 8 == 0 ? 0 : offset)
      return true
    }
    try file.seek(toOffset: offset)
    guard let byte = try file.read(upToCount: 1)?.first else { return false }
    try file.seek(toOffset: offset)
    try file.write(contentsOf: Data([byte ^ UInt8(1 + random.next() % 255)]))
    return true
  }

  private func change(
    _ kind: Tampering, _ database: Database, _ sequences: [Int64],
    _ random: inout SeededGenerator
  ) throws -> Bool {
    let place = Int(random.next() % UInt64(sequences.count))
    let sequence = sequences[place]
    switch kind {
    case .blockByte: try flip("payload", "blocks", "sequence = \(sequence)", database, &random)
    case .hash: try flip("hash", "blocks", "sequence = \(sequence)", database, &random)
    case .catalogue: try changeCatalogue(database, &random)
    case .column: try changeColumn(sequence, database, &random)
    case .start: try changeStart(database, &random)
    case .swap:
      let neighbour = sequences[(place + 1 + Int(random.next() % 2)) % sequences.count]
      try database.execute(
        sql: """
          UPDATE blocks SET sequence = -1 WHERE sequence = \(sequence);
          UPDATE blocks SET sequence = \(sequence) WHERE sequence = \(neighbour);
          UPDATE blocks SET sequence = \(neighbour) WHERE sequence = -1;
          """)
    case .deletion:
      // The newest is another kind.
      let inner = sequences[place % (sequences.count - 1)]
      try database.execute(sql: "DELETE FROM blocks WHERE sequence = \(inner)")
    case .copy:
      let targets = [sequences[0] - 1, sequences[sequences.count - 1] + 1]
      try database.execute(
        sql: """
          INSERT INTO blocks SELECT \(targets[Int(random.next() % 2)]), instance, first, last,
            last_time_ms, hash, user_hashes, payload FROM blocks WHERE sequence = \(sequence)
          """)
    case .end:
      try database.execute(
        sql: "DELETE FROM blocks WHERE sequence >= ?",
        arguments: [random.next() % 8 == 0 ? sequences[0] : sequence])
    case .beginning:
      try database.execute(
        sql: """
          UPDATE kept SET sequence = \(sequence) + 1,
            previous_hash = (SELECT hash FROM blocks WHERE sequence = \(sequence));
          DELETE FROM blocks WHERE sequence <= \(sequence);
          """)
    case .foreignBlock:
      let row = other.blocks[Int(random.next() % UInt64(other.blocks.count))]
      try database.execute(
        sql: "REPLACE INTO blocks VALUES (\(sequence), ?, ?, ?, ?, ?, ?, ?)",
        arguments: StatementArguments(row.databaseValues.dropFirst()))
    case .customer, .newHash, .newChain:
      return try changeCustomer(kind, sequences, from: place, database, &random)
    case .time: return try changeTime(sequence, database, &random)
    case .fileByte, .truncation, .otherRecord: return false
    }
    return true
  }
}
