public import NIOCore

/// Every limit of a connection and a server, in one place.
///
/// Limits on the content of messages (`count`, lists, identifiers) belong to the protocol and are
/// not adjustable; see `MessageLimits`.
public struct RPCLimits: Sendable {
  /// Longest payload of one frame in bytes, either way. A longer one ends the connection.
  public var maxFrameBytes = 1 << 20
  /// Most requests of one connection that wait for an asynchronous result. One more is answered
  /// RESOURCE_EXHAUSTED.
  public var maxRequestsInFlight = 1024
  /// Most requests of all connections together that wait for an asynchronous result, streams
  /// included. One more is answered RESOURCE_EXHAUSTED.
  public var maxServerRequestsInFlight = 65_536
  /// Most bytes that those requests, and frames that have come in part, may hold together. A request
  /// beyond is answered RESOURCE_EXHAUSTED; a frame beyond ends its connection.
  public var maxServerBytesInFlight = 1 << 28
  /// Most streams of one connection at once. One more is answered RESOURCE_EXHAUSTED.
  public var maxStreams = 16
  /// Most connections of a server. One more is told RESOURCE_EXHAUSTED and closed.
  public var maxConnections = 16_384
  /// Unsent bytes of answers at which a connection stops reading requests.
  public var outputHighWatermark = 1 << 20
  /// Unsent bytes at which it reads again.
  public var outputLowWatermark = 1 << 18
  /// Most bytes of answers of all connections together that clients have not fetched yet. Beyond it
  /// connections with such bytes are not read from, each after at most 16 KiB and one
  /// answer more, until there is room; those whose clients read are.
  public var maxServerUnsentBytes = 1 << 28
  /// How long a new connection may take to send its preface.
  public var prefaceTimeout: TimeAmount = .seconds(10)
  /// How long a new connection may take until it has presented a good token, where a server asks for
  /// one.
  public var credentialsTimeout: TimeAmount = .seconds(10)
  /// Longest payload of a frame before that token: what is kept of frames that have not come whole
  /// must not be filled by strangers.
  public var maxUnprovenFrameBytes = 4096
  /// Most connections that have not shown yet who they are, where a server asks for TLS or tokens.
  /// One more is told RESOURCE_EXHAUSTED and closed.
  public var maxUnprovenConnections = 256
  /// Most of those from one address.
  public var maxUnprovenConnectionsPerAddress = 64
  /// Bad tokens and failed TLS handshakes that may come from one address at once; then new
  /// connections from it are turned away.
  public var maxFailedCredentials = 16
  /// After this time one more of them is forgiven.
  public var failedCredentialRecovery: TimeAmount = .seconds(10)
  /// Most addresses of which failures are remembered.
  public var maxWatchedAddresses = 4096
  /// How long a connection may be silent, with nothing in flight, before it is told to go away.
  public var idleTimeout: TimeAmount = .minutes(10)
  /// How long a connection with requests in flight may be silent before the server sends a PING.
  public var keepAliveInterval: TimeAmount = .seconds(30)
  /// How long the answer to that PING may take before the peer is taken for gone.
  public var keepAliveTimeout: TimeAmount = .seconds(20)
  /// A traced request, or one that is not answered at once, is reported as slow when it took longer.
  public var slowRequest: TimeAmount = .milliseconds(500)
  /// How long a drain waits for a client to acknowledge the farewell before it takes silence for
  /// consent. Blocking clients read only while they call.
  public var drainGrace: TimeAmount = .milliseconds(250)
  /// How long a server goes on swallowing bytes after it has refused a connection, so that the
  /// reason reaches the client before the reset does.
  public var lingerTimeout: TimeAmount = .seconds(1)

  /// The defaults.
  public init() {}
}

/// Limits on the content of messages in version 1 of the protocol.
public enum MessageLimits {
  /// Longest identifier in bytes of UTF-8; the shortest is 1.
  public static let maxIDBytes = 256
  /// Longest `recommendation_id` in bytes.
  public static let maxRecommendationIDBytes = 40
  /// `count` when the request does not say.
  public static let defaultCount = 10
  /// Largest `count`.
  public static let maxCount = 500
  /// Most products one Recommend may exclude.
  public static let maxExcludedItems = 500
  /// Most customers of one RecommendMany; the fewest is 1.
  public static let maxStreamUsers = 10_000
  /// Most events of one Feedback; the fewest is 1.
  public static let maxFeedbackEvents = 1000
  /// Most impressions of one event.
  public static let maxImpressionItems = 100
  /// Most products of one PutItems; the fewest is 1.
  public static let maxPutItems = 1000
  /// Most attributes of one product.
  public static let maxItemAttributes = 32
  /// Longest name of an attribute in bytes; the shortest is 1.
  public static let maxAttributeKeyBytes = 64
  /// Longest name, category, or value of an attribute in bytes.
  public static let maxItemTextBytes = 256
  /// Most payload bytes Describe spends on one page of the catalogue.
  public static let describePageBytes = 1 << 18
}
