internal import ArgumentParser
internal import EventLog
internal import Foundation
internal import InteractionData

/// `teller events …`
struct EventsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events",
    abstract: "Export the event log, or remove what is old.",
    discussion: """
      Example:
        teller events export > events.jsonl
        teller events compact --older-than 400
      """,
    subcommands: [EventsExportCommand.self, EventsCompactCommand.self])

  static let dayMilliseconds: Int64 = 86_400_000

  /// The last millisecond of the second until which a dataset tells what customers hold.
  static func datasetEnd(_ knownThroughSeconds: Int64) -> Int64 {
    knownThroughSeconds == .min ? .min : knownThroughSeconds * 1000 + 999
  }
}

/// `teller events export`
struct EventsExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Print the events as JSON lines, in the order in which they arrived.",
    discussion: """
      A server may run meanwhile. With --after the sequence number of the last line of an earlier \
      export, only what came since is printed.

      Example:
        teller events export --after 120000 > events.jsonl
      """)

  @OptionGroup var shared: SharedOptions

  @Option(help: "Print events of a larger sequence number.")
  var after: Int64 = 0

  /// The bytes that are written at a time.
  private static let blockByteCount = 1 << 18

  func run() async throws {
    try await CommandFailure.report {
      guard FileManager.default.fileExists(atPath: shared.eventLogPath) else {
        throw EventLogError.unreadable(path: shared.eventLogPath, reason: "there is none yet")
      }
      let store = try SQLiteEventStore(path: shared.eventLogPath)
      let lines = EventJSONLines()
      var block = Data()
      var failure: (any Error)?
      var (count, last) = (0, after)
      try store.forEach(after: after) { sequence, event in
        guard failure == nil else { return }
        do {
          block.append(contentsOf: try lines.line(event, sequence: sequence))
          if block.count >= Self.blockByteCount {
            try FileHandle.standardOutput.write(contentsOf: block)
            block.removeAll(keepingCapacity: true)
          }
        } catch {
          failure = error
        }
        count += 1
        last = sequence
      }
      if let failure { throw failure }
      try FileHandle.standardOutput.write(contentsOf: block)
      if shared.json { try CommandOutput.json(["events": count, "last_sequence": last]) }
    }
  }
}

/// `teller events compact`
struct EventsCompactCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compact",
    abstract: "Remove old events that no model needs, and give their space back.",
    discussion: """
      Acceptances and drops of after the dataset's end stay, however old: a server replays them at \
      its start. No server may run on the workspace meanwhile.

      Example:
        teller events compact --older-than 400
      """)

  @OptionGroup var shared: SharedOptions

  @Option(help: "Days, 0 to 36500.")
  var olderThan: Int

  func validate() throws {
    guard (0...36_500).contains(olderThan) else {
      throw ValidationError("--older-than is \(olderThan), it must be from 0 to 36500")
    }
  }

  func run() async throws {
    try await CommandFailure.report {
      let dataset = try DatasetFile.open(shared.datasetFolder, verifyingChecksums: false).dataset
      let lock = try WorkspaceLock(workspace: shared.workspace)
      defer { withExtendedLifetime(lock) {} }
      let store = try SQLiteEventStore(path: shared.eventLogPath)
      let removed = try store.compact(
        RetentionRule(
          cutMilliseconds: SystemClock.nowMilliseconds()
            - Int64(olderThan) * EventsCommand.dayMilliseconds,
          datasetEndMilliseconds: EventsCommand.datasetEnd(dataset.knownThrough)))
      let kept = try store.count()
      CommandOutput.line(
        "removed  \(CommandOutput.grouped(removed))\nkept     \(CommandOutput.grouped(kept))")
      if shared.json { try CommandOutput.json(["removed": removed, "kept": kept]) }
    }
  }
}
