internal import CRecommenderMessages
internal import NIOCore

/// Decodes the two hot requests and encodes their answer without allocating.
enum RankedItemsCodec {
  static func decodeRecommend(
    _ payload: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(RPCError) -> TellerRecommendRequest {
    var request = TellerRecommendRequest()
    var fault = TellerFault()
    let bytes = payload.baseAddress?.assumingMemoryBound(to: UInt8.self)
    if !teller_decode_recommend_request(arena.pointer, bytes, payload.count, &request, &fault) {
      throw RPCError(fault)
    }
    try checkExplorationWeight(request)
    return request
  }

  static func checkExplorationWeight(_ request: TellerRecommendRequest) throws(RPCError) {
    guard (0...1).contains(request.exploration_weight) else {
      throw RPCError(
        code: .invalidArgument,
        message: "exploration_weight must be 0 to 1, not \(request.exploration_weight)")
    }
  }

  static func decodeSimilarItems(
    _ payload: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(RPCError) -> TellerSimilarItemsRequest {
    var request = TellerSimilarItemsRequest()
    var fault = TellerFault()
    let bytes = payload.baseAddress?.assumingMemoryBound(to: UInt8.self)
    if !teller_decode_similar_items_request(
      arena.pointer, bytes, payload.count, &request, &fault)
    {
      throw RPCError(fault)
    }
    return request
  }

  /// Appends the whole response frame. The service's indexes are checked here, for the encoder
  /// reads identifiers by them.
  static func write(
    _ answer: borrowing RankedItemsAnswer, answering header: FrameHeader,
    as type: FrameType = .response, wanted: Int, withoutItemIDs: Bool, withRecommendationID: Bool,
    maxFrameBytes: Int,
    into output: inout ByteBuffer
  ) throws(RPCError) {
    guard let catalogue = answer.catalogue else {
      throw RPCError(code: .internalError, message: "the service named no catalogue")
    }
    guard answer.count >= 0, answer.count <= wanted else {
      throw RPCError(
        code: .internalError, message: "\(answer.count) products answered, \(wanted) wanted")
    }
    for place in 0..<answer.count where answer.itemIndexes[place] >= catalogue.items.count {
      throw RPCError(
        code: .internalError,
        message: "item index \(answer.itemIndexes[place]) of \(catalogue.items.count)")
    }
    let hasID = withRecommendationID && answer.hasRecommendationID
    var items = TellerRankedItems(
      count: answer.count, id_bytes: catalogue.items.bytes,
      id_offsets: catalogue.items.offsets, without_item_ids: withoutItemIDs,
      scores: answer.scores.baseAddress,
      softmax_scores: answer.hasSoftmaxScores
        ? UnsafePointer(answer.softmaxScores.baseAddress) : nil,
      propensities: answer.hasPropensities
        ? UnsafePointer(answer.propensities.baseAddress) : nil,
      explored: answer.explored,
      item_indexes: answer.itemIndexes.baseAddress,
      model_version: catalogue.modelVersionBytes.baseAddress,
      model_version_length: catalogue.modelVersionBytes.count,
      recommendation_id: answer.recommendationID.baseAddress?.assumingMemoryBound(
        to: CChar.self),
      recommendation_id_length: hasID ? RankedItemsAnswer.recommendationIDByteCount : 0,
      source: answer.source.rawValue)
    let size = teller_ranked_items_size(&items)
    guard size <= maxFrameBytes else {
      throw RPCError(
        code: .resourceExhausted,
        message: "the answer of \(size) bytes is over the frame limit of \(maxFrameBytes):"
          + " ask for fewer products or for indexes only")
    }
    let frame = FrameHeader(
      type, payloadLength: size, method: type == .response ? header.method : 0,
      requestID: header.requestID)
    output.writeWithUnsafeMutableBytes(minimumWritableBytes: frame.frameByteCount) { target in
      frame.write(to: target)
      let payload = target.baseAddress.map { $0 + FrameHeader.byteCount }
      let written = teller_ranked_items_pack(
        &items, payload?.assumingMemoryBound(to: UInt8.self))
      precondition(written == size, "encoded \(written) bytes where \(size) were counted")
      return FrameHeader.byteCount + written
    }
    withExtendedLifetime(catalogue) {}
  }
}
