internal import InteractionData
internal import Synchronization
internal import TensorFiles

/// Reads monthly snapshots of who holds what, in the form of the Santander product recommendation
/// data (Kaggle, 2016): a row for each customer and month, a column for each product.
///
/// Columns are found by name, in any order: `fecha_dato` and `ncodpers` and at least one product
/// (`ind_…_ult1`) must be there; the known customer columns become attributes and all others are
/// skipped. Rows may come in any order. What is unknown in a customer's last row is taken from the
/// newest row that knows it; where rows of the same month disagree the smaller value counts.
///
/// A row is rejected when it has not as many fields as the header, or its date, customer or a
/// product cannot be read, or when an earlier row of the files has the same customer and month. An
/// attribute that cannot be read counts as unknown.
public enum SantanderPanelReader {
  /// Reads one or several files as one panel.
  ///
  /// - Parameters:
  ///   - paths: files as they are, or compressed with gzip, zip or another format that the content
  ///     tells; `-` is standard input.
  ///   - options: see ``SantanderImportOptions``.
  ///   - progress: called from any thread, one call at a time.
  /// - Returns: the dataset and the account of what was read.
  /// - Throws: ``ImportError``.
  public static func read(
    paths: [String], options: SantanderImportOptions = SantanderImportOptions(),
    progress: @Sendable (ImportProgress) -> Void = { _ in }
  ) throws(ImportError) -> ImportResult {
    try options.validate()
    let feed = try BlockFeed(paths: paths, blockSize: options.blockSize)
    var layouts: [SantanderLayout] = []
    for (source, path) in zip(feed.sources, paths) {
      layouts.append(
        try SantanderLayout(
          header: source.header, file: path, first: layouts.first.map { ($0, paths[0]) }))
    }
    let workers = (0..<options.threadCount).map { [layouts] _ in
      SantanderWorker(
        layouts: layouts, until: options.until, categoryLimit: options.categoryLimit)
    }
    try parse(feed, workers, progress)
    return try assemble(workers, layouts, paths, options)
  }

  /// Lets every worker parse blocks until there are none left.
  private static func parse(
    _ feed: BlockFeed, _ workers: [SantanderWorker], _ progress: @Sendable (ImportProgress) -> Void
  ) throws(ImportError) {
    let failure = Mutex<(file: Int, error: ImportError)?>(nil)
    let done = Mutex<(bytes: Int, rows: Int)>((0, 0))
    let total = feed.byteCount
    let blockSize = 1 << 16
    Parallel.run(workers.count) { index in
      let block = ByteBlock(capacity: blockSize)
      let worker = workers[index]
      var file = 0
      do throws(ImportError) {
        while failure.withLock({ $0 == nil }) {
          guard try feed.next(into: block, file: &file) else { break }
          let before = worker.rows.count
          worker.parse(block)
          done.withLock { done in
            done.bytes += block.end - block.start
            done.rows += worker.rows.count - before
            progress(
              ImportProgress(bytesRead: done.bytes, totalBytes: total, rows: done.rows))
          }
        }
      } catch {
        failure.withLock { first in
          if first == nil || file < (first?.file ?? 0) { first = (file, error) }
        }
      }
    }
    if let failure = failure.withLock({ $0 }) { throw failure.error }
  }

  private static func assemble(
    _ workers: [SantanderWorker], _ layouts: [SantanderLayout], _ paths: [String],
    _ options: SantanderImportOptions
  ) throws(ImportError) -> ImportResult {
    var lines = InputLines(workers: workers, paths: paths)
    var report = ImportReport()
    report.ignoredRows = workers.reduce(0) { $0 + $1.ignoredRows }
    report.rejectedRows = lines.rejectedRows
    report.rows = workers.reduce(0) { $0 + $1.rows.count }
    report.totalRows = report.rows + report.rejectedRows
    report.rejectionReasons = lines.reasons()
    guard report.totalRows > 0 else {
      throw .noRows(
        file: paths[0], until: report.ignoredRows > 0 ? options.until : nil)
    }
    if let error = report.excess(over: options.maximumRejectedShare) { throw error }
    guard report.rows > 0 else { throw .noRows(file: paths[0], until: nil) }
    guard workers.allSatisfy({ $0.records.count <= CustomerRecords.limit }) else {
      throw .tooManyCustomers(limit: CustomerRecords.limit)
    }
    let order = CustomerOrder(workers)
    let attributes = AttributeAssembly(
      workers: workers, order: order, categoryLimit: options.categoryLimit,
      parts: options.threadCount
    ).table(present: Set(layouts.flatMap(\.columnNames)))
    let panel = try PanelAssembly(
      workers: workers, order: order, sequences: lines.sequences, parts: options.threadCount)
    if panel.duplicateCount > 0 {
      lines.add(panel.firstDuplicates)
      report.rejectedRows += panel.duplicateCount
      report.rows -= panel.duplicateCount
      report.rejectionReasons = lines.reasons()
      if let error = report.excess(over: options.maximumRejectedShare) { throw error }
    }
    let events = try EventDerivation(panel: panel.panel, parts: options.threadCount)
    report.warnings = attributes.warnings
    let dataset = Dataset(
      customers: order.identifierTable(), customerAttributes: attributes.table,
      items: catalogue(layouts[0].products), interactions: events.interactions,
      panel: panel.panel)
    fill(&report, dataset, events)
    return ImportResult(dataset: dataset, report: report)
  }

  private static func catalogue(_ products: [String]) -> ItemCatalogue {
    ItemCatalogue(
      identifiers: IdentifierTable(products),
      names: products.map(SantanderColumns.displayName))
  }

  private static func fill(
    _ report: inout ImportReport, _ dataset: Dataset, _ events: EventDerivation
  ) {
    report.customers = dataset.customers.count
    report.months = dataset.panel?.monthCount ?? 0
    report.items = dataset.items.count
    report.interactions = dataset.interactions.count
    report.acquisitions = events.acquisitions
    report.drops = events.drops
    report.acquisitionsAcrossGaps = events.acquisitionsAcrossGaps
    report.dropsAcrossGaps = events.dropsAcrossGaps
  }
}
