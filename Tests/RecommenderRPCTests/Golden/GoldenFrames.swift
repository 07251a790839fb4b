internal import Foundation
internal import NIOCore

@testable internal import RecommenderRPC

/// The frames of proto/golden: their values here, their bytes there.
enum GoldenFrames {
  static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("proto/golden")

  static let event = FeedbackEvent(
    eventID: "event-1", userID: "customer-1", itemID: "ind_tjcr_fin_ult1", type: .accepted,
    timeMilliseconds: 1_464_739_200_000, recommendationID: "0123456789abcdef0123456789abcdef",
    sessionID: "session-9", channel: "branch", value: 12.5,
    impressionItemIDs: ["ind_tjcr_fin_ult1", "ind_recibo_ult1"])
  static let outcomes: [FeedbackOutcome] = [
    .accepted, .duplicate, .rejected(reason: "unknown item"),
  ]
  static let health = HealthReport(
    status: .serving, uptimeMilliseconds: 61_000, cpuMicroseconds: 1_234_567,
    memoryBytes: 73_400_320, requests: 9_000_000_000, modelVersion: "hrnn-1",
    recommendationsRecorded: 8_000_000_000, recommendationsDropped: 3)
  static let record = RecordedRecommendation(
    recommendationID: "0123456789abcdef0123456789abcdef", userID: "customer-1",
    timeMilliseconds: 1_464_739_200_000, modelVersion: "hrnn-1", source: .model,
    itemIDs: ["tarjeta-ñ", "ind_tjcr_fin_ult1"], scores: [0.5, 0.25], itemIndexes: [2, 0],
    propensities: [1, 0.125], explored: true, explorationWeight: 0.25, candidateCount: 2,
    excludedItemIDs: ["ind_recibo_ult1"], rules: ["rule-1"])
  static let plainRecord = RecordedRecommendation(
    recommendationID: "0123456789abcdef0123456789abcdee", userID: "customer-1",
    timeMilliseconds: 1_464_739_100_000, modelVersion: "popularity-1", source: .popularity,
    itemIDs: [], scores: [], itemIndexes: [], candidateCount: 0)
  static let itemIDs = ["ind_tjcr_fin_ult1", "ind_recibo_ult1", "tarjeta-ñ"]
  static let describe = DescribeAnswer(
    serverVersion: "1.0.0", itemIDs: itemIDs,
    itemNames: ["Credit card", "Direct debit", "Tarjeta Ñ"],
    models: [
      ModelDescription(
        kind: "hrnn", version: "hrnn-1", trainedThrough: "2016-04", parameters: 12_345)
    ], customers: 956_645,
    coldItems: [
      ColdItemDescription(
        itemIndex: 2, state: .graduated, showings: 300, acceptances: 25, acceptance: 0.0625)
    ], explorationWeight: 0.25)
  static let items = [
    PutItem(
      itemID: "tarjeta-ñ", name: "Tarjeta Ñ", category: "card|credit", price: 12.5,
      attributes: [PutItem.Attribute(key: "channel", value: "mobile")],
      createdMilliseconds: 1_464_739_200_000),
    PutItem(itemID: "plan-2"),
  ]
  static let putOutcomes: [PutItemOutcome] = [
    .created(itemIndex: 24), .updated(itemIndex: 3), .rejected(reason: "the catalogue is full"),
  ]

  static let status = StatusReport(
    status: .serving, uptimeMilliseconds: 61_000, serverVersion: "1.0.0", modelVersion: "hrnn-1",
    samples: [
      StatusSample(name: "teller_connections", value: 3),
      StatusSample(
        name: "teller_requests_total",
        labels: [
          StatusSample.Label(name: "method", value: "Recommend"),
          StatusSample.Label(name: "status", value: "OK"),
        ], value: 9_000_000_000),
      StatusSample(name: "process_cpu_seconds_total", value: 1.25),
    ])
  static let trace = TraceID(high: 0x4BF9_2F35_77B3_4DA6, low: 0xA3CE_929D_0E0E_4736)
  static let many = RecommendManyRequest(
    users: ["customer-1", "cliente-ñ", "customer-1"], count: 3, excluding: ["ind_recibo_ult1"])

