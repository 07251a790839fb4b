/// What a client learns from Describe: the whole catalogue, whatever the number of pages.
public struct ServerDescription: Equatable, Sendable {
  /// Version of the protocol.
  public var protocolVersion: UInt32
  /// What the service says of itself.
  public var service: DescribeAnswer
  /// Numbers and names of the methods.
  public var methods: [UInt32: String]
  /// Limits the server keeps.
  public var limits: ServerLimits

  /// Makes a description.
  public init(
    protocolVersion: UInt32, service: DescribeAnswer, methods: [UInt32: String],
    limits: ServerLimits
  ) {
    self.protocolVersion = protocolVersion
    self.service = service
    self.methods = methods
    self.limits = limits
  }
}

/// Limits as a server states them; see `RPCLimits` and `MessageLimits` for their meaning.
public struct ServerLimits: Equatable, Sendable {
  /// Longest payload of a frame in bytes.
  public var maxFrameBytes: UInt32
  /// Largest `count`.
  public var maxCount: UInt32
  /// Most excluded products.
  public var maxExcludedItems: UInt32
  /// Most events of one Feedback.
  public var maxFeedbackEvents: UInt32
  /// Most impressions of one event.
  public var maxImpressionItems: UInt32
  /// Longest identifier in bytes.
  public var maxIDBytes: UInt32
  /// Most unanswered requests of one connection.
  public var maxRequestsInFlight: UInt32
  /// Most customers of one RecommendMany.
  public var maxStreamUsers: UInt32
  /// Most streams of one connection.
  public var maxStreams: UInt32
  /// Most credit of one stream.
  public var maxStreamCredit: UInt32
  /// Most unanswered requests of all connections.
  public var maxServerRequestsInFlight: UInt32
  /// Most bytes of unanswered requests of all connections.
  public var maxServerBytesInFlight: UInt64

  /// The limits of a server run with these settings.
  public init(_ limits: RPCLimits) {
    maxFrameBytes = UInt32(limits.maxFrameBytes)
    maxCount = UInt32(MessageLimits.maxCount)
    maxExcludedItems = UInt32(MessageLimits.maxExcludedItems)
    maxFeedbackEvents = UInt32(MessageLimits.maxFeedbackEvents)
    maxImpressionItems = UInt32(MessageLimits.maxImpressionItems)
    maxIDBytes = UInt32(MessageLimits.maxIDBytes)
    maxRequestsInFlight = UInt32(limits.maxRequestsInFlight)
    maxStreamUsers = UInt32(MessageLimits.maxStreamUsers)
    maxStreams = UInt32(limits.maxStreams)
    maxStreamCredit = UInt32(ProtocolVersion1.maxStreamCredit)
    maxServerRequestsInFlight = UInt32(limits.maxServerRequestsInFlight)
    maxServerBytesInFlight = UInt64(limits.maxServerBytesInFlight)
  }
}
