internal import Foundation
internal import GRDB

/// The embedded store of products: one SQLite file, flushed at every change.
public final class SQLiteItemStore: ItemStore {
  private let queue: DatabaseQueue
  private let path: String

  /// Opens the store, making it when it is not there.
  ///
  /// - Parameter path: the file; SQLite keeps `-wal` and `-shm` beside it.
  /// - Throws: ``EventLogError/unopenable(path:reason:)``.
  public init(path: String) throws(EventLogError) {
    queue = try SQLiteFile.open(path, migrator: Self.migrator)
    self.path = path
  }

  /// Each migration is applied once and never edited afterwards.
  private static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("items") { database in
      try database.execute(
        sql: """
          CREATE TABLE items (
            place INTEGER PRIMARY KEY AUTOINCREMENT,
            item_id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            category TEXT NOT NULL,
            price REAL,
            attributes TEXT NOT NULL,
            created_ms INTEGER NOT NULL,
            prior TEXT NOT NULL
          ) STRICT
          """)
    }
    return migrator
  }

  /// Stores products in one transaction; see ``ItemStore/put(_:)``.
  public func put(_ items: [StoredItem]) throws(EventLogError) {
    do {
      try queue.write { database in
        let statement = try database.cachedStatement(
          sql: """
            INSERT INTO items (item_id, name, category, price, attributes, created_ms, prior)
            VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (item_id) DO UPDATE SET
              name = excluded.name, category = excluded.category, price = excluded.price,
              attributes = excluded.attributes, created_ms = excluded.created_ms,
              prior = excluded.prior
            """)
        for item in items {
          try statement.execute(arguments: [
            item.itemID, item.name, item.category, item.price, try Self.json(item.attributes),
            item.createdMilliseconds, try Self.json(item.prior),
          ])
        }
      }
    } catch {
      throw .unwritable(path: path, reason: EventLogError.line(error))
    }
  }

  /// Every product; see ``ItemStore/all()``.
  public func all() throws(EventLogError) -> [StoredItem] {
    do {
      return try queue.read { database in
        try Row.fetchAll(
          database,
          sql: """
            SELECT item_id, name, category, price, attributes, created_ms, prior
            FROM items ORDER BY place
            """
        ).map { row in
          StoredItem(
            itemID: try row.decode(atIndex: 0), name: try row.decode(atIndex: 1),
            category: try row.decode(atIndex: 2), price: try row.decode(atIndex: 3),
            attributes: try Self.value(json: row.decode(atIndex: 4)),
            createdMilliseconds: try row.decode(atIndex: 5),
            prior: try Self.value(json: row.decode(atIndex: 6)))
        }
      }
    } catch {
      throw .unreadable(path: path, reason: EventLogError.line(error))
    }
  }

  // Numbers survive to the bit: the encoder writes the shortest text that reads back the same.
  private static func json(_ value: some Encodable) throws -> String {
    String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
  }

  private static func value<Value: Decodable>(json: String) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(json.utf8))
  }
}
