internal import InteractionData
internal import TensorFiles

/// Reads interactions, and what is known of users and items, in the form of Amazon Personalize.
///
/// The interactions file has the columns `USER_ID`, `ITEM_ID`, `TIMESTAMP` (whole seconds since
/// 1970; milliseconds are rejected) and perhaps `EVENT_TYPE` and `EVENT_VALUE`. The users file has
/// `USER_ID`, the items file `ITEM_ID` and perhaps `CREATION_TIMESTAMP` and `NAME` or `TITLE`; their
/// other columns become attributes. Users and items without an interaction are kept. A column of
/// numbers alone is numeric; another one is categorical, `|` between several categories of a row. Columns are found by name in any order, capital letters or not;
/// further columns of the interactions file are ignored. Without an event type an event is an
/// `interaction`.
///
/// When there are at most 64 items and the events span 2 to 255 calendar months, a panel is
/// derived: a customer holds every item that some event has spoken for, until a `dropped` event,
/// from the month of the customer's first event to the last month of all.
public enum InteractionsReader {
  /// Reads the files.
  ///
  /// - Parameters:
  ///   - interactions: the interactions file, as it is or compressed; `-` is standard input.
  ///   - users: the users file, if there is one.
  ///   - items: the items file, if there is one.
  ///   - options: see ``InteractionsImportOptions``.
  ///   - progress: called now and then, from the calling thread.
  /// - Returns: the dataset and the account of what was read.
  /// - Throws: ``ImportError``.
  public static func read(
    interactions: String, users: String? = nil, items: String? = nil,
    options: InteractionsImportOptions = InteractionsImportOptions(),
    progress: @Sendable (ImportProgress) -> Void = { _ in }
  ) throws(ImportError) -> ImportResult {
    try options.validate()
    var log = RejectionLog()
    var events = EventRows()
    try events.read(
      path: interactions, log: &log, blockSize: options.blockSize, progress: progress)
    let report = ImportReport()
    func metadata(
      _ path: String?, _ column: String, _ identifiers: inout TextInterner
    ) throws(ImportError) -> MetadataTable? {
      guard let path else { return nil }
      return try MetadataReader.read(
        path: path, identifierColumn: column, identifiers: &identifiers, log: &log,
        blockSize: options.blockSize, progress: { _ in })
    }
    let userTable = try metadata(users, "USER_ID", &events.users)
    let itemTable = try metadata(items, "ITEM_ID", &events.items)
    var assembly = InteractionsAssembly(
      events: events, users: userTable, items: itemTable,
      usersFile: users ?? "", itemsFile: items ?? "", report: report)
    assembly.report.rows = events.count
    assembly.report.rejectedRows = log.count
    assembly.report.totalRows = events.count + log.count
    assembly.report.rejectionReasons = log.reasons
    guard assembly.report.totalRows > 0 else { throw .noRows(file: interactions, until: nil) }
    if let error = assembly.report.excess(over: options.maximumRejectedShare) { throw error }
    guard events.count > 0 else { throw .noRows(file: interactions, until: nil) }
    return try assembly.result(interactionsFile: interactions)
  }
}