  private static func answer(
    _ method: UInt16, id: UInt32, indexesOnly: Bool = false,
    type: FrameType = .response, source: RecommendationSource = .model, softmaxScores: [Float] = [],
    propensities: [Float] = []
  ) throws -> [UInt8] {
    var answer = RankedItemsAnswer()
    answer.catalogue = try AnswerCatalogue(items: ItemIDTable(itemIDs), modelVersion: "hrnn-1")
    answer.source = source
    answer.append(itemIndex: 2, score: 0.5)
    answer.append(itemIndex: 0, score: 0.25)
    answer.append(itemIndex: 1, score: -0.125)
    answer.hasSoftmaxScores = !softmaxScores.isEmpty
    for (place, share) in softmaxScores.enumerated() { answer.softmaxScores[place] = share }
    answer.hasPropensities = !propensities.isEmpty
    answer.explored = !propensities.isEmpty
    for (place, propensity) in propensities.enumerated() {
      answer.propensities[place] = propensity
    }
    answer.setRecommendationID(high: 0x0123_4567_89ab_cdef, low: 0x0123_4567_89ab_cdef)
    var buffer = ByteBuffer()
    try RankedItemsCodec.write(
      answer,
      answering: FrameHeader(.request, payloadLength: 0, method: method, requestID: id),
      as: type, wanted: 3, withoutItemIDs: indexesOnly, withRecommendationID: method != 2,
      maxFrameBytes: 1 << 20, into: &buffer)
    return Array(buffer.readableBytesView)
  }

  private static func written(
    _ write: (MessageArena, inout ByteBuffer) throws -> Void
  ) rethrows -> [UInt8] {
    var buffer = ByteBuffer()
    try write(MessageArena(), &buffer)
    return Array(buffer.readableBytesView)
  }

  private static func header(
    _ type: FrameType, _ method: UInt16, _ id: UInt32
  ) -> FrameHeader {
    FrameHeader(type, payloadLength: 0, method: method, requestID: id)
  }

  /// Good frames: bytes encoded from values.
  static func good() throws -> [String: [UInt8]] {
    let similar = try written { arena, output in
      try RankedItemsClientCodec.writeSimilarItems(
        item: "tarjeta-ñ", count: 500, header(.request, 2, 3), arena: arena,
        maxFrameBytes: 1 << 20, into: &output)
    }
    let goAway = written {
      $1.writeTextFrame(.goAway, status: .ok, text: "the server is stopping")
    }
    let error = written {
      $1.writeTextFrame(
        .response, method: 1, requestID: 9, status: .failedPrecondition,
        text: "no model is loaded")
    }
    return [
      "recommend_request": try Frames.recommend(
        "customer-1", id: 1, count: 7, excluding: ["ind_recibo_ult1", "tarjeta-ñ"],
        itemIndexesOnly: true, deadline: 250),
      "recommend_request_defaults": try Frames.recommend("customer-1", id: 2),
      "recommend_request_softmax": try Frames.recommend("customer-1", id: 7, softmaxScores: true),
      "recommend_request_exploration": try Frames.recommend(
        "customer-1", id: 8, explorationWeight: 0.25),
      "recommend_response_exploration": try answer(1, id: 8, propensities: [1, 1, 0.125]),
      "put_items_request": try Frames.putItems(items, id: 10),
      "put_items_response": try written { arena, output in
        try PutItemsCodec.writeResponse(
          putOutcomes, header(.response, 7, 10), arena: arena, maxFrameBytes: 1 << 20,
          into: &output)
      },
      "get_recommendation_request": try written { arena, output in
        try RecordedRecommendationCodec.writeGetRequest(
          record.recommendationID, header(.request, 11, 12), arena: arena,
          maxFrameBytes: 1 << 20, into: &output)
      },
      "get_recommendation_response": try written { arena, output in
        try RecordedRecommendationCodec.writeOne(
          [record], header(.response, 11, 12), arena: arena, maxFrameBytes: 1 << 20,
          into: &output)
      },
      "list_recommendations_request": try written { arena, output in
        try RecordedRecommendationCodec.writeListRequest(
          RecommendationQuery(
            userID: "customer-1", count: 500, beforeMilliseconds: 1_464_739_200_001),
          header(.request, 12, 13), arena: arena, maxFrameBytes: 1 << 20, into: &output)
      },
      "list_recommendations_response": try written { arena, output in
        try RecordedRecommendationCodec.writeList(
          [record, plainRecord], header(.response, 12, 13), arena: arena,
          maxFrameBytes: 1 << 20, into: &output)
      },
      "recommend_response": try answer(1, id: 1),
      "recommend_response_softmax": try answer(
        1, id: 7, softmaxScores: [0.5, 0.25, 0.125]),
      "recommend_response_indexes": try answer(1, id: 2, indexesOnly: true),
      "similar_items_request": similar,
      "similar_items_response": try answer(2, id: 3),
      "similar_items_response_metadata": try answer(2, id: 3, source: .metadata),
      "feedback_request": try Frames.feedback([event], id: 4),
      "feedback_response": try written { arena, output in
        try FeedbackCodec.writeResponse(
          outcomes, header(.response, 3, 4), arena: arena, maxFrameBytes: 1 << 20, into: &output)
      },
      "health_request": written { $1.writeFrame(header(.request, 4, 5)) },
      "health_response": try written { arena, output in
        try HealthCodec.writeResponse(
          health, header(.response, 4, 5), arena: arena, maxFrameBytes: 1 << 20, into: &output)
      },
      "describe_request": try written {
        try DescribeCodec.writeRequest(
          firstItemIndex: 1, header(.request, 5, 6), maxFrameBytes: 1 << 20, into: &$1)
      },
      "describe_response": try written { arena, output in
        try DescribeCodec.writeResponse(
          describe, first: 1, limits: RPCLimits(), header(.response, 5, 6), arena: arena,
          into: &output)
      },
      "status_request": written { $1.writeFrame(header(.request, 13, 11)) },
      "status_response": try written { arena, output in
        try StatusCodec.writeResponse(
          status, header(.response, 13, 11), arena: arena, maxFrameBytes: 1 << 20, into: &output)
      },
      "update_models_request": try written {
        try ModelUpdateCodec.writeRequest(
          .rollback, header(.request, 14, 12), maxFrameBytes: 1 << 20, into: &$1)
      },
      "update_models_response": try written { arena, output in
        try ModelUpdateCodec.writeResponse(
          [ModelUpdateOutcome(modelVersion: "hrnn-1", previousModelVersion: "hrnn-2")],
          header(.response, 14, 12), arena: arena, maxFrameBytes: 1 << 20, into: &output)
      },
      "recommend_many_request": try written { arena, output in
        try RecommendManyCodec.writeRequest(
          many, FrameHeader(.request, payloadLength: 0, flags: 1, method: 10, requestID: 8),
          arena: arena, maxFrameBytes: 1 << 20, into: &output)
      },
      "recommend_many_data": try answer(10, id: 8, type: .streamData),
      "recommend_many_response": try written { _, output in
        try RecommendManyCodec.writeResponse(
          answered: 3, header(.response, 10, 8), maxFrameBytes: 1 << 20, into: &output)
      },
      "recommend_request_traced": try written { arena, output in
        try RankedItemsClientCodec.writeRecommend(
          user: "customer-1", count: nil, excluding: [], itemIndexesOnly: false,
          softmaxScores: false, header(.request, 1, 10), arena: arena, maxFrameBytes: 1 << 20,
          into: &output)
        output.putTrace(trace, intoFrameAt: 0)
      },
      "credentials": Frames.make(
        FrameHeader(.credentials, payloadLength: 7), Array("t0ken-1".utf8)),
      "credit": Frames.make(FrameHeader(.credit, payloadLength: 0, requestID: 8, word: 32)),
      "error_response": error,
      "cancel": Frames.make(FrameHeader(.cancel, payloadLength: 0, requestID: 4)),
      "ping": Frames.make(FrameHeader(.ping, payloadLength: 8), Array(1...8)),
      "pong": Frames.make(FrameHeader(.pong, payloadLength: 8), Array(1...8)),
      "go_away": goAway,
    ]
  }

