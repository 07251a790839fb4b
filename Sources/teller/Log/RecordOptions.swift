internal import ArgumentParser
internal import EventLog
internal import Logging
internal import RecommenderService

/// What `teller serve` keeps on record, and for how long.
struct RecordOptions: ParsableArguments {
  /// Whether answers are kept on record.
  enum Switch: String, ExpressibleByArgument, CaseIterable {
    case on
    case off
  }

  @Option(help: "on or off: keep every answer of Recommend on record, in a log of its own.")
  var recommendationLog = Switch.on

  @Option(help: "Days after which answers on record may go, 1 to 36500.")
  var recommendationDays = 400

  @Option(help: "The most MiB of answers on record; the oldest go first.")
  var recommendationMebibytes = 8192

  @Option(
    help: """
      Days after which events that no model needs go, at the start, 1 to 36500. \
      [default: they stay]
      """)
  var eventDays: Int?

  @Option(
    help: """
      Events after which the checkpoint of the event log is renewed, 1 to 1000000000; a restart \
      replays no more than those after it. 0 keeps none and replays the whole log.
      """)
  var checkpointEvents = CheckpointConfiguration.defaultEventInterval

  /// The checkpoint of the event log; nil when there is to be none.
  func checkpoint(_ shared: SharedOptions) -> CheckpointConfiguration? {
    checkpointEvents == 0
      ? nil
      : CheckpointConfiguration(
        path: shared.eventCheckpointPath, eventInterval: checkpointEvents)
  }

  func validate() throws {
    guard
      checkpointEvents == 0
        || CheckpointConfiguration.eventIntervalRange.contains(checkpointEvents)
    else {
      throw ValidationError(
        "--checkpoint-events is \(checkpointEvents), it must be from 0 to 1000000000")
    }
    for (name, value, limit) in [
      ("recommendation-days", recommendationDays, 36_500),
      ("recommendation-mebibytes", recommendationMebibytes, 1 << 30),
      ("event-days", eventDays ?? 1, 36_500),
    ] where !(1...limit).contains(value) {
      throw ValidationError("--\(name) is \(value), it must be from 1 to \(limit)")
    }
  }

  /// Starts the log of recommendations; nil when there is to be none.
  func open(
    _ shared: SharedOptions, instance: UInt64, _ logger: Logger
  ) throws -> AnswerLog? {
    guard recommendationLog == .on else { return nil }
    return AnswerLog(
      store: try SQLiteRecommendationStore(path: shared.recommendationLogPath),
      instance: instance,
      retention: RecommendationRetention(
        milliseconds: Int64(recommendationDays) * EventsCommand.dayMilliseconds,
        byteLimit: recommendationMebibytes << 20),
      nowMilliseconds: SystemClock.nowMilliseconds,
      report: { logger.error("answers are not recorded: \($0)") })
  }

  /// Removes events that are too old; how many.
  func compact(_ store: SQLiteEventStore, datasetEnd seconds: Int64) throws -> Int {
    guard let eventDays else { return 0 }
    return try store.compact(
      RetentionRule(
        cutMilliseconds: SystemClock.nowMilliseconds()
          - Int64(eventDays) * EventsCommand.dayMilliseconds,
        datasetEndMilliseconds: EventsCommand.datasetEnd(seconds)))
  }
}
