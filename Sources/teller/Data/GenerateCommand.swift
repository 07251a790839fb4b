internal import ArgumentParser
internal import DatasetImport
internal import InteractionData

/// `teller generate`
struct GenerateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Make up a bank's history in the 48-column format of the Santander data.",
    discussion: """
      For trying things out and for tests: the customers are invented, and figures reached on them \
      say nothing about a real bank. The same seed gives the same bytes.

      Example:
        teller generate --customers 20000 --months 17 --seed 1 --out bank.csv --truth june.csv
      """)

  @Option(help: "Customers.")
  var customers: Int

  @Option(help: "Months, from --first-month on.")
  var months = 17

  @Option(help: "Where all randomness comes from.")
  var seed: UInt64 = 1

  @Option(help: "The CSV file to write.")
  var out: String

  @Option(help: "Also write what each customer takes in the month after the last.")
  var truth: String?

  @Option(
    help:
      "Also write how probable each product is then, for evaluate --protocol known-hazards.")
  var hazards: String?

  @Option(help: "The first month, YYYY-MM.", transform: MonthArgument.parse)
  var firstMonth = Month(year: 2015, month: 1)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var threads: ThreadOptions

  func run() async throws {
    try await CommandFailure.report {
      let start = SystemClock.elapsed()
      let line = ProgressLine()
      defer { line.clear() }
      let report = try BankGenerator.generate(
        to: out, truth: truth, hazards: hazards,
        options: BankGeneratorOptions(
          customers: customers, months: months, seed: seed, firstMonth: firstMonth,
          threadCount: threads.count),
        progress: {
          line.show(
            share: Double($0.month + 1) / Double($0.months),
            "\(CommandOutput.grouped($0.rows)) rows")
        })
      line.clear()
      let seconds = (SystemClock.elapsed() - start).seconds
      typealias Out = CommandOutput
      Out.line(
        "\(out): \(Out.grouped(report.rows)) rows of \(Out.grouped(report.customers)) customers "
          + "over \(report.months) months, \(Out.grouped(report.bytes >> 20)) MiB, "
          + "in \(Out.fixed(seconds, 1)) s")
      if let truth {
        Out.line(
          "\(truth): \(Out.grouped(report.truthAdders)) of "
            + "\(Out.grouped(report.truthCustomers)) customers take something in the next month")
      }
      if shared.json {
        try Out.json([
          "customers": report.customers, "months": report.months, "rows": report.rows,
          "bytes": report.bytes, "seconds": seconds,
        ])
      }
    }
  }
}
