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
  ///   - options: see ``BankGeneratorOptions``.
  ///   - progress: called now and then, from the calling thread.
  /// - Returns: what was written.
  /// - Throws: ``ImportError/unwritable(file:reason:)``,
  ///   ``ImportError/invalidOption(name:actual:range:)``.
  public static func generate(
    to path: String, truth: String? = nil, options: BankGeneratorOptions,
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
    if let truth {
      try writeTruth(to: truth, customers, isPresent, options, model, &report)
    }
    return report
  }

  /// Moves every customer of the last month on by one more, and writes what it adds.
  private static func writeTruth(
    to path: String, _ customers: WorkBuffer<BankCustomer>, _ isPresent: WorkBuffer<Bool>,
    _ options: BankGeneratorOptions, _ model: HazardModel, _ report: inout GenerationReport
  ) throws(ImportError) {
    let file = try OutputFile(path: path)
    var text = "ncodpers,added_products\n"
    let month = options.months
    for index in 0..<options.customers where isPresent.base[index] {
      var customer = customers.base[index]
      let before = customer.held
      if !customer.hasLeft {
        var generator = SeededGenerator(
          seed: options.seed, stream: UInt64(index) << 16 | UInt64(month + 1))
        model.step(
          &customer, monthOfYear: options.firstMonth.advanced(by: month).monthOfYear,
          tenure: month - Int(customer.joinMonth), &generator)
      }
      let added = customer.held & ~before
      let products = (0..<BankProducts.count).filter { added >> UInt32($0) & 1 == 1 }
      text +=
        "\(customer.identifier),"
        + products.map { BankProducts.columns[$0] }.joined(separator: " ") + "\n"
      report.truthCustomers += 1
      report.truthAdders += products.isEmpty ? 0 : 1
      if text.utf8.count > 1 << 20 {
        try file.write(text)
        text = ""
      }
    }
    try file.write(text)
    try file.finish()
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
