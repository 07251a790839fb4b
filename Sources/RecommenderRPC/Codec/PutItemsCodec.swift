internal import CRecommenderMessages
internal import NIOCore

/// PutItems: decodes and checks its products, encodes their outcomes, and the reverse for clients.
enum PutItemsCodec {
  // MARK: Server

  static func decodeRequest(
    _ payload: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(RPCError) -> [PutItem] {
    arena.reset()
    let request = try arena.unpack(
      Teller__V1__PutItemsRequest.self, TELLER_PUT_ITEMS_REQUEST, payload)
    let count = request.pointee.n_items
    guard count >= 1 else {
      throw RPCError(
        code: .invalidArgument,
        message: "items must be 1 to \(MessageLimits.maxPutItems) entries, not 0")
    }
    var items: [PutItem] = []
    items.reserveCapacity(count)
    for index in 0..<count {
      guard let message = request.pointee.items[index] else { continue }
      do throws(RPCError) {
        items.append(try decode(message.pointee))
      } catch {
        throw RPCError(code: error.code, message: "items[\(index)].\(error.message)")
      }
    }
    return items
  }

  private static func decode(_ message: Teller__V1__Item) throws(RPCError) -> PutItem {
    let hasPrice = message.price_presence_case == TELLER__V1__ITEM__PRICE_PRESENCE_PRICE
    if hasPrice, !(message.price.isFinite && message.price >= 0) {
      throw RPCError(
        code: .invalidArgument,
        message: "price must be finite and not negative, not \(message.price)")
    }
    guard message.created_time_ms >= 0 else {
      throw RPCError(
        code: .invalidArgument,
        message: "created_time_ms must not be negative, not \(message.created_time_ms)")
    }
    var attributes: [PutItem.Attribute] = []
    for index in 0..<message.n_attributes {
      guard let attribute = message.attributes[index]?.pointee else { continue }
      attributes.append(
        PutItem.Attribute(
          key: try FeedbackCodec.text(
            attribute.key, "attributes[\(index)].key", 1...MessageLimits.maxAttributeKeyBytes),
          value: try FeedbackCodec.text(
            attribute.value, "attributes[\(index)].value", 1...MessageLimits.maxItemTextBytes)))
    }
    let texts = 0...MessageLimits.maxItemTextBytes
    return PutItem(
      itemID: try FeedbackCodec.text(message.item_id, "item_id", 1...MessageLimits.maxIDBytes),
      name: try FeedbackCodec.text(message.name, "name", texts),
      category: try FeedbackCodec.text(message.category, "category", texts),
      price: hasPrice ? message.price : nil, attributes: attributes,
      createdMilliseconds: message.created_time_ms)
  }

  static func writeResponse(
    _ outcomes: [PutItemOutcome], _ header: FrameHeader, arena: MessageArena, maxFrameBytes: Int,
    into output: inout ByteBuffer
  ) throws(RPCError) {
    arena.reset()
    var response = Teller__V1__PutItemsResponse()
    teller__v1__put_items_response__init(&response)
    let numbers = try arena.list(of: Teller__V1__PutItemOutcome.self, count: outcomes.count)
    let indexes = try arena.list(of: UInt32.self, count: outcomes.count)
    var reasons: [String] = []
    for (index, outcome) in outcomes.enumerated() {
      let number: UInt32
      switch outcome {
      case .created(let place): (number, indexes[index]) = (1, place)
      case .updated(let place): (number, indexes[index]) = (2, place)
      case .rejected(let reason):
        (number, indexes[index]) = (3, 0)
        if reasons.isEmpty { reasons = Array(repeating: "", count: outcomes.count) }
        reasons[index] = ProtocolVersion1.cut(reason, to: ProtocolVersion1.maxReasonBytes)
      }
      numbers[index] = Teller__V1__PutItemOutcome(rawValue: number)
    }
    response.n_outcomes = outcomes.count
    response.outcomes = numbers
    response.n_item_indexes = outcomes.count
    response.item_indexes = indexes
    response.n_reasons = reasons.count
    response.reasons = try arena.texts(reasons, field: "reasons")
    try output.writeMessageFrame(header, &response, maxFrameBytes: maxFrameBytes)
  }

  // MARK: Client

  static func writeRequest(
    _ items: [PutItem], _ header: FrameHeader, arena: MessageArena, maxFrameBytes: Int,
    into output: inout ByteBuffer
  ) throws(RPCError) {
    arena.reset()
    let messages = try arena.list(of: Teller__V1__Item.self, count: items.count)
    let pointers = try arena.list(
      of: UnsafeMutablePointer<Teller__V1__Item>?.self, count: items.count)
    for (index, item) in items.enumerated() {
      pointers[index] = messages + index
      try encode(item, into: messages + index, arena: arena)
    }
    var request = Teller__V1__PutItemsRequest()
    teller__v1__put_items_request__init(&request)
    request.n_items = items.count
    request.items = pointers
    try output.writeMessageFrame(header, &request, maxFrameBytes: maxFrameBytes)
  }

  private static func encode(
    _ item: PutItem, into message: UnsafeMutablePointer<Teller__V1__Item>, arena: MessageArena
  ) throws(RPCError) {
    teller__v1__item__init(message)
    message.pointee.item_id = try arena.text(item.itemID, field: "item_id")
    message.pointee.name = try arena.text(item.name, field: "name")
    message.pointee.category = try arena.text(item.category, field: "category")
    if let price = item.price {
      message.pointee.price_presence_case = TELLER__V1__ITEM__PRICE_PRESENCE_PRICE
      message.pointee.price = price
    }
    message.pointee.created_time_ms = item.createdMilliseconds
    let count = item.attributes.count
    let attributes = try arena.list(of: Teller__V1__ItemAttribute.self, count: count)
    let pointers = try arena.list(
      of: UnsafeMutablePointer<Teller__V1__ItemAttribute>?.self, count: count)
    for (index, attribute) in item.attributes.enumerated() {
      teller__v1__item_attribute__init(attributes + index)
      attributes[index].key = try arena.text(attribute.key, field: "key")
      attributes[index].value = try arena.text(attribute.value, field: "value")
      pointers[index] = attributes + index
    }
    message.pointee.n_attributes = count
    message.pointee.attributes = pointers
  }

  static func decodeResponse(
    _ payload: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(RPCError) -> [PutItemOutcome] {
    arena.reset()
    let response = try arena.unpack(
      Teller__V1__PutItemsResponse.self, TELLER_PUT_ITEMS_RESPONSE, payload
    ).pointee
    var outcomes: [PutItemOutcome] = []
    for index in 0..<response.n_outcomes {
      let place = index < response.n_item_indexes ? response.item_indexes[index] : 0
      switch response.outcomes[index].rawValue {
      case 1: outcomes.append(.created(itemIndex: place))
      case 2: outcomes.append(.updated(itemIndex: place))
      case 3:
        outcomes.append(
          .rejected(
            reason: index < response.n_reasons ? String(message: response.reasons[index]) : ""))
      case let number:
        throw RPCError(
          code: .unknown, message: "the server answered outcome \(number), which is not known")
      }
    }
    return outcomes
  }
}
