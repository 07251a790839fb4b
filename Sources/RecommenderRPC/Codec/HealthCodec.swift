internal import CRecommenderMessages
internal import NIOCore

/// What a client learns from Health.
public struct HealthReport: Equatable, Sendable {
  /// Whether new requests are welcome.
  public var status: ServingStatus
  /// Milliseconds since the server started.
  public var uptimeMilliseconds: UInt64
  /// CPU time of the server process in microseconds.
  public var cpuMicroseconds: UInt64
  /// Resident memory of the server process in bytes.
  public var memoryBytes: UInt64
  /// Requests answered since the start.
  public var requests: UInt64
  /// Version of the model now answering.
  public var modelVersion: String
  /// Answers handed to the log of recommendations since the start.
  public var recommendationsRecorded: UInt64
  /// Answers that did not get into that log.
  public var recommendationsDropped: UInt64

  /// Makes a report.
  public init(
    status: ServingStatus, uptimeMilliseconds: UInt64, cpuMicroseconds: UInt64,
    memoryBytes: UInt64, requests: UInt64, modelVersion: String,
    recommendationsRecorded: UInt64 = 0, recommendationsDropped: UInt64 = 0
  ) {
    self.status = status
    self.uptimeMilliseconds = uptimeMilliseconds
    self.cpuMicroseconds = cpuMicroseconds
    self.memoryBytes = memoryBytes
    self.requests = requests
    self.modelVersion = modelVersion
    self.recommendationsRecorded = recommendationsRecorded
    self.recommendationsDropped = recommendationsDropped
  }
}

/// Health: a request without fields, and the report.
enum HealthCodec {
  static func checkRequest(
    _ payload: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(RPCError) {
    arena.reset()
    _ = try arena.unpack(
      Teller__V1__HealthRequest.self, TELLER_HEALTH_REQUEST, payload)
  }

  static func writeResponse(
    _ report: HealthReport, _ header: FrameHeader, arena: MessageArena, maxFrameBytes: Int,
    into output: inout ByteBuffer
  ) throws(RPCError) {
    arena.reset()
    var response = Teller__V1__HealthResponse()
    teller__v1__health_response__init(&response)
    response.status = Teller__V1__ServingStatus(rawValue: report.status.rawValue)
    response.uptime_ms = report.uptimeMilliseconds
    response.cpu_time_us = report.cpuMicroseconds
    response.memory_bytes = report.memoryBytes
    response.requests = report.requests
    response.recommendations_recorded = report.recommendationsRecorded
    response.recommendations_dropped = report.recommendationsDropped
    response.model_version = try arena.text(report.modelVersion, field: "model_version")
    try output.writeMessageFrame(header, &response, maxFrameBytes: maxFrameBytes)
  }

  static func decodeResponse(
    _ payload: UnsafeRawBufferPointer, arena: MessageArena
  ) throws(RPCError) -> HealthReport {
    arena.reset()
    let response = try arena.unpack(
      Teller__V1__HealthResponse.self, TELLER_HEALTH_RESPONSE, payload
    ).pointee
    guard let status = ServingStatus(rawValue: response.status.rawValue) else {
      throw RPCError(
        code: .unknown, message: "the server answered status \(response.status.rawValue)")
    }
    return HealthReport(
      status: status, uptimeMilliseconds: response.uptime_ms,
      cpuMicroseconds: response.cpu_time_us, memoryBytes: response.memory_bytes,
      requests: response.requests, modelVersion: String(message: response.model_version),
      recommendationsRecorded: response.recommendations_recorded,
      recommendationsDropped: response.recommendations_dropped)
  }
}
