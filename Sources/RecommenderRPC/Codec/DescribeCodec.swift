internal import CRecommenderMessages
internal import NIOCore

/// Describe: pages of the catalogue, and everything else on each page.
enum DescribeCodec {
  // MARK: Server

  static func decodeRequest(
    _ payload: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(RPCError) -> Int {
    arena.reset()
    let request = try arena.unpack(
      Teller__V1__DescribeRequest.self, TELLER_DESCRIBE_REQUEST, payload)
    return Int(request.pointee.first_item_index)
  }

  /// The products of one page: as many as fit `MessageLimits.describePageBytes`, at least one.
  static func page(_ answer: DescribeAnswer, first: Int) throws(RPCError) -> Range<Int> {
    guard first <= answer.itemIDs.count else {
      throw RPCError(
        code: .outOfRange,
        message: "first_item_index \(first) is past the catalogue's \(answer.itemIDs.count)")
    }
    var end = first
    var bytes = 0
    while end < answer.itemIDs.count {
      let name = end < answer.itemNames.count ? answer.itemNames[end].utf8.count : 0
      bytes += answer.itemIDs[end].utf8.count + name + 8
      if bytes > MessageLimits.describePageBytes, end > first { break }
      end += 1
    }
    return first..<end
  }

  static func writeResponse(
    _ answer: DescribeAnswer, first: Int, limits: RPCLimits, _ header: FrameHeader,
    arena: MessageArena, into output: inout ByteBuffer
  ) throws(RPCError) {
    arena.reset()
    let page = try page(answer, first: first)
    var response = Teller__V1__DescribeResponse()
    teller__v1__describe_response__init(&response)
    response.protocol_version = UInt32(ProtocolVersion1.version)
    response.server_version = try arena.text(answer.serverVersion, field: "server_version")
    response.item_count = UInt32(answer.itemIDs.count)
    response.n_item_ids = page.count
    response.item_ids = try arena.texts(answer.itemIDs[page], field: "item_ids")
    let names = page.map { $0 < answer.itemNames.count ? answer.itemNames[$0] : "" }
    response.n_item_names = page.count
    response.item_names = try arena.texts(names, field: "item_names")
    response.n_models = answer.models.count
    response.models = try models(answer.models, arena: arena)
    response.n_methods = MethodNumber.allCases.count
    response.methods = try methods(arena: arena)
    response.customers = answer.customers
    response.n_cold_items = answer.coldItems.count
    response.cold_items = try ColdItemCodec.write(answer.coldItems, arena: arena)
    response.exploration_weight = answer.explorationWeight
    var limitsMessage = message(ServerLimits(limits))
    try withUnsafeMutablePointer(to: &limitsMessage) { pointer throws(RPCError) in
      response.limits = pointer
      try output.writeMessageFrame(header, &response, maxFrameBytes: limits.maxFrameBytes)
    }
  }

  private static func models(
    _ models: [ModelDescription], arena: MessageArena
  ) throws(RPCError) -> UnsafeMutablePointer<UnsafeMutablePointer<Teller__V1__ModelDescription>?> {
    let messages = try arena.list(of: Teller__V1__ModelDescription.self, count: models.count)
    let pointers = try arena.list(
      of: UnsafeMutablePointer<Teller__V1__ModelDescription>?.self, count: models.count)
    for (index, model) in models.enumerated() {
      teller__v1__model_description__init(messages + index)
      messages[index].kind = try arena.text(model.kind, field: "kind")
      messages[index].version = try arena.text(model.version, field: "version")
      messages[index].trained_through = try arena.text(
        model.trainedThrough, field: "trained_through")
      messages[index].parameters = model.parameters
      pointers[index] = messages + index
    }
    return pointers
  }

  private static func methods(
    arena: MessageArena
  ) throws(RPCError) -> UnsafeMutablePointer<UnsafeMutablePointer<Teller__V1__MethodDescription>?> {
    let methods = MethodNumber.allCases
    let messages = try arena.list(of: Teller__V1__MethodDescription.self, count: methods.count)
    let pointers = try arena.list(
      of: UnsafeMutablePointer<Teller__V1__MethodDescription>?.self, count: methods.count)
    for (index, method) in methods.enumerated() {
      teller__v1__method_description__init(messages + index)
      messages[index].number = UInt32(method.rawValue)
      messages[index].name = try arena.text(method.name, field: "name")
      pointers[index] = messages + index
    }
    return pointers
  }

  private static func message(_ limits: ServerLimits) -> Teller__V1__Limits {
    var message = Teller__V1__Limits()
    teller__v1__limits__init(&message)
    message.max_frame_bytes = limits.maxFrameBytes
    message.max_count = limits.maxCount
    message.max_excluded_items = limits.maxExcludedItems
    message.max_feedback_events = limits.maxFeedbackEvents
    message.max_impression_items = limits.maxImpressionItems
    message.max_id_bytes = limits.maxIDBytes
    message.max_requests_in_flight = limits.maxRequestsInFlight
    message.max_stream_users = limits.maxStreamUsers
    message.max_streams = limits.maxStreams
    message.max_stream_credit = limits.maxStreamCredit
    message.max_server_requests_in_flight = limits.maxServerRequestsInFlight
    message.max_server_bytes_in_flight = limits.maxServerBytesInFlight
    return message
  }

  // MARK: Client

  static func writeRequest(
    firstItemIndex: Int, _ header: FrameHeader, maxFrameBytes: Int, into output: inout ByteBuffer
  ) throws(RPCError) {
    var request = Teller__V1__DescribeRequest()
    teller__v1__describe_request__init(&request)
    request.first_item_index = UInt32(firstItemIndex)
    try output.writeMessageFrame(header, &request, maxFrameBytes: maxFrameBytes)
  }

  /// One page, and the number of products of the whole catalogue.
  static func decodeResponse(
    _ payload: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(RPCError) -> (page: ServerDescription, itemCount: Int) {
    arena.reset()
    let response = try arena.unpack(
      Teller__V1__DescribeResponse.self, TELLER_DESCRIBE_RESPONSE, payload
    ).pointee
    var models: [ModelDescription] = []
    for index in 0..<response.n_models {
      guard let model = response.models[index]?.pointee else { continue }
      models.append(
        ModelDescription(
          kind: String(message: model.kind), version: String(message: model.version),
          trainedThrough: String(message: model.trained_through), parameters: model.parameters))
    }
    var methods: [UInt32: String] = [:]
    for index in 0..<response.n_methods {
      guard let method = response.methods[index]?.pointee else { continue }
      methods[method.number] = String(message: method.name)
    }
    let service = DescribeAnswer(
      serverVersion: String(message: response.server_version),
      itemIDs: (0..<response.n_item_ids).map { String(message: response.item_ids[$0]) },
      itemNames: (0..<response.n_item_names).map { String(message: response.item_names[$0]) },
      models: models, customers: response.customers,
      coldItems: ColdItemCodec.read(response.cold_items, count: response.n_cold_items),
      explorationWeight: response.exploration_weight)
    var limits = ServerLimits(RPCLimits())
    if let message = response.limits?.pointee { limits.read(message) }
    let page = ServerDescription(
      protocolVersion: response.protocol_version, service: service, methods: methods,
      limits: limits)
    return (page, Int(response.item_count))
  }
}

extension ServerLimits {
  fileprivate mutating func read(_ message: Teller__V1__Limits) {
    maxFrameBytes = message.max_frame_bytes
    maxCount = message.max_count
    maxExcludedItems = message.max_excluded_items
    maxFeedbackEvents = message.max_feedback_events
    maxImpressionItems = message.max_impression_items
    maxIDBytes = message.max_id_bytes
    maxRequestsInFlight = message.max_requests_in_flight
    maxStreamUsers = message.max_stream_users
    maxStreams = message.max_streams
    maxStreamCredit = message.max_stream_credit
    maxServerRequestsInFlight = message.max_server_requests_in_flight
    maxServerBytesInFlight = message.max_server_bytes_in_flight
  }
}
