/// A breach of the protocol after which the connection cannot go on.
///
/// One for each row of the violation table in `proto/PROTOCOL.md` that ends a connection.
enum ConnectionViolation: Error, Equatable, CustomStringConvertible {
  case wrongMagic
  case unsupportedVersion(UInt16)
  case frameTooLong(actual: Int, limit: Int)
  case unknownFrameType(UInt8)
  case unexpectedFrameType(FrameType)
  case unknownFlags(UInt8)
  case requestIDZero
  case requestIDInFlight(UInt32)
  case wrongPayloadLength(FrameType, actual: Int, expected: Int)
  case responseToUnknownRequest(UInt32)
  case streamDataOnUnaryRequest(UInt32)
  case creditOnUnaryRequest(UInt32)
  case tooMuchCredit(UInt32, limit: Int)
  case streamDataWithoutCredit(UInt32)
  case tokenLength(actual: Int)
  case badCredentials
  case credentialsTimeout
  case frameTooLongBeforeToken(actual: Int, limit: Int)
  case addressHeldOff(seconds: Int)
  case tooManyUnproven(limit: Int, ofOneAddress: Bool)
  case tlsInstead
  case silentPeer
  case serverBytesExhausted(limit: Int)
  case closedInsideFrame
  case prefaceTimeout
  case tooManyConnections(limit: Int)

  /// The status of the farewell.
  var status: StatusCode {
    switch self {
    case .frameTooLong, .tooManyConnections, .serverBytesExhausted: .resourceExhausted
    case .badCredentials, .credentialsTimeout, .frameTooLongBeforeToken: .unauthenticated
    case .addressHeldOff, .tooManyUnproven: .resourceExhausted
    case .silentPeer: .unavailable
    case .unsupportedVersion: .unimplemented
    case .prefaceTimeout: .deadlineExceeded
    case .closedInsideFrame: .unavailable
    default: .invalidArgument
    }
  }

  var description: String {
    switch self {
    case .wrongMagic:
      "the connection does not begin with TELLER: this port speaks the Teller protocol only"
    case .unsupportedVersion(let version):
      "protocol version \(version) is not supported: use version \(ProtocolVersion1.version)"
    case .frameTooLong(let actual, let limit):
      "a frame's payload of \(actual) bytes is over the limit of \(limit)"
    case .unknownFrameType(let type): "frame type \(type) is not known"
    case .unexpectedFrameType(let type): "a frame of type \(type) must not come from this side"
    case .unknownFlags(let flags): "flags \(flags) hold bits without a meaning"
    case .requestIDZero: "request id 0 is reserved for the connection itself"
    case .requestIDInFlight(let id): "request id \(id) is used again before it was answered"
    case .wrongPayloadLength(let type, let actual, let expected):
      "a frame of type \(type) has \(actual) payload bytes, not \(expected)"
    case .responseToUnknownRequest(let id): "request id \(id) was answered but never asked"
    case .streamDataOnUnaryRequest(let id):
      "stream frames arrived for request id \(id), which takes none"
    case .creditOnUnaryRequest(let id):
      "credit arrived for request id \(id), which is not streamed"
    case .tooMuchCredit(let id, let limit):
      "stream \(id) was granted more than its limit of \(limit) messages"
    case .streamDataWithoutCredit(let id): "stream \(id) sent a message that was not granted"
    case .tokenLength(let actual):
      "a token of \(actual) bytes: it must be 1 to \(ProtocolVersion1.maxTokenBytes)"
    case .badCredentials: "the token is not known"
    case .frameTooLongBeforeToken(let actual, let limit):
      "a frame's payload of \(actual) bytes came before a token: without one the limit is \(limit)"
    case .credentialsTimeout: "no good token was presented in time"
    case .addressHeldOff(let seconds):
      "too many bad tokens or handshakes came from this address: wait \(seconds) s"
    case .tooManyUnproven(let limit, let ofOneAddress):
      "the server has its limit of \(limit) connections\(ofOneAddress ? " of one address" : "")"
        + " that have not shown who they are"
    case .tlsInstead: "TLS arrived where there is none: one side uses TLS and the other does not"
    case .silentPeer: "the peer did not answer a ping in time"
    case .serverBytesExhausted(let limit):
      "the server has its limit of \(limit) bytes of unfinished requests: come back later"
    case .closedInsideFrame: "the connection was closed in the middle of a frame"
    case .prefaceTimeout: "the preface did not arrive in time"
    case .tooManyConnections(let limit): "the server has its limit of \(limit) connections"
    }
  }
}
