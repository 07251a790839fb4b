internal import CRecommenderMessages
internal import NIOCore

/// What is to be done with a server's models.
public enum ModelUpdate: UInt32, Sendable, CaseIterable {
  /// Load the newest versions, and put them in force.
  case reload = 1
  /// Put the versions in force again that were before these.
  case rollback = 2
}

/// Which models answer after an update.
public struct ModelUpdateOutcome: Equatable, Sendable {
  /// The version that answers Recommend now.
  public var modelVersion: String
  /// The version that did before; the same when nothing was done.
  public var previousModelVersion: String

  /// Makes an outcome.
  public init(modelVersion: String, previousModelVersion: String) {
    self.modelVersion = modelVersion
    self.previousModelVersion = previousModelVersion
  }
}

/// Answers an UpdateModels. It carries a list of one, as the other methods that are answered later
/// carry lists.
public typealias ModelUpdateCompletion = AnswerCompletion<[ModelUpdateOutcome]>

/// UpdateModels, both ways.
enum ModelUpdateCodec {
  static func decodeRequest(
    _ payload: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(RPCError) -> ModelUpdate {
    arena.reset()
    let number = try arena.unpack(
      Teller__V1__UpdateModelsRequest.self, TELLER_UPDATE_MODELS_REQUEST, payload
    ).pointee.update.rawValue
    guard let update = ModelUpdate(rawValue: number) else {
      throw RPCError(
        code: .invalidArgument, message: "update must be 1 (reload) or 2 (rollback), not \(number)")
    }
    return update
  }

  static func writeResponse(
    _ outcomes: [ModelUpdateOutcome], _ header: FrameHeader, arena: MessageArena,
    maxFrameBytes: Int, into output: inout ByteBuffer
  ) throws(RPCError) {
    arena.reset()
    var response = Teller__V1__UpdateModelsResponse()
    teller__v1__update_models_response__init(&response)
    let outcome = outcomes[0]
    response.model_version = try arena.text(outcome.modelVersion, field: "model_version")
    response.previous_model_version = try arena.text(
      outcome.previousModelVersion, field: "previous_model_version")
    try output.writeMessageFrame(header, &response, maxFrameBytes: maxFrameBytes)
  }

  static func writeRequest(
    _ update: ModelUpdate, _ header: FrameHeader, maxFrameBytes: Int, into output: inout ByteBuffer
  ) throws(RPCError) {
    var request = Teller__V1__UpdateModelsRequest()
    teller__v1__update_models_request__init(&request)
    request.update = Teller__V1__ModelUpdate(rawValue: update.rawValue)
    try output.writeMessageFrame(header, &request, maxFrameBytes: maxFrameBytes)
  }

  static func decodeResponse(
    _ payload: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(RPCError) -> ModelUpdateOutcome {
    arena.reset()
    let response = try arena.unpack(
      Teller__V1__UpdateModelsResponse.self, TELLER_UPDATE_MODELS_RESPONSE, payload
    ).pointee
    return ModelUpdateOutcome(
      modelVersion: String(message: response.model_version),
      previousModelVersion: String(message: response.previous_model_version))
  }
}