  /// Bad frames: what a server must do with them is in the test.
  static func bad() throws -> [String: [UInt8]] {
    var tooLong = FrameHeader(.request, payloadLength: 0, method: 1, requestID: 1)
    tooLong.payloadLength = (1 << 20) + 1
    var unknownType = FrameHeader(.request, payloadLength: 0, method: 1, requestID: 1)
    unknownType.type = 99
    return [
      "bad_truncated": Array(try Frames.recommend("customer-1", id: 1).dropLast(3)),
      "bad_too_long": headerBytes(tooLong),
      "bad_unknown_type": headerBytes(unknownType),
      "bad_utf8": Frames.request(1, id: 1, [0x0A, 3, 0x61, 0xC3, 0x28]),
      "bad_nul": Frames.request(1, id: 1, [0x0A, 3, 0x61, 0x00, 0x62]),
      "bad_unknown_method": Frames.request(77, id: 1),
      "bad_count_zero": try Frames.recommend("customer-1", id: 1, count: 0),
      "bad_payload": Frames.request(1, id: 1, [0x0A, 0x20, 0x61]),
    ]
  }

  static func headerBytes(_ header: FrameHeader) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: FrameHeader.byteCount)
    bytes.withUnsafeMutableBytes { header.write(to: $0) }
    return bytes
  }

  /// 32 bytes a line, two digits each.
  static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    var result = ""
    for (index, byte) in bytes.enumerated() {
      result.append(digits[Int(byte >> 4)])
      result.append(digits[Int(byte & 15)])
      if index % 32 == 31 || index == bytes.count - 1 { result.append("\n") }
    }
    return result
  }

  static func read(_ name: String) throws -> [UInt8] {
    let text = try String(contentsOf: folder.appendingPathComponent("\(name).hex"), encoding: .utf8)
    let digits = text.compactMap { $0.hexDigitValue }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }
}
