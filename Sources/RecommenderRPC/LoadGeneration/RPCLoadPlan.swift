/// What a load generator does.
public struct RPCLoadPlan: Sendable {
  /// Server's host.
  public var host: String
  /// Server's port.
  public var port: Int
  /// TLS; nil for plain TCP.
  public var tls: ClientTLS?
  /// What every connection presents first; nil for nothing.
  public var token: String?
  /// Customers asked for, drawn at random with equal chances; at least one.
  public var userIDs: [String]
  /// Products asked for each time, 1 to 500.
  public var count = 7
  /// Ask for indexes without identifiers.
  public var itemIndexesOnly = false
  /// Connections, 1 to 4096.
  public var connections = 16
  /// Closed loop: requests every connection keeps unanswered, 1 to 4096.
  public var outstanding = 16
  /// Connections that are open meanwhile and ask for nothing, 0 to 16,384.
  public var idleConnections = 0
  /// The time between two changes of the server's models, at least a tenth of a second; nil for none.
  /// The token must have the role `admin`, and two versions must be there to take turns. For a load of
  /// at most `maxTimelineSeconds`.
  public var reloadInterval: Duration?
  /// How long requests are sent, after the warm-up.
  public var duration: Duration = .seconds(5)
  /// Load of the same kind before anything is measured.
  public var warmup: Duration = .seconds(1)
  /// nil: closed loop, every answer triggers the next request. Else open loop: so many requests a
  /// second in all, sent when they are due whatever the server does. Latency then counts from
  /// the moment a request was due, so a stalled server cannot hide its stall.
  public var requestsPerSecond: Double?
  /// Seed of the drawing of customers.
  public var seed: UInt64 = 1

  /// Open loop: most unanswered requests of one connection. A request that is due beyond them is
  /// not sent and counts as an error.
  public static let maxOpenLoopOutstanding = 4096

  /// The longest load that is looked at second by second.
  public static let maxTimelineSeconds = 3600

  /// A closed loop of 16 connections with 16 requests each, for 5 seconds.
  public init(host: String, port: Int, userIDs: [String]) {
    self.host = host
    self.port = port
    self.userIDs = userIDs
  }
}

/// What a load generator saw.
public struct RPCLoadReport: Equatable, Sendable {
  /// Answers with status OK.
  public var requests: UInt64
  /// Answers with another status, and requests not sent or not answered.
  public var errors: UInt64
  /// From the first request to the last answer.
  public var seconds: Double
  /// OK answers a second.
  public var requestsPerSecond: Double
  /// Half the answers came within this many microseconds.
  public var p50Microseconds: Double
  /// 99 % of the answers came within this many microseconds.
  public var p99Microseconds: Double
  /// 99.9 % of the answers came within this many microseconds.
  public var p999Microseconds: Double
  /// The slowest answer in microseconds.
  public var maxMicroseconds: Double
  /// CPU time of the server process for each answer in microseconds, by its own account (Health).
  public var serverCPUMicrosecondsPerRequest: Double
  /// Resident memory of the server process in bytes, by its own account (Health).
  public var serverMemory: RPCLoadMemory
  /// The changes of models, when they were asked for.
  public var swaps: [RPCLoadSwap] = []
}

/// Resident memory of a server in bytes at moments of a load.
public struct RPCLoadMemory: Equatable, Sendable {
  /// What one idle connection added; nil without any. Too low where the server reuses memory it had
  /// before.
  public var bytesPerIdleConnection: Double?
  /// After the warm-up.
  public var startBytes: UInt64 = 0
  /// When half of the time was over.
  public var middleBytes: UInt64 = 0
  /// After the last answer.
  public var endBytes: UInt64 = 0
}
