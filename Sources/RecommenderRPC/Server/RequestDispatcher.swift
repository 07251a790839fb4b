internal import CRecommenderMessages
internal import NIOCore

/// Decodes requests, calls the methods and encodes their answers. One for each event loop: its
/// memory is shared by all connections of the loop, which take turns.
final class RequestDispatcher {
  let methods: any RecommenderMethods
  let limits: RPCLimits
  let clock: @Sendable () -> NIODeadline
  let statistics: ServerStatistics
  let counters = LoopCounters()
  let arena = MessageArena()
  let streams = StreamSchedule()
  let unsent = UnsentOutput()
  private let outlook = BurstOutlook()
  // One request after another fills it, on one event loop: no access can overlap.
  @exclusivity(unchecked) private var answer = RankedItemsAnswer()

  init(
    methods: any RecommenderMethods, limits: RPCLimits,
    clock: @escaping @Sendable () -> NIODeadline, statistics: ServerStatistics
  ) {
    self.methods = methods
    self.limits = limits
    self.clock = clock
    self.statistics = statistics
  }

  deinit { outlook.deallocate() }

  /// Looks at the frames ahead; returns how far, in bytes.
  func look(ahead bytes: UnsafeRawBufferPointer) -> Int {
    outlook.look(ahead: bytes, for: methods)
  }

  /// Executes one request that is answered at once. After an error `output` is what it was.
  func execute(
    _ method: MethodNumber, _ header: FrameHeader, payload: UnsafeRawBufferPointer,
    deadline: NIODeadline?, into output: inout ByteBuffer
  ) throws(RPCError) {
    let start = output.writerIndex
    do throws(RPCError) {
      try checkDeadline(deadline)
      switch method {
      case .recommend: try recommend(header, payload, into: &output)
      case .similarItems: try similarItems(header, payload, into: &output)
      case .health: try health(header, payload, into: &output)
      case .describe: try describe(header, payload, into: &output)
      case .status: try status(header, payload, into: &output)
      case .feedback, .putItems, .recommendMany, .getRecommendation, .listRecommendations,
        .updateModels:
        preconditionFailure("\(method.name) is answered later")
      }
      try checkDeadline(deadline)
      counters.countBurstAnswer(slot: Int(method.rawValue), status: .ok)
    } catch {
      output.moveWriterIndex(to: start)
      throw error
    }
  }

  /// The moment a request must be answered by; nil when it has no deadline.
  func deadline(of header: FrameHeader, arrival: NIODeadline) -> NIODeadline? {
    header.word == 0 ? nil : arrival + .milliseconds(Int64(header.word))
  }

  func checkDeadline(_ deadline: NIODeadline?) throws(RPCError) {
    guard let deadline, clock() >= deadline else { return }
    throw Self.deadlineExceeded
  }

  static let deadlineExceeded = RPCError(
    code: .deadlineExceeded, message: "the request's deadline has passed")

  /// Answers with a status. `arrival` is given for a request that came with an earlier burst.
  func writeError(
    _ error: RPCError, _ header: FrameHeader, arrival: NIODeadline? = nil,
    into output: inout ByteBuffer
  ) {
    countAnswer(header.method, error.code, arrival: arrival)
    output.writeTextFrame(
      .response, method: header.method, requestID: header.requestID, status: error.code,
      text: error.message)
  }

  /// Counts an answer; with an arrival, its time too, else that is known when the burst ends.
  ///
  /// What the caller gave up has no time: it was not waited for.
  func countAnswer(_ method: UInt16, _ status: StatusCode, arrival: NIODeadline?) {
    let slot = LoopCounters.slot(method)
    if let arrival {
      counters.countAnswer(slot: slot, status: status)
      counters.countTime(slot: slot, nanoseconds: nanoseconds(since: arrival), answers: 1)
    } else if status == .cancelled {
      counters.countAnswer(slot: slot, status: status)
    } else {
      counters.countBurstAnswer(slot: slot, status: status)
    }
  }

