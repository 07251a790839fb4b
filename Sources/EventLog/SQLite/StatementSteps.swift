internal import GRDB
internal import GRDBSQLite

extension Statement {
  /// Runs the statement with what is bound to it, which gives no row, and readies it for the next.
  ///
  /// - Throws: `DatabaseError`.
  func runOnce() throws {
    let result = sqlite3_step(sqliteStatement)
    sqlite3_reset(sqliteStatement)
    guard result == SQLITE_DONE else { throw failure(result) }
  }

  /// Hands each row to `body` while it is there; `body` returns whether to go on.
  ///
  /// - Throws: `DatabaseError`.
  func forEachRow(_ body: () throws -> Bool) throws {
    defer { sqlite3_reset(sqliteStatement) }
    while true {
      let result = sqlite3_step(sqliteStatement)
      if result == SQLITE_DONE { return }
      guard result == SQLITE_ROW else { throw failure(result) }
      if try !body() { return }
    }
  }

  private func failure(_ result: CInt) -> DatabaseError {
    DatabaseError(
      resultCode: ResultCode(rawValue: result),
      message: String(cString: sqlite3_errmsg(sqlite3_db_handle(sqliteStatement))))
  }
}
