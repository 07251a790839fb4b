internal import ArgumentParser
internal import EventLog
internal import Foundation

/// `teller recommendations export`
struct RecommendationsExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Print the answers as JSON lines, in the order in which they were recorded.",
    discussion: """
      A server may run meanwhile; its latest answers may not be written yet.

      Example:
        teller recommendations export > answers.jsonl
        teller events export > events.jsonl
        teller experiments --experiment less.json --log answers.jsonl --events events.jsonl
      """)

  @OptionGroup var shared: SharedOptions

  func run() async throws {
    try await CommandFailure.report {
      let path = shared.recommendationLogPath
      guard FileManager.default.fileExists(atPath: path) else {
        throw EventLogError.unreadable(path: path, reason: "there is none yet")
      }
      let lines = RecommendationJSONLines()
      var failure: (any Error)?
      var count = 0
      try SQLiteRecommendationStore(path: path).forEach { record in
        guard failure == nil else { return }
        do {
          try FileHandle.standardOutput.write(contentsOf: try lines.line(record))
        } catch {
          failure = error
        }
        count += 1
      }
      if let failure { throw failure }
      if shared.json { try CommandOutput.json(["answers": count]) }
    }
  }
}
