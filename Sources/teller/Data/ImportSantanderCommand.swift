internal import ArgumentParser
internal import DatasetImport
internal import InteractionData

/// `teller import santander`
struct ImportSantanderCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "santander",
    abstract: "Read monthly customer rows in the format of Kaggle's Santander data.",
    discussion: """
      Plain, gzip and zip files are read, and - for standard input, in any row order. A product \
      that goes from 0 to 1 between two consecutive rows of a customer is an acquisition, from 1 \
      to 0 a drop; a customer's first month is opening stock.

      Example:
        teller import santander train_ver2.csv --until 2016-04
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var options: ImportOptions

  @Argument(help: "CSV files, plain, .gz or .zip; - for standard input.")
  var files: [String]

  @Option(help: "Leave out rows after this month, YYYY-MM.", transform: MonthArgument.parse)
  var until: Month?

  func run() async throws {
    try await CommandFailure.report {
      let start = SystemClock.elapsed()
      let line = ProgressLine()
      defer { line.clear() }
      let result = try SantanderPanelReader.read(
        paths: files,
        options: SantanderImportOptions(
          until: until, maximumRejectedShare: options.maxRejected, threadCount: threads.count),
        progress: ImportConclusion.progress(line))
      line.clear()
      try ImportConclusion.finish(result, shared: shared, start: start)
    }
  }
}

/// Reads months given on the command line.
enum MonthArgument {
  static func parse(_ text: String) throws -> Month {
    guard let month = Month(text) else {
      throw ValidationError("'\(text)' is no month: write YYYY-MM, such as 2016-05")
    }
    return month
  }
}
