internal import CRecommenderMessages
internal import NIOCore

/// RecommendMany: the request of a stream, and what ends it. Its messages are those of Recommend.
enum RecommendManyCodec {
  // MARK: Server

  /// Bytes that hold any request of this length once it is decoded: each text takes at least two
  /// bytes on the wire, and costs a pointer, rounding, and protobuf-c's notes of where it stands (32
  /// bytes in lists that double) beside its own bytes.
  static func arenaBytes(payloadByteCount: Int) -> Int {
    let textsMax = MessageLimits.maxStreamUsers + MessageLimits.maxExcludedItems
    return 4096 + payloadByteCount + 88 * min(payloadByteCount / 2, textsMax)
  }

  static func decodeRequest(
    _ payload: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(RPCError) -> TellerRecommendManyRequest {
    var request = TellerRecommendManyRequest()
    var fault = TellerFault()
    let bytes = payload.baseAddress?.assumingMemoryBound(to: UInt8.self)
    if !teller_decode_recommend_many_request(
      arena.pointer, bytes, payload.count, &request, &fault)
    {
      throw RPCError(fault)
    }
    try RankedItemsCodec.checkExplorationWeight(request.each)
    return request
  }

  static func writeResponse(
    answered: Int, _ header: FrameHeader, maxFrameBytes: Int, into output: inout ByteBuffer
  ) throws(RPCError) {
    var response = Teller__V1__RecommendManyResponse()
    teller__v1__recommend_many_response__init(&response)
    response.answered = UInt32(answered)
    try output.writeMessageFrame(header, &response, maxFrameBytes: maxFrameBytes)
  }

  // MARK: Client

  static func writeRequest(
    _ request: RecommendManyRequest, _ header: FrameHeader, arena: MessageArena,
    maxFrameBytes: Int, into output: inout ByteBuffer
  ) throws(RPCError) {
    arena.reset()
    var message = Teller__V1__RecommendManyRequest()
    teller__v1__recommend_many_request__init(&message)
    message.n_user_ids = request.users.count
    message.user_ids = try arena.texts(request.users, field: "user_ids")
    if let count = request.count {
      message.count_presence_case = TELLER__V1__RECOMMEND_MANY_REQUEST__COUNT_PRESENCE_COUNT
      message.count = UInt32(clamping: count)
    }
    message.n_exclude_item_ids = request.excluding.count
    message.exclude_item_ids = try arena.texts(request.excluding, field: "exclude_item_ids")
    message.item_indexes_only = request.itemIndexesOnly ? 1 : 0
    message.softmax_scores = request.softmaxScores ? 1 : 0
    if let explorationWeight = request.explorationWeight {
      message.exploration_weight_presence_case =
        TELLER__V1__RECOMMEND_MANY_REQUEST__EXPLORATION_WEIGHT_PRESENCE_EXPLORATION_WEIGHT
      message.exploration_weight = explorationWeight
    }
    try output.writeMessageFrame(header, &message, maxFrameBytes: maxFrameBytes)
  }

  static func decodeResponse(
    _ payload: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(RPCError) -> Int {
    arena.reset()
    let response = try arena.unpack(
      Teller__V1__RecommendManyResponse.self, TELLER_RECOMMEND_MANY_RESPONSE, payload)
    return Int(response.pointee.answered)
  }
}
