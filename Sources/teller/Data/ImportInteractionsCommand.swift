internal import ArgumentParser
internal import DatasetImport

/// `teller import interactions`
struct ImportInteractionsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "interactions",
    abstract: "Read interactions, users and items as CSV files with a header.",
    discussion: """
      interactions: USER_ID,ITEM_ID,TIMESTAMP[,EVENT_TYPE,EVENT_VALUE], times in seconds since 1970
      users:        USER_ID and any further columns, kept as attributes
      items:        ITEM_ID[,CREATION_TIMESTAMP,NAME] and any further columns, by which items
                    without history find similar ones; several categories as Drama|War

      Example:
        teller import interactions --interactions events.csv --users users.csv --items items.csv
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var options: ImportOptions

  @Option(help: "The interactions, a CSV file, plain, .gz or .zip; - for standard input.")
  var interactions: String

  @Option(help: "The users, a CSV file.")
  var users: String?

  @Option(help: "The items, a CSV file.")
  var items: String?

  func run() async throws {
    try await CommandFailure.report {
      let start = SystemClock.elapsed()
      let line = ProgressLine()
      defer { line.clear() }
      let result = try InteractionsReader.read(
        interactions: interactions, users: users, items: items,
        options: InteractionsImportOptions(
          maximumRejectedShare: options.maxRejected),
        progress: ImportConclusion.progress(line))
      line.clear()
      try ImportConclusion.finish(result, shared: shared, start: start)
    }
  }
}
