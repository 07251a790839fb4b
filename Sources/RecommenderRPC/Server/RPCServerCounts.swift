/// What a server has done since its start, for metrics.
public struct RPCServerCounts: Sendable {
  /// Upper bounds of the times of answers, in seconds.
  public static let timeBoundsSeconds = LoopCounters.boundsNanoseconds.map { Double($0) / 1e9 }

  /// Every method that is known, and last `unknown` for numbers that are no method.
  public internal(set) var methods: [RPCMethodCounts]
  /// Connections open now.
  public internal(set) var connections: Int
  /// Connections accepted since the start.
  public internal(set) var connectionsOpened: UInt64
  /// Connections that were sent away because they broke the protocol or a limit.
  public internal(set) var violations: UInt64
  /// Bytes read from connections.
  public internal(set) var bytesReceived: UInt64
  /// Bytes written to connections.
  public internal(set) var bytesSent: UInt64
  /// Whether it is stopping.
  public internal(set) var isDraining: Bool

  init(_ statistics: ServerStatistics, loops: [LoopCounters]) {
    func sum(_ total: LoopCounters.Total) -> UInt64 { loops.reduce(0) { $0 + $1.total(total) } }
    func counts(_ slot: Int, _ name: String) -> RPCMethodCounts {
      loops.reduce(into: RPCMethodCounts(name: name)) { $0.add($1.method(slot: slot, name: name)) }
    }
    methods =
      MethodNumber.allCases.map { counts(LoopCounters.slot($0.rawValue), $0.name) }
      + [counts(0, "unknown")]
    connections = statistics.connections
    connectionsOpened = sum(.connectionsOpened)
    violations = sum(.violations)
    bytesReceived = sum(.bytesReceived)
    bytesSent = sum(.bytesSent)
    isDraining = statistics.isDraining
  }
}

/// What was answered of one method.
public struct RPCMethodCounts: Sendable, Equatable {
  /// The method's name.
  public var name: String
  /// Answers by status, in the order of `StatusCode.allCases`.
  public var answers: [UInt64]
  /// Answers by their time: by the first bound that is not less, the last for what is beyond all.
  public var timeCounts: [UInt64]
  /// The time of all answers together, in nanoseconds.
  public var timeSumNanoseconds: UInt64

  init(name: String, answers: [UInt64], timeCounts: [UInt64], timeSumNanoseconds: UInt64) {
    self.name = name
    self.answers = answers
    self.timeCounts = timeCounts
    self.timeSumNanoseconds = timeSumNanoseconds
  }

  init(name: String) {
    self.init(
      name: name, answers: [UInt64](repeating: 0, count: LoopCounters.statusSlots),
      timeCounts: [UInt64](repeating: 0, count: LoopCounters.boundsNanoseconds.count + 1),
      timeSumNanoseconds: 0)
  }

  mutating func add(_ other: RPCMethodCounts) {
    for place in answers.indices { answers[place] += other.answers[place] }
    for place in timeCounts.indices { timeCounts[place] += other.timeCounts[place] }
    timeSumNanoseconds += other.timeSumNanoseconds
  }
}
