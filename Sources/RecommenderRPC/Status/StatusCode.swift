/// How a request ended: the sixteen status codes of gRPC and `ok`, under gRPC's numbers.
///
/// The number travels in the frame header of the answer. Each case says when *not* to use it, for
/// that is where codes get confused. What a caller may do about it is in `isWorthRetrying`.
public enum StatusCode: UInt8, Sendable, CaseIterable {
  /// Answered. Never thrown as an error.
  case ok = 0
  /// The caller gave up and told the server. Not for a server that gave up: that is `unavailable`
  /// or `deadlineExceeded`.
  case cancelled = 1
  /// An error nobody classified, for instance of a number this version does not know. Not for a
  /// broken invariant: that is `internalError`.
  case unknown = 2
  /// The request can never succeed as it stands: a limit is broken, an identifier is not UTF-8.
  /// Not when it depends on the server's state: that is `failedPrecondition`.
  case invalidArgument = 3
  /// The time the caller gave had passed before the answer was ready. The work may have been done.
  /// Not for a server's own internal time limit: that is `unavailable`.
  case deadlineExceeded = 4
  /// Something named in the request does not exist. Not for unknown customers or products in
  /// Recommend and SimilarItems, which are answered from popularity.
  case notFound = 5
  /// Something to be made is there already. Not for a repeated feedback event, which is the outcome
  /// `duplicate` of an answer that is `ok`.
  case alreadyExists = 6
  /// The caller is known and may not do this. Not when the caller is unknown: `unauthenticated`.
  case permissionDenied = 7
  /// A quota or a named limit is used up: requests in flight, connections, frame length. Not for a
  /// server that is merely going away: `unavailable`.
  case resourceExhausted = 8
  /// The server's state forbids the request and waiting will not help, for instance no model is
  /// loaded. Not when a plain retry may help: `unavailable`.
  case failedPrecondition = 9
  /// The request lost a race with another one; retry from the start of the sequence. Not when the
  /// same single request may be repeated: `unavailable`.
  case aborted = 10
  /// A position past the end of something that may grow, such as a page of the catalogue. Not for a
  /// number no state could satisfy: `invalidArgument`.
  case outOfRange = 11
  /// The server does not know this method, or not in this form (streamed). Not for a known method
  /// with bad arguments: `invalidArgument`.
  case unimplemented = 12
  /// A bug: an invariant of the server or of this library does not hold. Not for the peer's
  /// mistakes.
  case internalError = 13
  /// The server cannot be reached or is going away; repeat elsewhere or later. Not when the request
  /// is at fault.
  case unavailable = 14
  /// Stored data is lost or damaged beyond repair. Not for data that was never there: `notFound`.
  case dataLoss = 15
  /// The caller has not said who it is. Not when it has and may not: `permissionDenied`.
  case unauthenticated = 16

  /// The name on the wire documentation and in messages, for instance `INVALID_ARGUMENT`.
  public var name: String {
    switch self {
    case .ok: "OK"
    case .cancelled: "CANCELLED"
    case .unknown: "UNKNOWN"
    case .invalidArgument: "INVALID_ARGUMENT"
    case .deadlineExceeded: "DEADLINE_EXCEEDED"
    case .notFound: "NOT_FOUND"
    case .alreadyExists: "ALREADY_EXISTS"
    case .permissionDenied: "PERMISSION_DENIED"
    case .resourceExhausted: "RESOURCE_EXHAUSTED"
    case .failedPrecondition: "FAILED_PRECONDITION"
    case .aborted: "ABORTED"
    case .outOfRange: "OUT_OF_RANGE"
    case .unimplemented: "UNIMPLEMENTED"
    case .internalError: "INTERNAL"
    case .unavailable: "UNAVAILABLE"
    case .dataLoss: "DATA_LOSS"
    case .unauthenticated: "UNAUTHENTICATED"
    }
  }

  /// True when the same request may succeed later without any change by the caller.
  public var isWorthRetrying: Bool {
    self == .unavailable || self == .resourceExhausted || self == .aborted
  }
}
