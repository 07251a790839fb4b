internal import CRecommenderMessages
internal import NIOCore

/// GetRecommendation and ListRecommendations: requests and answers, both ways.
enum RecordedRecommendationCodec {
  private typealias Message = Teller__V1__RecordedRecommendation

  // MARK: Requests

  static func decodeGetRequest(
    _ payload: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(RPCError) -> String {
    arena.reset()
    let request = try arena.unpack(
      Teller__V1__GetRecommendationRequest.self, TELLER_GET_RECOMMENDATION_REQUEST, payload)
    return try FeedbackCodec.text(
      request.pointee.recommendation_id, "recommendation_id",
      1...MessageLimits.maxRecommendationIDBytes)
  }

  static func writeGetRequest(
    _ recommendationID: String, _ header: FrameHeader, arena: MessageArena, maxFrameBytes: Int,
    into output: inout ByteBuffer
  ) throws(RPCError) {
    arena.reset()
    var request = Teller__V1__GetRecommendationRequest()
    teller__v1__get_recommendation_request__init(&request)
    request.recommendation_id = try arena.text(recommendationID, field: "recommendation_id")
    try output.writeMessageFrame(header, &request, maxFrameBytes: maxFrameBytes)
  }

  static func decodeListRequest(
    _ payload: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(RPCError) -> RecommendationQuery {
    arena.reset()
    let request = try arena.unpack(
      Teller__V1__ListRecommendationsRequest.self, TELLER_LIST_RECOMMENDATIONS_REQUEST, payload
    ).pointee
    let hasCount =
      request.count_presence_case
      == TELLER__V1__LIST_RECOMMENDATIONS_REQUEST__COUNT_PRESENCE_COUNT
    let count = hasCount ? Int(request.count) : MessageLimits.defaultCount
    guard (1...MessageLimits.maxCount).contains(count) else {
      throw RPCError(
        code: .invalidArgument,
        message: "count must be 1 to \(MessageLimits.maxCount), not \(count)")
    }
    return RecommendationQuery(
      userID: try FeedbackCodec.text(request.user_id, "user_id", 1...MessageLimits.maxIDBytes),
      count: count, beforeMilliseconds: request.before_time_ms)
  }

  static func writeListRequest(
    _ query: RecommendationQuery, _ header: FrameHeader, arena: MessageArena, maxFrameBytes: Int,
    into output: inout ByteBuffer
  ) throws(RPCError) {
    arena.reset()
    var request = Teller__V1__ListRecommendationsRequest()
    teller__v1__list_recommendations_request__init(&request)
    request.user_id = try arena.text(query.userID, field: "user_id")
    request.count_presence_case =
      TELLER__V1__LIST_RECOMMENDATIONS_REQUEST__COUNT_PRESENCE_COUNT
    request.count = UInt32(clamping: query.count)
    request.before_time_ms = query.beforeMilliseconds
    try output.writeMessageFrame(header, &request, maxFrameBytes: maxFrameBytes)
  }

  // MARK: Answers

  static func writeOne(
    _ records: [RecordedRecommendation], _ header: FrameHeader, arena: MessageArena,
    maxFrameBytes: Int, into output: inout ByteBuffer
  ) throws(RPCError) {
    arena.reset()
    var response = Teller__V1__GetRecommendationResponse()
    teller__v1__get_recommendation_response__init(&response)
    response.recommendation = try messages(records, arena: arena)[0]
    try output.writeMessageFrame(header, &response, maxFrameBytes: maxFrameBytes)
  }

  /// As many of the records as fit a frame, the first ones.
  static func writeList(
    _ records: [RecordedRecommendation], _ header: FrameHeader, arena: MessageArena,
    maxFrameBytes: Int, into output: inout ByteBuffer
  ) throws(RPCError) {
    arena.reset()
    var bytes = 0
    let fitting = records.prefix { record in
      bytes += record.messageByteBound
      return bytes <= maxFrameBytes
    }
    var response = Teller__V1__ListRecommendationsResponse()
    teller__v1__list_recommendations_response__init(&response)
    response.n_recommendations = fitting.count
    response.recommendations = try messages(Array(fitting), arena: arena)
    try output.writeMessageFrame(header, &response, maxFrameBytes: maxFrameBytes)
  }

  private static func messages(
    _ records: [RecordedRecommendation], arena: MessageArena
  ) throws(RPCError) -> UnsafeMutablePointer<UnsafeMutablePointer<Message>?> {
    let messages = try arena.list(of: Message.self, count: records.count)
    let pointers = try arena.list(of: UnsafeMutablePointer<Message>?.self, count: records.count)
    for (index, record) in records.enumerated() {
      try encode(record, into: messages + index, arena: arena)
      pointers[index] = messages + index
    }
    return pointers
  }

  private static func encode(
    _ record: RecordedRecommendation, into message: UnsafeMutablePointer<Message>,
    arena: MessageArena
  ) throws(RPCError) {
    teller__v1__recorded_recommendation__init(message)
    message.pointee.recommendation_id = try arena.text(
      record.recommendationID, field: "recommendation_id")
    message.pointee.user_id = try arena.text(record.userID, field: "user_id")
    message.pointee.time_ms = record.timeMilliseconds
    message.pointee.model_version = try arena.text(record.modelVersion, field: "model_version")
    message.pointee.source = Teller__V1__RecommendationSource(rawValue: record.source.rawValue)
    message.pointee.n_item_ids = record.itemIDs.count
    message.pointee.item_ids = try arena.texts(record.itemIDs, field: "item_ids")
    (message.pointee.n_scores, message.pointee.scores) = try arena.copy(record.scores)
    (message.pointee.n_item_indexes, message.pointee.item_indexes) = try arena.copy(
      record.itemIndexes)
    (message.pointee.n_propensities, message.pointee.propensities) = try arena.copy(
      record.propensities)
    message.pointee.explored = record.explored ? 1 : 0
    message.pointee.exploration_weight = record.explorationWeight
    message.pointee.candidate_count = record.candidateCount
    message.pointee.n_excluded_item_ids = record.excludedItemIDs.count
    message.pointee.excluded_item_ids = try arena.texts(
      record.excludedItemIDs, field: "excluded_item_ids")
    message.pointee.n_rules = record.rules.count
    message.pointee.rules = try arena.texts(record.rules, field: "rules")
    message.pointee.experiment = try arena.text(record.experiment, field: "experiment")
    message.pointee.arm = try arena.text(record.arm, field: "arm")
    message.pointee.n_candidates = record.candidates.count
    message.pointee.candidates = try candidates(record.candidates, arena: arena)
  }

  private static func candidates(
    _ candidates: [RecordedCandidate], arena: MessageArena
  ) throws(RPCError) -> UnsafeMutablePointer<
    UnsafeMutablePointer<Teller__V1__RecordedCandidate>?
  > {
    let messages = try arena.list(of: Teller__V1__RecordedCandidate.self, count: candidates.count)
    let pointers = try arena.list(
      of: UnsafeMutablePointer<Teller__V1__RecordedCandidate>?.self, count: candidates.count)
    for (index, candidate) in candidates.enumerated() {
      let message = messages + index
      teller__v1__recorded_candidate__init(message)
      message.pointee.item_id = try arena.text(candidate.itemID, field: "item_id")
      message.pointee.propensity = candidate.propensity
      message.pointee.matching_probability = candidate.matchingProbability
      message.pointee.score = candidate.score
      pointers[index] = message
    }
    return pointers
  }

  static func decodeOne(
    _ payload: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(RPCError) -> RecordedRecommendation {
    arena.reset()
    let response = try arena.unpack(
      Teller__V1__GetRecommendationResponse.self, TELLER_GET_RECOMMENDATION_RESPONSE, payload)
    guard let message = response.pointee.recommendation else {
      throw RPCError(code: .unknown, message: "the server answered without a record")
    }
    return decode(message.pointee)
  }

  static func decodeList(
    _ payload: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(RPCError) -> [RecordedRecommendation] {
    arena.reset()
    let response = try arena.unpack(
      Teller__V1__ListRecommendationsResponse.self, TELLER_LIST_RECOMMENDATIONS_RESPONSE, payload
    ).pointee
    return (0..<response.n_recommendations).compactMap { index in
      response.recommendations[index].map { decode($0.pointee) }
    }
  }

  private static func decode(_ message: Message) -> RecordedRecommendation {
    RecordedRecommendation(
      recommendationID: String(message: message.recommendation_id),
      userID: String(message: message.user_id), timeMilliseconds: message.time_ms,
      modelVersion: String(message: message.model_version),
      source: RecommendationSource(rawValue: message.source.rawValue) ?? .unspecified,
      itemIDs: (0..<message.n_item_ids).map { String(message: message.item_ids[$0]) },
      scores: Array(UnsafeBufferPointer(start: message.scores, count: message.n_scores)),
      itemIndexes: Array(
        UnsafeBufferPointer(start: message.item_indexes, count: message.n_item_indexes)),
      propensities: Array(
        UnsafeBufferPointer(start: message.propensities, count: message.n_propensities)),
      explored: message.explored != 0, explorationWeight: message.exploration_weight,
      candidateCount: message.candidate_count,
      excludedItemIDs: (0..<message.n_excluded_item_ids).map {
        String(message: message.excluded_item_ids[$0])
      },
      rules: (0..<message.n_rules).map { String(message: message.rules[$0]) },
      candidates: (0..<message.n_candidates).compactMap { index in
        message.candidates[index].map { candidate in
          RecordedCandidate(
            itemID: String(message: candidate.pointee.item_id),
            propensity: candidate.pointee.propensity,
            matchingProbability: candidate.pointee.matching_probability,
            score: candidate.pointee.score)
        }
      },
      experiment: String(message: message.experiment), arm: String(message: message.arm))
  }
}

extension MessageArena {
  /// A copy of a list of numbers.
  fileprivate func copy<Number: BitwiseCopyable>(
    _ numbers: [Number]
  ) throws(RPCError) -> (count: Int, start: UnsafeMutablePointer<Number>) {
    let start = try list(of: Number.self, count: numbers.count)
    for (index, number) in numbers.enumerated() { start[index] = number }
    return (numbers.count, start)
  }
}
