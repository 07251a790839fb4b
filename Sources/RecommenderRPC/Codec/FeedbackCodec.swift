internal import CRecommenderMessages
internal import NIOCore

/// Feedback: decodes and checks its events, encodes its outcomes, and the reverse for clients.
enum FeedbackCodec {
  // MARK: Server

  static func decodeRequest(
    _ payload: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(RPCError) -> [FeedbackEvent] {
    arena.reset()
    let request = try arena.unpack(
      Teller__V1__FeedbackRequest.self, TELLER_FEEDBACK_REQUEST, payload)
    let count = request.pointee.n_events
    guard count >= 1 else {
      throw RPCError(
        code: .invalidArgument,
        message: "events must be 1 to \(MessageLimits.maxFeedbackEvents) entries, not 0")
    }
    var events: [FeedbackEvent] = []
    events.reserveCapacity(count)
    for index in 0..<count {
      guard let message = request.pointee.events[index] else { continue }
      do throws(RPCError) {
        events.append(try decode(message.pointee))
      } catch {
        throw RPCError(code: error.code, message: "events[\(index)].\(error.message)")
      }
    }
    return events
  }

  private static func decode(
    _ message: Teller__V1__FeedbackEvent
  ) throws(RPCError) -> FeedbackEvent {
    guard let type = FeedbackEventType(rawValue: message.type.rawValue) else {
      throw RPCError(
        code: .invalidArgument,
        message: "type must be SHOWN, CLICKED, ACCEPTED, DISMISSED or DROPPED, not number"
          + " \(message.type.rawValue)")
    }
    let hasValue =
      message.value_presence_case == TELLER__V1__FEEDBACK_EVENT__VALUE_PRESENCE_VALUE
    if hasValue, !message.value.isFinite {
      throw RPCError(code: .invalidArgument, message: "value must be finite, not \(message.value)")
    }
    let ids = 1...MessageLimits.maxIDBytes
    var impressions: [String] = []
    impressions.reserveCapacity(message.n_impression_item_ids)
    for index in 0..<message.n_impression_item_ids {
      impressions.append(
        try text(message.impression_item_ids[index], "impression_item_ids", ids))
    }
    return FeedbackEvent(
      eventID: try text(message.event_id, "event_id", ids),
      userID: try text(message.user_id, "user_id", ids),
      itemID: try text(message.item_id, "item_id", ids),
      type: type,
      timeMilliseconds: message.time_ms,
      recommendationID: try text(
        message.recommendation_id, "recommendation_id",
        0...MessageLimits.maxRecommendationIDBytes),
      sessionID: try text(message.session_id, "session_id", 0...MessageLimits.maxIDBytes),
      channel: try text(message.channel, "channel", 0...MessageLimits.maxIDBytes),
      value: hasValue ? message.value : nil,
      impressionItemIDs: impressions)
  }

  static func text(
    _ text: UnsafePointer<CChar>?, _ field: String, _ lengths: ClosedRange<Int>
  ) throws(RPCError) -> String {
    let result = String(message: text)
    guard lengths.contains(result.utf8.count) else {
      throw RPCError(
        code: .invalidArgument,
        message: "\(field) must be \(lengths.lowerBound) to \(lengths.upperBound) bytes,"
          + " not \(result.utf8.count)")
    }
    return result
  }

  static func writeResponse(
    _ outcomes: [FeedbackOutcome], _ header: FrameHeader, arena: MessageArena,
    maxFrameBytes: Int, into output: inout ByteBuffer
  ) throws(RPCError) {
    arena.reset()
    var response = Teller__V1__FeedbackResponse()
    teller__v1__feedback_response__init(&response)
    let numbers = try arena.list(of: Teller__V1__FeedbackOutcome.self, count: outcomes.count)
    var reasons: [String] = []
    for (index, outcome) in outcomes.enumerated() {
      switch outcome {
      case .accepted: numbers[index] = Teller__V1__FeedbackOutcome(rawValue: 1)
      case .duplicate: numbers[index] = Teller__V1__FeedbackOutcome(rawValue: 2)
      case .rejected(let reason):
        numbers[index] = Teller__V1__FeedbackOutcome(rawValue: 3)
        if reasons.isEmpty { reasons = Array(repeating: "", count: outcomes.count) }
        reasons[index] = ProtocolVersion1.cut(reason, to: ProtocolVersion1.maxReasonBytes)
      }
    }
    response.n_outcomes = outcomes.count
    response.outcomes = numbers
    response.n_reasons = reasons.count
    response.reasons = try arena.texts(reasons, field: "reasons")
    try output.writeMessageFrame(header, &response, maxFrameBytes: maxFrameBytes)
  }

  // MARK: Client

  static func writeRequest(
    _ events: [FeedbackEvent], _ header: FrameHeader, arena: MessageArena, maxFrameBytes: Int,
    into output: inout ByteBuffer
  ) throws(RPCError) {
    arena.reset()
    let messages = try arena.list(of: Teller__V1__FeedbackEvent.self, count: events.count)
    let pointers = try arena.list(
      of: UnsafeMutablePointer<Teller__V1__FeedbackEvent>?.self, count: events.count)
    for (index, event) in events.enumerated() {
      pointers[index] = messages + index
      try encode(event, into: messages + index, arena: arena)
    }
    var request = Teller__V1__FeedbackRequest()
    teller__v1__feedback_request__init(&request)
    request.n_events = events.count
    request.events = pointers
    try output.writeMessageFrame(header, &request, maxFrameBytes: maxFrameBytes)
  }

  private static func encode(
    _ event: FeedbackEvent, into message: UnsafeMutablePointer<Teller__V1__FeedbackEvent>,
    arena: MessageArena
  ) throws(RPCError) {
    teller__v1__feedback_event__init(message)
    message.pointee.event_id = try arena.text(event.eventID, field: "event_id")
    message.pointee.user_id = try arena.text(event.userID, field: "user_id")
    message.pointee.item_id = try arena.text(event.itemID, field: "item_id")
    message.pointee.type = Teller__V1__EventType(rawValue: event.type.rawValue)
    message.pointee.time_ms = event.timeMilliseconds
    message.pointee.recommendation_id = try arena.text(
      event.recommendationID, field: "recommendation_id")
    message.pointee.session_id = try arena.text(event.sessionID, field: "session_id")
    message.pointee.channel = try arena.text(event.channel, field: "channel")
    if let value = event.value {
      message.pointee.value_presence_case = TELLER__V1__FEEDBACK_EVENT__VALUE_PRESENCE_VALUE
      message.pointee.value = value
    }
    message.pointee.n_impression_item_ids = event.impressionItemIDs.count
    message.pointee.impression_item_ids = try arena.texts(
      event.impressionItemIDs, field: "impression_item_ids")
  }

  static func decodeResponse(
    _ payload: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(RPCError) -> [FeedbackOutcome] {
    arena.reset()
    let response = try arena.unpack(
      Teller__V1__FeedbackResponse.self, TELLER_FEEDBACK_RESPONSE, payload
    ).pointee
    var outcomes: [FeedbackOutcome] = []
    for index in 0..<response.n_outcomes {
      switch response.outcomes[index].rawValue {
      case 1: outcomes.append(.accepted)
      case 2: outcomes.append(.duplicate)
      case 3:
        let reason =
          index < response.n_reasons ? String(message: response.reasons[index]) : ""
        outcomes.append(.rejected(reason: reason))
      case let number:
        throw RPCError(
          code: .unknown, message: "the server answered outcome \(number), which is not known")
      }
    }
    return outcomes
  }
}
