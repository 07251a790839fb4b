internal import CRecommenderMessages

@testable internal import RecommenderRPC

/// The human form of a frame, made from its decoded bytes. The C client's test prints the same.
enum GoldenText {
  static func describe(_ frame: Frame) throws -> String {
    let header = frame.header
    var lines = [
      "type=\(header.type)", "flags=\(header.flags)", "method=\(header.method)",
      "request_id=\(header.requestID)", "word=\(header.word)",
      "payload_length=\(header.payloadLength)",
    ]
    var message = frame.payload[...]
    if header.type == FrameType.request.rawValue, header.flags & FrameFlags.traced != 0 {
      lines.append("trace=" + message.prefix(16).map(hex).joined())
      message = message.dropFirst(16)
    }
    try message.withUnsafeBytes { payload in
      let arena = MessageArena()
      switch (FrameType(rawValue: header.type), header.method) {
      case (.request, 1): lines += recommend(try decodeRecommend(payload, arena))
      case (.request, 2):
        let request = try RankedItemsCodec.decodeSimilarItems(payload, arena: arena)
        lines += ["item_id=\(String(message: request.item_id))", "count=\(request.count)"]
      case (.request, 3):
        lines += try FeedbackCodec.decodeRequest(payload, arena: arena).flatMap(event)
      case (.request, 4): try HealthCodec.checkRequest(payload, arena: arena)
      case (.request, 5):
        lines.append(
          "first_item_index=\(try DescribeCodec.decodeRequest(payload, arena: arena))")
      case (.request, 7):
        lines += try PutItemsCodec.decodeRequest(payload, arena: arena).flatMap(item)
      case (.request, 13): try StatusCodec.checkRequest(payload, arena: arena)
      case (.request, 14):
        lines.append(
          "update=\(try ModelUpdateCodec.decodeRequest(payload, arena: arena).rawValue)")
      case (.request, 10):
        lines += many(try RecommendManyCodec.decodeRequest(payload, arena: arena))
      case (.credentials, _): lines.append("token=\(frame.text)")
      case (.streamData, _):
        lines += ranked(try RankedItemsClientCodec.decodeRecommend(payload, arena: arena))
      case (.response, 10) where header.word == 0:
        lines.append(
          "answered=\(try RecommendManyCodec.decodeResponse(payload, arena: arena))")
      case (.request, 11):
        let id = try RecordedRecommendationCodec.decodeGetRequest(payload, arena: arena)
        lines.append("recommendation_id=\(id)")
      case (.request, 12):
        let query = try RecordedRecommendationCodec.decodeListRequest(payload, arena: arena)
        lines += [
          "user_id=\(query.userID)", "count=\(query.count)",
          "before_time_ms=\(query.beforeMilliseconds)",
        ]
      case (.response, _) where header.word != 0, (.goAway, _): lines.append("text=\(frame.text)")
      case (.response, 1):
        lines += ranked(try RankedItemsClientCodec.decodeRecommend(payload, arena: arena))
      case (.response, 2):
        lines += ranked(try RankedItemsClientCodec.decodeSimilarItems(payload, arena: arena))
      case (.response, 3):
        lines += try FeedbackCodec.decodeResponse(payload, arena: arena).map(outcome)
      case (.response, 4):
        lines += health(try HealthCodec.decodeResponse(payload, arena: arena))
      case (.response, 5):
        let (page, count) = try DescribeCodec.decodeResponse(payload, arena: arena)
        lines += description(page, count)
      case (.response, 7):
        lines += try PutItemsCodec.decodeResponse(payload, arena: arena).map(outcome)
      case (.response, 13):
        lines += status(try StatusCodec.decodeResponse(payload, arena: arena))
      case (.response, 14):
        let outcome = try ModelUpdateCodec.decodeResponse(payload, arena: arena)
        lines += [
          "model_version=\(outcome.modelVersion)",
          "previous_model_version=\(outcome.previousModelVersion)",
        ]
      case (.response, 11):
        lines += recorded(
          try RecordedRecommendationCodec.decodeOne(payload, arena: arena))
      case (.response, 12):
        lines += try RecordedRecommendationCodec.decodeList(payload, arena: arena)
          .flatMap(recorded)
      default: break
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func hex(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }

  private static func many(_ request: TellerRecommendManyRequest) -> [String] {
    let each = request.each
    return (0..<request.user_count).map { "user_id=\(String(message: request.user_ids[$0]))" }
      + ["count=\(each.count)"]
      + (0..<each.excluded_count).map {
        "exclude_item_id=\(String(message: each.excluded_item_ids[$0]))"
      }
      + ["item_indexes_only=\(each.item_indexes_only ? 1 : 0)"]
  }

  private static func recorded(_ record: RecordedRecommendation) -> [String] {
    [
      "recommendation_id=\(record.recommendationID)", "user_id=\(record.userID)",
      "time_ms=\(record.timeMilliseconds)", "model_version=\(record.modelVersion)",
      "source=\(record.source.rawValue)",
    ] + record.itemIDs.map { "item_id=\($0)" }
      + record.scores.map { "score_thousandths=\(Int($0 * 1000))" }
      + record.itemIndexes.map { "item_index=\($0)" }
      + record.propensities.map { "propensity_thousandths=\(Int($0 * 1000))" }
      + [
        "explored=\(record.explored ? 1 : 0)",
        "exploration_thousandths=\(Int(record.explorationWeight * 1000))",
        "candidate_count=\(record.candidateCount)",
      ] + record.excludedItemIDs.map { "excluded_item_id=\($0)" }
      + record.rules.map { "rule=\($0)" }
  }

  private struct Recommend {
    var user: String
    var count: Int
    var excluded: [String]
    var indexesOnly: Bool
    var softmaxScores: Bool
    var explorationWeight: Float?
  }

  private static func decodeRecommend(
    _ payload: UnsafeRawBufferPointer, _ arena: MessageArena
  ) throws -> Recommend {
    let view = RecommendRequestView(try RankedItemsCodec.decodeRecommend(payload, arena: arena))
    return Recommend(
      user: String(decoding: view.userID, as: UTF8.self), count: view.count,
      excluded: (0..<view.excludedItemCount).map {
        String(decoding: view.excludedItemID($0), as: UTF8.self)
      }, indexesOnly: view.itemIndexesOnly, softmaxScores: view.softmaxScores,
      explorationWeight: view.explorationWeight)
  }

  private static func recommend(_ request: Recommend) -> [String] {
    ["user_id=\(request.user)", "count=\(request.count)"]
      + request.excluded.map { "exclude_item_id=\($0)" }
      + ["item_indexes_only=\(request.indexesOnly ? 1 : 0)"]
      + (request.softmaxScores ? ["softmax_scores=1"] : [])
      + (request.explorationWeight.map { ["exploration_thousandths=\(Int($0 * 1000))"] } ?? [])
  }

  private static func ranked(_ items: RankedItems) -> [String] {
    items.itemIDs.map { "item_id=\($0)" }
      + items.scores.map { "score_thousandths=\(Int($0 * 1000))" }
      + items.itemIndexes.map { "item_index=\($0)" }
      + items.softmaxScores.map { "softmax_thousandths=\(Int($0 * 1000))" }
      + items.propensities.map { "propensity_thousandths=\(Int($0 * 1000))" }
      + (items.explored ? ["explored=1"] : [])
      + [
        "model_version=\(items.modelVersion)", "source=\(items.source.rawValue)",
        "recommendation_id=\(items.recommendationID)",
      ]
  }

  private static func event(_ event: FeedbackEvent) -> [String] {
    [
      "event_id=\(event.eventID)", "user_id=\(event.userID)", "item_id=\(event.itemID)",
      "type=\(event.type.rawValue)", "time_ms=\(event.timeMilliseconds)",
      "recommendation_id=\(event.recommendationID)", "session_id=\(event.sessionID)",
      "channel=\(event.channel)",
    ] + (event.value.map { ["value_thousandths=\(Int($0 * 1000))"] } ?? [])
      + event.impressionItemIDs.map { "impression_item_id=\($0)" }
  }

  private static func item(_ item: PutItem) -> [String] {
    ["item_id=\(item.itemID)", "name=\(item.name)", "category=\(item.category)"]
      + (item.price.map { ["price_thousandths=\(Int($0 * 1000))"] } ?? [])
      + item.attributes.map { "attribute=\($0.key) \($0.value)" }
      + ["created_time_ms=\(item.createdMilliseconds)"]
  }

  private static func outcome(_ outcome: PutItemOutcome) -> String {
    switch outcome {
    case .created(let place): "outcome=1 \(place) "
    case .updated(let place): "outcome=2 \(place) "
    case .rejected(let reason): "outcome=3 0 \(reason)"
    }
  }

  private static func outcome(_ outcome: FeedbackOutcome) -> String {
    switch outcome {
    case .accepted: "outcome=1 "
    case .duplicate: "outcome=2 "
    case .rejected(let reason): "outcome=3 \(reason)"
    }
  }

  private static func status(_ report: StatusReport) -> [String] {
    [
      "status=\(report.status.rawValue)", "uptime_ms=\(report.uptimeMilliseconds)",
      "server_version=\(report.serverVersion)", "model_version=\(report.modelVersion)",
    ]
      + report.samples.map { sample in
        (["sample=\(sample.name)"] + sample.labels.map { "\($0.name):\($0.value)" }
          + ["\(Int(sample.value * 1000))"]).joined(separator: " ")
      }
  }

  private static func health(_ report: HealthReport) -> [String] {
    [
      "status=\(report.status.rawValue)", "uptime_ms=\(report.uptimeMilliseconds)",
      "cpu_time_us=\(report.cpuMicroseconds)", "memory_bytes=\(report.memoryBytes)",
      "requests=\(report.requests)", "model_version=\(report.modelVersion)",
      "recommendations_recorded=\(report.recommendationsRecorded)",
      "recommendations_dropped=\(report.recommendationsDropped)",
    ]
  }

  private static func description(_ page: ServerDescription, _ count: Int) -> [String] {
    ["protocol_version=\(page.protocolVersion)", "server_version=\(page.service.serverVersion)"]
      + ["item_count=\(count)"]
      + page.service.itemIDs.map { "item_id=\($0)" }
      + page.service.itemNames.map { "item_name=\($0)" }
      + page.service.models.map {
        "model=\($0.kind) \($0.version) \($0.trainedThrough) \($0.parameters)"
      }
      + page.methods.sorted { $0.key < $1.key }.map { "method=\($0.key) \($0.value)" }
      + [
        "customers=\(page.service.customers)", "max_frame_bytes=\(page.limits.maxFrameBytes)",
        "max_count=\(page.limits.maxCount)",
      ]
      + page.service.coldItems.map {
        "cold_item=\($0.itemIndex) \($0.state.rawValue) \($0.showings) \($0.acceptances) "
          + "\(Int($0.acceptance * 1000))"
      }
      + ["exploration_thousandths=\(Int(page.service.explorationWeight * 1000))"]
  }
}
