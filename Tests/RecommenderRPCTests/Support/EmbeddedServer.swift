internal import NIOCore
internal import NIOEmbedded
internal import Synchronization

@testable internal import RecommenderRPC

/// A frame as bytes, taken apart.
struct Frame: Equatable {
  var header: FrameHeader
  var payload: [UInt8]

  var status: StatusCode { header.status }
  var text: String { String(decoding: payload, as: UTF8.self) }
}

/// One server connection on an embedded channel.
final class EmbeddedServer {
  let channel: EmbeddedChannel
  let methods: EchoMethods
  let handler: ServerConnectionHandler
  let clock = TestClock()
  /// What asks for tokens; nil when there are none.
  let gate: ServerGate?
  let log = EventLog()

  /// What the handler reported.
  final class EventLog: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ event: RPCServerEvent) { lines.withLock { $0.append("\(event)") } }
    var all: [String] { lines.withLock { $0 } }
  }

  /// `greet`: exchange prefaces at once.
  init(
    limits: RPCLimits = RPCLimits(), greet: Bool = true, tokens: TokenTable? = nil,
    statistics: ServerStatistics? = nil
  ) throws {
    methods = try EchoMethods()
    let clock = clock
    let now: @Sendable () -> NIODeadline = { clock.now }
    let dispatcher = RequestDispatcher(
      methods: methods, limits: limits, clock: now,
      statistics: statistics ?? ServerStatistics(start: clock.now))
    let log = log
    gate = ServerGate(ServerSecurity(tokens: tokens), limits: limits, clock: now)
    _ = gate?.admission.admit(PeerAddress(nil))
    handler = ServerConnectionHandler(
      dispatcher: dispatcher, limits: limits, report: { log.add($0) },
      access: ConnectionAccess(gate: gate), onClose: { _ in })
    channel = EmbeddedChannel(handler: handler)
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    if greet {
      try channel.writeInbound(ByteBuffer(bytes: ProtocolVersion1.preface))
      let answer = try channel.readOutbound(as: ByteBuffer.self)
      precondition(answer == ByteBuffer(bytes: ProtocolVersion1.preface))
    }
  }

  /// Requests that all connections have in flight, and their bytes.
  var inFlight: (requests: Int, bytes: Int) { handler.dispatcher.statistics.inFlight }

  deinit { _ = try? channel.finish(acceptAlreadyClosed: true) }

  /// Lets time pass, on both clocks.
  func pass(seconds: Int) {
    for _ in 0..<seconds {
      clock.advance(.seconds(1))
      channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    }
  }

  func send(_ bytes: [UInt8]) throws { try channel.writeInbound(ByteBuffer(bytes: bytes)) }

  /// All bytes sent so far, and the number of writes they came in.
  func receiveBytes() throws -> (bytes: [UInt8], writes: Int) {
    var bytes: [UInt8] = []
    var writes = 0
    while let buffer = try channel.readOutbound(as: ByteBuffer.self) {
      bytes += buffer.readableBytesView
      writes += 1
    }
    return (bytes, writes)
  }

  func receive() throws -> [Frame] { Frames.split(try receiveBytes().bytes) }
}

/// Making and taking apart frames.
enum Frames {
  static func split(_ bytes: [UInt8]) -> [Frame] {
    var frames: [Frame] = []
    var rest = bytes[...]
    while rest.count >= FrameHeader.byteCount {
      let header = rest.withUnsafeBytes { FrameHeader(reading: $0) }
      let end = rest.startIndex + header.frameByteCount
      guard end <= rest.endIndex else { break }
      frames.append(
        Frame(header: header, payload: Array(rest[(rest.startIndex + 16)..<end])))
      rest = rest[end...]
    }
    return frames
  }

  static func make(_ header: FrameHeader, _ payload: [UInt8] = []) -> [UInt8] {
    var buffer = ByteBuffer()
    payload.withUnsafeBytes { buffer.writeFrame(header, payload: $0) }
    return Array(buffer.readableBytesView)
  }

  static func request(
    _ method: UInt16, id: UInt32, flags: UInt8 = 0, deadline: UInt32 = 0, _ payload: [UInt8] = []
  ) -> [UInt8] {
    make(
      FrameHeader(
        .request, payloadLength: payload.count, flags: flags, method: method, requestID: id,
        word: deadline), payload)
  }

  static func recommend(
    _ user: String, id: UInt32, count: Int? = nil, excluding: [String] = [],
    itemIndexesOnly: Bool = false, softmaxScores: Bool = false,
    explorationWeight: Float? = nil, deadline: UInt32 = 0
  ) throws -> [UInt8] {
    var buffer = ByteBuffer()
    try RankedItemsClientCodec.writeRecommend(
      user: user, count: count, excluding: excluding, itemIndexesOnly: itemIndexesOnly,
      softmaxScores: softmaxScores, explorationWeight: explorationWeight,
      FrameHeader(.request, payloadLength: 0, method: 1, requestID: id, word: deadline),
      arena: MessageArena(), maxFrameBytes: 1 << 24, into: &buffer)
    return Array(buffer.readableBytesView)
  }

  static func recommendMany(
    _ users: [String], id: UInt32, flags: UInt8 = 1, deadline: UInt32 = 0
  ) throws -> [UInt8] {
    var buffer = ByteBuffer()
    try RecommendManyCodec.writeRequest(
      RecommendManyRequest(users: users, count: 2),
      FrameHeader(
        .request, payloadLength: 0, flags: flags, method: 10, requestID: id, word: deadline),
      arena: MessageArena(), maxFrameBytes: 1 << 24, into: &buffer)
    return Array(buffer.readableBytesView)
  }

  static func credit(_ count: UInt32, id: UInt32) -> [UInt8] {
    make(FrameHeader(.credit, payloadLength: 0, requestID: id, word: count))
  }

  static func cancel(_ id: UInt32) -> [UInt8] {
    make(FrameHeader(.cancel, payloadLength: 0, requestID: id))
  }

  static func credentials(_ token: [UInt8]) -> [UInt8] {
    make(FrameHeader(.credentials, payloadLength: token.count), token)
  }

  static func putItems(_ items: [PutItem], id: UInt32) throws -> [UInt8] {
    var buffer = ByteBuffer()
    try PutItemsCodec.writeRequest(
      items, FrameHeader(.request, payloadLength: 0, method: 7, requestID: id),
      arena: MessageArena(), maxFrameBytes: 1 << 24, into: &buffer)
    return Array(buffer.readableBytesView)
  }

  static func feedback(
    _ events: [FeedbackEvent], id: UInt32, deadline: UInt32 = 0
  ) throws -> [UInt8] {
    var buffer = ByteBuffer()
    try FeedbackCodec.writeRequest(
      events, FrameHeader(.request, payloadLength: 0, method: 3, requestID: id, word: deadline),
      arena: MessageArena(), maxFrameBytes: 1 << 24, into: &buffer)
    return Array(buffer.readableBytesView)
  }

  static func ranked(_ frame: Frame) throws -> RankedItems {
    try frame.payload.withUnsafeBytes {
      try RankedItemsClientCodec.decodeRecommend($0, arena: MessageArena())
    }
  }

  static func event(_ number: Int) -> FeedbackEvent {
    FeedbackEvent(eventID: "e\(number)", userID: "u", itemID: "i", type: .clicked)
  }
}
