internal import InteractionData

/// Makes up a bank: customers of several kinds who join, take and give up products, miss months and
/// leave, written in the form of the Santander training file (48 columns, rows by month).
///
/// Every customer draws from its own stream in every month, so the bytes written depend on the seed
/// and the numbers of customers and months alone. Memory grows with the customers, not the months.
public enum BankGenerator {
  /// The customers whose rows one thread writes at a time.
  private static let chunkSize = 4096
  /// The chunks a thread writes before all are put into the file.
  private static let chunksPerThread = 4

  /// Writes a panel, and what happens in the month after it.
  ///
  /// - Parameters:
  ///   - path: the panel file to write.
  ///   - truth: a file to write with the columns `ncodpers,added_products`: for each customer with
  ///     a row in the last month, the products newly held a month later, separated by spaces.
  ///   - hazards: a file to write with the column `ncodpers` and one of each product: for the same
  ///     customers, the probability of each product being newly held a month later.
  ///   - options: see ``BankGeneratorOptions``.
  ///   - progress: called now and then, from the calling thread.
  /// - Returns: what was written.
  /// - Throws: ``ImportError/unwritable(file:reason:)``,
  ///   ``ImportError/invalidOption(name:actual:range:)``.
  public static func generate(
    to path: String, truth: String? = nil, hazards: String? = nil, options: BankGeneratorOptions,
    progress: @Sendable (GenerationProgress) -> Void = { _ in }
  ) throws(ImportError) -> GenerationReport {
    try options.validate()
    let model = HazardModel()
    let customers = WorkBuffer<BankCustomer>(count: options.customers)
    let ranges = Parallel.ranges(options.customers, parts: options.threadCount)
    Parallel.run(options.threadCount) { part in
      for index in ranges[part] {
        (customers.base + index).initialize(
          to: BankCustomer(index: index, options: options, model: model))
      }
    }
    let isPresent = WorkBuffer<Bool>(repeating: false, count: options.customers)
    let hasRow = WorkBuffer<Bool>(repeating: false, count: options.customers)
    let file = try OutputFile(path: path)
    try file.write(RowWriter.header)
    let round = Round(
      customers: customers, isPresent: isPresent, hasRow: hasRow, options: options, model: model,
      chunkSize: chunkSize, chunks: options.threadCount * chunksPerThread)
    var report = GenerationReport()
    report.months = options.months
    for month in 0..<options.months {
      try round.write(month: month, to: file, &report)
      progress(GenerationProgress(month: month, months: options.months, rows: report.rows))
    }
    try file.finish()
    report.bytes = file.count
    for index in 0..<options.customers where hasRow.base[index] { report.customers += 1 }
    let next = NextMonth(
      customers: customers, isPresent: isPresent, options: options, model: model)
    if let truth { try next.writeAdditions(to: truth, &report) }
    if let hazards { try next.writeHazards(to: hazards) }
    return report
  }

  /// Writes a month in rounds: all threads fill their chunks, which then go to the file in order.
  private struct Round: Sendable {
    let customers: WorkBuffer<BankCustomer>
    let isPresent: WorkBuffer<Bool>
    let hasRow: WorkBuffer<Bool>
    let options: BankGeneratorOptions
    let model: HazardModel
    let chunkSize: Int
    let writers: [RowWriter]

    init(
      customers: WorkBuffer<BankCustomer>, isPresent: WorkBuffer<Bool>,
      hasRow: WorkBuffer<Bool>, options: BankGeneratorOptions, model: HazardModel,
      chunkSize: Int, chunks: Int
    ) {
      self.customers = customers
      self.isPresent = isPresent
      self.hasRow = hasRow
      self.options = options
      self.model = model
      self.chunkSize = chunkSize
      let needed = min(chunks, (options.customers + chunkSize - 1) / chunkSize)
      writers = (0..<needed).map { _ in
        RowWriter(options: options, rowLimit: min(chunkSize, options.customers))
      }
    }

    func write(
      month: Int, to file: OutputFile, _ report: inout GenerationReport
    ) throws(ImportError) {
      var start = 0
      while start < options.customers {
        let begun = start
        let threads = min(options.threadCount, writers.count)
        Parallel.run(threads) { thread in
          for index in stride(from: thread, to: writers.count, by: threads) {
            fill(writers[index], from: begun + index * chunkSize, month: month)
          }
        }
        for writer in writers {
          try file.write(UnsafeRawBufferPointer(start: writer.buffer, count: writer.count))
          report.rows += writer.rows
          report.heldProducts += writer.heldProducts
        }
        start += writers.count * chunkSize
      }
    }

    private func fill(_ writer: RowWriter, from start: Int, month: Int) {
      writer.removeAll()
      for index in start..<max(start, min(start + chunkSize, options.customers)) {
        var generator = SeededGenerator(
          seed: options.seed, stream: UInt64(index) << 16 | UInt64(month + 1))
        let isPresent = customers.base[index].advance(
          to: month, options: options, model: model, &generator)
        self.isPresent.base[index] = isPresent
        guard isPresent else { continue }
        hasRow.base[index] = true
        writer.add(customers.base[index], month: month, &generator)
      }
    }
  }
}
