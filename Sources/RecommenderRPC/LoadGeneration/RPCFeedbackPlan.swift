/// What a load of Feedback does. Every event has an identifier of its own and the server's time.
public struct RPCFeedbackPlan: Sendable {
  /// Server's host.
  public var host: String
  /// Server's port.
  public var port: Int
  /// TLS; nil for plain TCP.
  public var tls: ClientTLS?
  /// What every connection presents first; nil for nothing.
  public var token: String?
  /// Customers, drawn at random with equal chances; at least one.
  public var userIDs: [String]
  /// Products, drawn likewise; at least one.
  public var itemIDs: [String]
  /// Events of one request, 1 to 1000.
  public var batchCount = 100
  /// Of 100 events, those that change what a customer holds and so the customer's scores.
  public var holdingPercent = 10
  /// Connections, 1 to 4096.
  public var connections = 16
  /// Closed loop: requests every connection keeps unanswered, 1 to 4096.
  public var outstanding = 1
  /// How long requests are sent.
  public var duration: Duration = .seconds(5)
  /// nil: closed loop. Else requests a second in all, sent when they are due.
  public var requestsPerSecond: Double?
  /// Seed of the drawing.
  public var seed: UInt64 = 1
  /// Tells this load's events from those of others.
  public var run: UInt64

  /// A closed loop of 16 connections with one request of 100 events each, for 5 seconds.
  public init(host: String, port: Int, userIDs: [String], itemIDs: [String], run: UInt64) {
    self.host = host
    self.port = port
    self.userIDs = userIDs
    self.itemIDs = itemIDs
    self.run = run
  }
}
