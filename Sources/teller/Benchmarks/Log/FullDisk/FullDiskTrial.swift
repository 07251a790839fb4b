internal import InteractionData
internal import RecommenderRPC

/// Rounds of servers whose disk is full at some time.
struct FullDiskTrial {
  /// How a round ends.
  private enum Ending: CaseIterable {
    case killedUnderLoad
    case killedQuiet
    case stoppedUnderLoad
    case givenRoom
  }

  /// How long the disk may take to be full, or to be used again, in milliseconds.
  private static let patienceMs = 10_000
  /// How long a server may take to stop, in milliseconds.
  private static let stopMs = 30_000
  /// How far beyond the longest file the limit may be, in bytes.
  private static let roomByteCount = 262_144
  /// The refusals and the acknowledged batches that are waited for.
  private static let awaitedCount = 3
  /// The events after which servers renew their checkpoint: some times a round.
  private static let checkpointEvents = 200

  private(set) var acknowledgedCount = 0
  private(set) var refusalCount = 0
  private(set) var answerCount = 0
  private(set) var answerCountWhileFull = 0
  /// What must not be, a line each.
  var faults: [String] = []
  /// The events in the log.
  var loggedCount: Int { reader.eventCount }

  private let scratch: ScratchWorkspace
  private let population: FeedbackPopulation
  private let lifetimeMs: Int
  private let seed: UInt64
  private let compared: ComparedAnswers
  private var random: SeededGenerator
  private var reader: LedgerReader
  private var open: [FeedbackLedger.OpenBatch] = []
  private var expected: [RankedItems] = []

  init(
    scratch: ScratchWorkspace, population: FeedbackPopulation, lifetimeMs: Int, seed: UInt64
  ) {
    self.scratch = scratch
    self.population = population
    self.lifetimeMs = lifetimeMs
    self.seed = seed
    // Answers are asked for beside the load: what is explored differs with their number.
    compared = ComparedAnswers(of: population.customers, explorationWeight: 0)
    random = SeededGenerator(seed: seed)
    reader = LedgerReader(path: scratch.eventLogPath)
  }

  /// Plays a round, and takes note of what must not be.
  mutating func play(_ round: Int) async throws {
    let ending = Ending.allCases[round % Ending.allCases.count]
    let instance = seed &* 1_000_003 &+ UInt64(round)
    if !expected.isEmpty {
      let plain = try ServerProcess(
        workspace: scratch.folder, instance: instance, checkpointEvents: 0)
      faults += try await compared.differences(expected, port: plain.port)
      plain.kill()
    }
    let server = try ServerProcess(
      workspace: scratch.folder, instance: instance, checkpointEvents: Self.checkpointEvents,
      isQuiet: true)
    let port = server.port
    faults += try await compared.differences(expected, port: port)
    let load = LedgerLoad(customers: population.customers, items: population.items)
    let asking = SteadyAsking(customers: population.customers)
    let (again, loadSeed) = (open, random.next())
    async let running = load.run(port: port, round: round, again: again, seed: loadSeed)
    async let answering: Void = asking.run(port: port)
    try await sleepAtRandom()
    let found = try await fill(server, load, asking) + end(ending, server, load, asking)
    load.stop()
    asking.stop()
    let ledger = await running
    await answering
    faults += (found + asking.faults + ledger.faults).map { "round \(round), \(ending): \($0)" }
    expected =
      ending == .killedQuiet || ending == .givenRoom ? try await compared.ask(port: port) : []
    server.kill()
    faults += try reader.faults(ledger)
    open = ledger.open
    acknowledgedCount += ledger.acknowledgedCount
    refusalCount += ledger.refusalCount
    answerCount += asking.count
  }

  /// Lets the disk be full for a while.
  private mutating func fill(
    _ server: ServerProcess, _ load: LedgerLoad, _ asking: SteadyAsking
  ) async throws -> [String] {
    let length = scratch.longestFileByteCount + Self.roomByteCount
    try FileLengthLimit.set(Int(random.next() % UInt64(length)), of: server.processIdentifier)
    let isFull = try await wait { load.counts.refusals >= Self.awaitedCount }
    guard isFull else { return ["no feedback was refused"] }
    let before = asking.count
    try await sleepAtRandom()
    let isAnswering = try await wait { asking.count > before }
    answerCountWhileFull += asking.count - before
    return isAnswering ? [] : ["no answer while the disk was full"]
  }

  /// Ends a round, up to the kill.
  private func end(
    _ ending: Ending, _ server: ServerProcess, _ load: LedgerLoad, _ asking: SteadyAsking
  ) async throws -> [String] {
    if ending == .killedUnderLoad || ending == .stoppedUnderLoad {
      asking.stop()
      guard try await wait(until: { asking.hasEnded }) else { return ["an answer does not come"] }
    }
    switch ending {
    case .killedUnderLoad:
      server.kill()
    case .killedQuiet:
      load.stop()
    case .stoppedUnderLoad:
      server.requestStop()
      guard try await wait(Self.stopMs, until: { !server.isRunning }) else {
        return ["it does not stop"]
      }
      if !server.hasExited { return ["it ended by a signal"] }
    case .givenRoom:
      try FileLengthLimit.set(nil, of: server.processIdentifier)
      let before = load.counts.acknowledged
      let isTaking = try await wait { load.counts.acknowledged >= before + Self.awaitedCount }
      if !isTaking { return ["no feedback is taken though there is room again"] }
    }
    return []
  }

  private mutating func sleepAtRandom() async throws {
    try await Task.sleep(for: .microseconds(random.next() % UInt64(lifetimeMs * 1000)))
  }

  /// Waits for something; whether it came.
  private func wait(_ limitMs: Int = patienceMs, until holds: () -> Bool) async throws -> Bool {
    for _ in 0..<limitMs {
      if holds() { return true }
      try await Task.sleep(for: .milliseconds(1))
    }
    return false
  }
}
