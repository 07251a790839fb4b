internal import ArgumentParser
internal import EventLog
internal import Foundation
internal import InteractionData
internal import RecommenderModels
internal import RecommenderService

/// `teller bench restart`
struct BenchRestartCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restart",
    abstract: "Fill an event log and time how long a server takes to be ready over it.",
    discussion: """
      The log is made in --folder, not in the workspace; one that is there already is used as it is. \
      The time is that of `teller serve` from its start to the moment before it listens.

      Example:
        teller bench restart --events 10000000 --folder /tmp/log
      """)

  @OptionGroup var shared: SharedOptions
  @OptionGroup var threads: ThreadOptions

  @Option(help: "Events of the log.")
  var events = 10_000_000

  @Option(help: "Of 100 events, those that change what a customer holds.")
  var holdingPercent = 10

  @Option(help: "The folder of the log; it stays there.")
  var folder: String

  @Option(help: "Seed of the events.")
  var seed: UInt64 = 1

  func validate() throws {
    guard (1...1_000_000_000).contains(events), (0...100).contains(holdingPercent) else {
      throw ValidationError("--events must be from 1 to 1000000000, --holding-percent 0 to 100")
    }
  }

  func run() async throws {
    try await CommandFailure.report {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
      let path = "\(folder)/events.sqlite"
      let filling = SystemClock.elapsed()
      try fill(path)
      let start = SystemClock.elapsed()
      let opened = try DatasetFile.open(shared.datasetFolder)
      let models = shared.models
      let primary = try models.open(models.resolveBest(nil), for: opened.dataset)
      let similarity = try models.latest(.sims).map { try models.open($0, for: opened.dataset) }
      let service = try LoadedService(
        models: ServingModels(
          dataset: opened.dataset, datasetChecksum: opened.checksum, primary: primary,
          similarity: similarity),
        store: SQLiteEventStore(path: path),
        items: SQLiteItemStore(path: "\(folder)/items.sqlite"), exploration: .off,
        threadCount: threads.count, serverVersion: Version.current,
        nowMilliseconds: SystemClock.nowMilliseconds)
      let seconds = (SystemClock.elapsed() - start).seconds
      service.close()
      typealias Out = CommandOutput
      Out.line("events  \(Out.grouped(service.replayedEventCount))")
      Out.line("filled  \(Out.fixed((start - filling).seconds, 1)) s")
      Out.line("ready   \(Out.fixed(seconds, 2)) s")
      if shared.json {
        try Out.json([
          "events": service.replayedEventCount, "seconds": seconds,
          "peak_memory_bytes": ProcessMemory.peakBytes,
        ])
      }
    }
  }

  private func fill(_ path: String) throws {
    let dataset = try DatasetFile.open(shared.datasetFolder, verifyingChecksums: false).dataset
    let store = try SQLiteEventStore(path: path)
    var random = SeededGenerator(seed: seed)
    let items = dataset.items.identifiers.all
    let firstTime = (dataset.knownThrough + 1) * 1000
    var sent = try store.count()
    while sent < events {
      let batch = (0..<min(EventLogLimits.batchLimit, events - sent)).map { place in
        let number = sent + place
        let percentile = Int(random.next() % 100)
        let kind: Event.Kind =
          percentile < holdingPercent
          ? percentile % 5 == 4 ? .dropped : .accepted
          : percentile % 5 < 3 ? .shown : percentile % 5 == 3 ? .clicked : .dismissed
        return Event(
          eventID: "\(seed)-\(String(random.next(), radix: 16))-\(number)",
          userID: dataset.customers[Int(random.next() % UInt64(dataset.customers.count))],
          itemID: items[Int(random.next() % UInt64(items.count))], kind: kind,
          timeMilliseconds: firstTime + Int64(number), channel: "bench")
      }
      _ = try store.append(batch)
      sent += batch.count
    }
  }
}