  func nanoseconds(since start: NIODeadline) -> UInt64 {
    UInt64(max(0, (clock() - start).nanoseconds))
  }

  private func recommend(
    _ header: FrameHeader, _ payload: UnsafeRawBufferPointer, into output: inout ByteBuffer
  ) throws(RPCError) {
    try recommend(
      try RankedItemsCodec.decodeRecommend(payload, arena: arena), answering: header, as: .response,
      into: &output)
  }

  /// Answers one customer, as a whole answer or as one message of a stream.
  func recommend(
    _ request: TellerRecommendRequest, answering header: FrameHeader, as type: FrameType,
    into output: inout ByteBuffer
  ) throws(RPCError) {
    answer.clear()
    try methods.recommend(RecommendRequestView(request), into: &answer)
    try RankedItemsCodec.write(
      answer, answering: header, as: type, wanted: Int(request.count),
      withoutItemIDs: request.item_indexes_only, withRecommendationID: true,
      maxFrameBytes: limits.maxFrameBytes, into: &output)
  }

  private func similarItems(
    _ header: FrameHeader, _ payload: UnsafeRawBufferPointer, into output: inout ByteBuffer
  ) throws(RPCError) {
    let request = try RankedItemsCodec.decodeSimilarItems(payload, arena: arena)
    answer.clear()
    try methods.similarItems(SimilarItemsRequestView(request), into: &answer)
    try RankedItemsCodec.write(
      answer, answering: header, wanted: Int(request.count), withoutItemIDs: false,
      withRecommendationID: false, maxFrameBytes: limits.maxFrameBytes, into: &output)
  }

  private func health(
    _ header: FrameHeader, _ payload: UnsafeRawBufferPointer, into output: inout ByteBuffer
  ) throws(RPCError) {
    try HealthCodec.checkRequest(payload, arena: arena)
    let answer = methods.health()
    let usage = ProcessUsage.current()
    let report = HealthReport(
      status: statistics.isDraining ? .draining : answer.status,
      uptimeMilliseconds: statistics.uptimeMilliseconds(now: clock()),
      cpuMicroseconds: usage.cpuMicroseconds, memoryBytes: usage.memoryBytes,
      requests: statistics.requests, modelVersion: answer.modelVersion,
      recommendationsRecorded: answer.recommendationsRecorded,
      recommendationsDropped: answer.recommendationsDropped)
    try HealthCodec.writeResponse(
      report, header.answer, arena: arena, maxFrameBytes: limits.maxFrameBytes, into: &output)
  }

  private func status(
    _ header: FrameHeader, _ payload: UnsafeRawBufferPointer, into output: inout ByteBuffer
  ) throws(RPCError) {
    try StatusCodec.checkRequest(payload, arena: arena)
    let health = methods.health()
    let report = StatusReport(
      status: statistics.isDraining ? .draining : health.status,
      uptimeMilliseconds: statistics.uptimeMilliseconds(now: clock()),
      serverVersion: methods.describe().serverVersion, modelVersion: health.modelVersion,
      samples: methods.status())
    try StatusCodec.writeResponse(
      report, header.answer, arena: arena, maxFrameBytes: limits.maxFrameBytes, into: &output)
  }

  private func describe(
    _ header: FrameHeader, _ payload: UnsafeRawBufferPointer, into output: inout ByteBuffer
  ) throws(RPCError) {
    let first = try DescribeCodec.decodeRequest(payload, arena: arena)
    try DescribeCodec.writeResponse(
      methods.describe(), first: first, limits: limits, header.answer, arena: arena,
      into: &output)
  }
}

extension FrameHeader {
  /// The header of this request's successful answer, its payload length still to be filled in.
  var answer: FrameHeader {
    FrameHeader(.response, payloadLength: 0, method: method, requestID: requestID)
  }
}
