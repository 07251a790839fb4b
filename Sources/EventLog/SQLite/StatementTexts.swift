internal import GRDB
internal import GRDBSQLite

/// Binds one row after another to a prepared statement without an allocation per column.
///
/// The texts and blobs of a row are laid one behind another into memory that is kept, and SQLite
/// reads them from there while the row is inserted. Used inside the database's queue only.
final class RowBinder: @unchecked Sendable {
  private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 12, alignment: 8)
  private var used = 0

  deinit { memory.deallocate() }

  /// Forgets the row before; `byteCount` is at least what the next row's texts and blobs take.
  func begin(byteCount: Int) {
    used = 0
    guard memory.count < byteCount else { return }
    memory.deallocate()
    memory = .allocate(byteCount: byteCount * 2, alignment: 8)
  }

  /// Binds a text; `column` counts from 1.
  func bind(_ text: String, _ statement: Statement, _ column: CInt) {
    var text = text
    text.withUTF8 { utf8 in
      let copy = copied(UnsafeRawBufferPointer(utf8))
      sqlite3_bind_text(
        statement.sqliteStatement, column, copy.assumingMemoryBound(to: CChar.self),
        CInt(utf8.count), nil)
    }
  }

  /// Binds bytes; `column` counts from 1.
  func bind(_ bytes: UnsafeRawBufferPointer, _ statement: Statement, _ column: CInt) {
    sqlite3_bind_blob(
      statement.sqliteStatement, column, copied(bytes), CInt(bytes.count), nil)
  }

  private func copied(_ bytes: UnsafeRawBufferPointer) -> UnsafeMutableRawPointer {
    precondition(used + bytes.count <= memory.count, "a row larger than was announced")
    guard let base = memory.baseAddress else { preconditionFailure("memory of no bytes") }
    let start = base + used
    if let source = bytes.baseAddress { start.copyMemory(from: source, byteCount: bytes.count) }
    used += bytes.count
    return start
  }
}

/// Reads the texts of rows; one that was read lately comes without an allocation.
struct TextReader {
  private static let slotCount = 1024
  private var slots = [String](repeating: "", count: slotCount)

  /// The text of a column that counts from 0; empty for NULL.
  mutating func text(_ statement: Statement, _ column: CInt) -> String {
    let handle = statement.sqliteStatement
    guard let start = sqlite3_column_text(handle, column) else { return "" }
    let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
    // Short texts live inside the string itself.
    if bytes.count <= 15 { return String(decoding: bytes, as: UTF8.self) }
    var hash: UInt32 = 2_166_136_261
    for byte in bytes { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    let slot = Int(hash % UInt32(Self.slotCount))
    let isSame = slots[slot].utf8.withContiguousStorageIfAvailable {
      $0.count == bytes.count && $0.elementsEqual(bytes)
    }
    if isSame != true { slots[slot] = String(decoding: bytes, as: UTF8.self) }
    return slots[slot]
  }
}
