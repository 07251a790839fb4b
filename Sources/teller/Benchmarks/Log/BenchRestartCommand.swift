internal import ArgumentParser
internal import EventLog
internal import Foundation
internal import InteractionData
internal import NIOPosix
internal import RecommenderModels
internal import RecommenderRPC
internal import RecommenderService

/// `teller bench restart`
struct BenchRestartCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restart",
    abstract: "Fill an event log and time how long a server takes to be ready over it.",
    discussion: """
      The log is made in --folder, not in the workspace; one that is there already is filled up. \
      Times are from the start to the first answer: without a \
      checkpoint, which replays the whole log; with one of all of it, as after SIGTERM; and with \
      --tail events after the checkpoint, as after SIGKILL at the worst moment.

      Example:
        teller bench restart --events 10000000 --folder /tmp/log
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var threads: ThreadOptions

  @Option(help: "Events of the log.")
  var events = 10_000_000

  @Option(help: "Events that came after the checkpoint.")
  var tail = CheckpointConfiguration.defaultEventInterval

  @Option(help: "Of 100 events, those that change what a customer holds, 0 to 30.")
  var holdingPercent = 10

  @Option(help: "The folder of the log; it stays there.")
  var folder: String

  @Option(help: "Seed of the events.")
  var seed: UInt64 = 1

  func validate() throws {
    guard (1...1_000_000_000).contains(events), (0...1_000_000_000).contains(tail),
      (0...30).contains(holdingPercent)
    else {
      throw ValidationError(
        "--events must be from 1 to 1000000000, --tail from 0, --holding-percent 0 to 30")
    }
  }

  func run() async throws {
    try await CommandFailure.report {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let dataset = try DatasetFile.open(shared.datasetFolder, verifyingChecksums: false).dataset
      var fill = EventLogFill(dataset, holdingPercent: holdingPercent, seed: seed)
      for suffix in ["", "-wal", "-shm"] {
        try? FileManager.default.removeItem(atPath: "\(folder)/answers.sqlite\(suffix)")
      }
      try await fill.askForAnswers(
        load("answers.sqlite", checkpoint: nil), logPath: "\(folder)/answers.sqlite")
      try? FileManager.default.removeItem(atPath: checkpointPath)
      let start = SystemClock.elapsed()
      try fill.fill(try SQLiteEventStore(path: "\(folder)/events.sqlite"), until: events)
      let filled = (SystemClock.elapsed() - start).seconds
      let reading = try readAlone()
      let whole = try await restart(dataset.customers[0])
      let closing = SystemClock.elapsed()
      whole.service.close()
      let closed = (SystemClock.elapsed() - closing).seconds
      let quick = try await restart(dataset.customers[0])
      quick.service.close()
      try fill.fill(try SQLiteEventStore(path: "\(folder)/events.sqlite"), until: events + tail)
      let killed = try await restart(dataset.customers[0])
      let figures = [
        ("filled_seconds", filled), ("read_seconds", reading), ("whole_seconds", whole.seconds),
        ("checkpoint_write_seconds", closed), ("checkpoint_seconds", quick.seconds),
        ("tail_seconds", killed.seconds),
      ]
      try report(figures, tail: killed.service.replayedEventCount)
      killed.service.close()
    }
  }

  private var checkpointPath: String { "\(folder)/events.checkpoint" }

  private func readAlone() throws -> Double {
    let start = SystemClock.elapsed()
    let store = try SQLiteEventStore(path: "\(folder)/events.sqlite")
    try store.forEach(after: 0) { _, _ in }
    return (SystemClock.elapsed() - start).seconds
  }

  /// Starts a service over the log and asks it for an answer, by RPC in this process.
  private func restart(_ user: String) async throws -> (service: LoadedService, seconds: Double) {
    let start = SystemClock.elapsed()
    let service = try load("events.sqlite", checkpoint: checkpointPath)
    let server = try await InProcessServer.start(group: MultiThreadedEventLoopGroup.singleton) {
      ServiceMethods(
        service: service, eventLoop: $0, instance: 1, nowMilliseconds: SystemClock.nowMilliseconds)
    }
    let client = try await server.connect()
    _ = try await client.recommend(user: user, count: 7)
    let seconds = (SystemClock.elapsed() - start).seconds
    await client.close()
    return (service, seconds)
  }

  private func load(_ log: String, checkpoint: String?) throws -> LoadedService {
    let source = ModelSource(
      datasetFolder: shared.datasetFolder, store: shared.models, model: nil)
    return try LoadedService(
      models: source.load(), store: SQLiteEventStore(path: "\(folder)/\(log)"),
      items: SQLiteItemStore(path: "\(folder)/items.sqlite"),
      exploration: ExplorationConfiguration(),
      checkpoint: checkpoint.map { CheckpointConfiguration(path: $0) },
      threadCount: threads.count, serverVersion: Version.current,
      nowMilliseconds: SystemClock.nowMilliseconds)
  }

  private func report(_ figures: [(name: String, seconds: Double)], tail: Int) throws {
    typealias Out = CommandOutput
    let bytes = try? FileManager.default.attributesOfItem(atPath: checkpointPath)[.size] as? Int
    Out.line("events            \(Out.grouped(events))")
    Out.line("events after      \(Out.grouped(tail))")
    Out.line("checkpoint bytes  \(Out.grouped(bytes ?? 0))")
    for (name, seconds) in figures {
      let label = name.replacing("_seconds", with: "").replacing("_", with: " ")
      Out.line(
        label + String(repeating: " ", count: max(1, 18 - label.count)) + Out.fixed(seconds, 2)
          + " s")
    }
    if shared.json {
      var object: [String: Any] = [
        "events": events, "tail_events": tail, "checkpoint_bytes": bytes ?? 0,
        "peak_memory_bytes": ProcessMemory.peakBytes,
      ]
      for (name, seconds) in figures { object[name] = seconds }
      try Out.json(object)
    }
  }
}
