internal import CRecommenderMessages
internal import NIOCore

/// The client's half of the two ranked lists.
enum RankedItemsClientCodec {
  static func writeRecommend(
    user: String, count: Int?, excluding: [String], itemIndexesOnly: Bool, softmaxScores: Bool,
    explorationWeight: Float? = nil, _ header: FrameHeader, arena: MessageArena, maxFrameBytes: Int,
    into output: inout ByteBuffer
  ) throws(RPCError) {
    arena.reset()
    var request = Teller__V1__RecommendRequest()
    teller__v1__recommend_request__init(&request)
    request.user_id = try arena.text(user, field: "user_id")
    if let count {
      request.count_presence_case = TELLER__V1__RECOMMEND_REQUEST__COUNT_PRESENCE_COUNT
      request.count = UInt32(clamping: count)
    }
    request.n_exclude_item_ids = excluding.count
    request.exclude_item_ids = try arena.texts(excluding, field: "exclude_item_ids")
    request.item_indexes_only = itemIndexesOnly ? 1 : 0
    request.softmax_scores = softmaxScores ? 1 : 0
    if let explorationWeight {
      request.exploration_weight_presence_case =
        TELLER__V1__RECOMMEND_REQUEST__EXPLORATION_WEIGHT_PRESENCE_EXPLORATION_WEIGHT
      request.exploration_weight = explorationWeight
    }
    try output.writeMessageFrame(header, &request, maxFrameBytes: maxFrameBytes)
  }

  static func writeSimilarItems(
    item: String, count: Int?, _ header: FrameHeader, arena: MessageArena, maxFrameBytes: Int,
    into output: inout ByteBuffer
  ) throws(RPCError) {
    arena.reset()
    var request = Teller__V1__SimilarItemsRequest()
    teller__v1__similar_items_request__init(&request)
    request.item_id = try arena.text(item, field: "item_id")
    if let count {
      request.count_presence_case = TELLER__V1__SIMILAR_ITEMS_REQUEST__COUNT_PRESENCE_COUNT
      request.count = UInt32(clamping: count)
    }
    try output.writeMessageFrame(header, &request, maxFrameBytes: maxFrameBytes)
  }

  static func decodeRecommend(
    _ payload: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(RPCError) -> RankedItems {
    arena.reset()
    let response = try arena.unpack(
      Teller__V1__RecommendResponse.self, TELLER_RECOMMEND_RESPONSE, payload
    ).pointee
    return RankedItems(
      itemIDs: (0..<response.n_item_ids).map { String(message: response.item_ids[$0]) },
      scores: Array(UnsafeBufferPointer(start: response.scores, count: response.n_scores)),
      itemIndexes: Array(
        UnsafeBufferPointer(start: response.item_indexes, count: response.n_item_indexes)),
      modelVersion: String(message: response.model_version),
      source: RecommendationSource(rawValue: response.source.rawValue) ?? .unspecified,
      recommendationID: String(message: response.recommendation_id),
      softmaxScores: Array(
        UnsafeBufferPointer(start: response.softmax_scores, count: response.n_softmax_scores)),
      propensities: Array(
        UnsafeBufferPointer(start: response.propensities, count: response.n_propensities)),
      explored: response.explored != 0)
  }

  static func decodeSimilarItems(
    _ payload: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(RPCError) -> RankedItems {
    arena.reset()
    let response = try arena.unpack(
      Teller__V1__SimilarItemsResponse.self, TELLER_SIMILAR_ITEMS_RESPONSE, payload
    ).pointee
    return RankedItems(
      itemIDs: (0..<response.n_item_ids).map { String(message: response.item_ids[$0]) },
      scores: Array(UnsafeBufferPointer(start: response.scores, count: response.n_scores)),
      itemIndexes: Array(
        UnsafeBufferPointer(start: response.item_indexes, count: response.n_item_indexes)),
      modelVersion: String(message: response.model_version),
      source: RecommendationSource(rawValue: response.source.rawValue) ?? .unspecified,
      recommendationID: "")
  }
}
