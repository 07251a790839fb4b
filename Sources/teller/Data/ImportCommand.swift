internal import ArgumentParser
internal import DatasetImport
internal import InteractionData

/// `teller import …`
struct ImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: "Read a bank's history into the workspace.",
    discussion: """
      The dataset of an earlier import is replaced only when everything was read.

      Examples:
        teller import santander train_ver2.csv.zip
        teller import santander 2015.csv 2016.csv.gz --until 2016-04
        teller import interactions --interactions events.csv --items products.csv
      """,
    subcommands: [ImportSantanderCommand.self, ImportInteractionsCommand.self])
}

/// The option of every import.
struct ImportOptions: ParsableArguments {
  @Option(help: "The share of rows that may be unreadable before the import stops, 0 to 1.")
  var maxRejected = 0.001

  func validate() throws {
    guard (0...1).contains(maxRejected) else {
      throw ValidationError("--max-rejected is \(maxRejected), it must be from 0 to 1")
    }
  }
}

/// Writes what was read and says what it was.
enum ImportConclusion {
  static func finish(_ result: ImportResult, shared: SharedOptions, start: Duration) throws {
    try DatasetFile.write(result.dataset, to: shared.datasetFolder)
    let report = result.report
    let seconds = (SystemClock.elapsed() - start).seconds
    for reason in report.rejectionReasons { CommandOutput.note("rejected: \(reason)") }
    for warning in report.warnings { CommandOutput.note("warning: \(warning)") }
    typealias Out = CommandOutput
    Out.line("rows          \(Out.grouped(report.rows))")
    Out.line("customers     \(Out.grouped(report.customers))")
    Out.line("items         \(Out.grouped(report.items))")
    Out.line("months        \(report.months)")
    Out.line("interactions  \(Out.grouped(report.interactions))")
    Out.line("acquisitions  \(Out.grouped(report.acquisitions))")
    Out.line("drops         \(Out.grouped(report.drops))")
    Out.line("rejected      \(Out.grouped(report.rejectedRows))")
    Out.line(
      "imported in \(Out.fixed(seconds, 2)) s, "
        + "at most \(Out.grouped(ProcessMemory.peakBytes >> 20)) MiB of memory")
    if shared.json {
      try Out.json([
        "rows": report.rows, "customers": report.customers, "months": report.months,
        "items": report.items, "interactions": report.interactions,
        "acquisitions": report.acquisitions,
        "acquisitions_across_gaps": report.acquisitionsAcrossGaps, "drops": report.drops,
        "rejected_rows": report.rejectedRows, "ignored_rows": report.ignoredRows,
        "seconds": seconds, "peak_memory_bytes": ProcessMemory.peakBytes,
      ])
    }
  }

  /// A progress line over the bytes read.
  static func progress(_ line: ProgressLine) -> @Sendable (ImportProgress) -> Void {
    { progress in
      let rows = "\(CommandOutput.grouped(progress.rows)) rows"
      if let total = progress.totalBytes, total > 0 {
        line.show(share: Double(progress.bytesRead) / Double(total), rows)
      } else {
        line.show("\(CommandOutput.grouped(progress.bytesRead >> 20)) MiB, \(rows)")
      }
    }
  }
}
